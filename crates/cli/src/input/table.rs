//! Tables of Echo Nest features: CSV with a genre and eight numbers per row.

mod echonest;
mod line;

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use tonearm::data::{Dataset, Values};
use tonearm::features::ECHO_NEST;

use line::{Line, number};

/// The rows of a table and their labels.
pub struct Table {
    /// The features, in the order of [`ECHO_NEST`]. The artist id of a row is its group, or its number in a
    /// table without groups.
    pub rows: Dataset,
    /// Genre names, in label order.
    pub labels: Vec<String>,
    /// Whether the table has a group column.
    pub has_groups: bool,
    /// Whether the table has a column of track ids; otherwise the rows are numbered.
    pub has_track_ids: bool,
}

/// Abbreviations of genres in the study's table.
const SHORT_NAMES: [(&str, &str); 2] = [("R", "Rock"), ("E", "Electronic")];

/// Reads a table with the columns `genre` and the eight features, and optionally `track_id` and `group`; or
/// `echonest.csv` of the FMA archive, with `tracks.csv` and `genres.csv` beside it.
///
/// The labels are `genres`, and rows of other genres are left out. By default the labels are all genres of
/// the table, sorted.
///
/// # Errors
/// If the file cannot be read, a column is missing, a cell is not a number, or no row is left.
pub fn read(path: &Path, genres: Option<&[String]>) -> Result<Table> {
    let name = path.display();
    let mut csv = reader(path)?;
    let headers = csv
        .headers()
        .with_context(|| format!("{name} has no readable header"))?;
    let (mut lines, has_groups, has_track_ids) = if echonest::starts_with(headers) {
        (echonest::lines(path)?, true, true)
    } else {
        let columns = Columns::new(headers).with_context(|| name.to_string())?;
        ensure!(columns.genre.is_some(), "{name}: {}", missing("genre"));
        let (has_groups, has_track_ids) = (columns.group.is_some(), columns.track_id.is_some());
        (columns.lines(csv, path)?, has_groups, has_track_ids)
    };
    let labels = match genres {
        Some(genres) => genres.to_vec(),
        None => {
            let mut all: Vec<String> = lines.iter().map(|line| line.genre.clone()).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
    };
    lines.retain(|line| labels.contains(&line.genre));
    ensure!(!lines.is_empty(), "{name} has no rows of the chosen genres");
    ensure!(labels.len() <= 255, "{name} has more than 255 genres");

    let label = |line: &Line| labels.iter().position(|label| *label == line.genre);
    let rows = Dataset::new(
        Values::F32(lines.iter().flat_map(|line| line.values).collect()),
        [1, ECHO_NEST.len()],
        lines
            .iter()
            .filter_map(label)
            .map(|label| label as u8)
            .collect(),
        lines.iter().map(|line| line.track_id).collect(),
        lines.iter().map(|line| line.group).collect(),
    )?;
    Ok(Table {
        rows,
        labels,
        has_groups,
        has_track_ids,
    })
}

/// Reads a table with all genres and a column of track ids.
///
/// # Errors
/// As [`read`], and if the table has no column `track_id`.
pub fn read_tracks(path: &Path) -> Result<Table> {
    let table = read(path, None)?;
    ensure!(
        table.has_track_ids,
        "{} has no column \"track_id\"",
        path.display()
    );
    Ok(table)
}

/// Reads the features of every row, and ignores other columns.
///
/// # Errors
/// If the file cannot be read, a feature column is missing, or a cell is not a number.
pub fn read_features(path: &Path) -> Result<Vec<[f32; ECHO_NEST.len()]>> {
    let name = path.display();
    let mut csv = reader(path)?;
    let headers = csv
        .headers()
        .with_context(|| format!("{name} has no readable header"))?;
    let columns = Columns::new(headers).with_context(|| name.to_string())?;
    let lines = columns.lines(csv, path)?;
    Ok(lines.into_iter().map(|line| line.values).collect())
}

fn reader(path: &Path) -> Result<Reader<File>> {
    ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Indices of the columns.
struct Columns {
    genre: Option<usize>,
    track_id: Option<usize>,
    group: Option<usize>,
    features: [usize; ECHO_NEST.len()],
}

impl Columns {
    fn new(headers: &StringRecord) -> Result<Self> {
        let find = |name: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(name));
        let mut features = [0; ECHO_NEST.len()];
        for (column, name) in features.iter_mut().zip(ECHO_NEST) {
            *column = find(name).with_context(|| missing(name))?;
        }
        Ok(Self {
            genre: find("genre"),
            track_id: find("track_id"),
            group: find("group"),
            features,
        })
    }

    /// All rows of the file.
    fn lines(&self, mut csv: Reader<File>, path: &Path) -> Result<Vec<Line>> {
        let name = path.display();
        let mut lines = Vec::new();
        for record in csv.records() {
            let record = record.with_context(|| format!("cannot read {name}"))?;
            let line = record.position().map_or(0, csv::Position::line);
            let line = self
                .line(&record, lines.len() as i32)
                .with_context(|| format!("line {line} of {name}"))?;
            lines.push(line);
        }
        Ok(lines)
    }

    /// Parses one row; `index` replaces a missing track id or group.
    fn line(&self, record: &StringRecord, index: i32) -> Result<Line> {
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let id = |column: Option<usize>| match column {
            None => Ok(index),
            Some(column) => cell(column)
                .parse()
                .with_context(|| format!("\"{}\" is not a whole number", cell(column))),
        };
        let mut values = [0.0; ECHO_NEST.len()];
        for ((value, &column), name) in values.iter_mut().zip(&self.features).zip(ECHO_NEST) {
            *value = number(cell(column), name)?;
        }
        let genre = self.genre.map_or("", cell);
        ensure!(
            self.genre.is_none() || !genre.is_empty(),
            "the genre is empty"
        );
        let full_name = SHORT_NAMES.iter().find(|(short, _)| *short == genre);
        Ok(Line {
            genre: full_name
                .map_or(genre, |(_, full_name)| full_name)
                .to_owned(),
            track_id: id(self.track_id)?,
            group: id(self.group)?,
            values,
        })
    }
}

fn missing(column: &str) -> String {
    let features = ECHO_NEST.join(", ");
    format!("no column \"{column}\"; expected the columns genre, {features}")
}
