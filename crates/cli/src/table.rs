//! Tables of Echo Nest features: CSV with a genre and eight numbers a row.

mod echonest;

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use tonearm::data::{Dataset, Values};
use tonearm::features::ECHO_NEST;

/// Rows of a table, and the names of their labels.
pub struct Table {
    /// The features, in the order of [`ECHO_NEST`]. The group of a row stands for its artist; in a
    /// table without groups each row is one of its own.
    pub rows: Dataset,
    /// Names of the labels.
    pub labels: Vec<String>,
    /// Whether the rows have groups.
    pub grouped: bool,
    /// Whether the rows have track ids; else they are numbered.
    pub tracks: bool,
}

/// Genres that the study's table shortens.
const SHORT_NAMES: [(&str, &str); 2] = [("R", "Rock"), ("E", "Electronic")];

/// Reads a table: the columns `genre` and the eight features; `track_id` and `group` where there
/// are any. Or `echonest.csv` of the FMA archive, with `tracks.csv` and `genres.csv` beside it.
///
/// The labels are `genres`, and rows of others are left out; by default all genres of the table,
/// by name.
///
/// # Errors
/// If the file cannot be read, a column is missing, a number is none, or no row is left.
pub fn read(path: &Path, genres: Option<&[String]>) -> Result<Table> {
    let shown = path.display();
    let mut csv = reader(path)?;
    let headers = csv
        .headers()
        .with_context(|| format!("{shown} has no readable header"))?;
    let (mut lines, grouped, tracks) = if echonest::starts_with(headers) {
        (echonest::lines(path)?, true, true)
    } else {
        let columns = Columns::new(headers).with_context(|| shown.to_string())?;
        ensure!(columns.genre.is_some(), "{shown}: {}", missing("genre"));
        let (grouped, tracks) = (columns.group.is_some(), columns.track_id.is_some());
        (columns.lines(csv, path)?, grouped, tracks)
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
    ensure!(!lines.is_empty(), "{shown} has no row of these genres");
    ensure!(labels.len() <= 255, "{shown} has more than 255 genres");

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
        grouped,
        tracks,
    })
}

/// Reads a table of all genres, whose rows name their tracks.
///
/// # Errors
/// As [`read`], or if there is no column `track_id`.
pub fn read_tracks(path: &Path) -> Result<Table> {
    let table = read(path, None)?;
    ensure!(
        table.tracks,
        "{} has no column \"track_id\"",
        path.display()
    );
    Ok(table)
}

/// Reads the features of every row, whatever else stands in it.
///
/// # Errors
/// If the file cannot be read, a column of a feature is missing, or a number is none.
pub fn read_features(path: &Path) -> Result<Vec<[f32; ECHO_NEST.len()]>> {
    let shown = path.display();
    let mut csv = reader(path)?;
    let headers = csv
        .headers()
        .with_context(|| format!("{shown} has no readable header"))?;
    let columns = Columns::new(headers).with_context(|| shown.to_string())?;
    let lines = columns.lines(csv, path)?;
    Ok(lines.into_iter().map(|line| line.values).collect())
}

fn reader(path: &Path) -> Result<Reader<File>> {
    ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(path)
        .with_context(|| format!("{} cannot be read", path.display()))
}

/// One row as it was read.
struct Line {
    /// Empty in a table without genres.
    genre: String,
    track_id: i32,
    group: i32,
    values: [f32; ECHO_NEST.len()],
}

/// Where the columns are.
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
        for (place, name) in features.iter_mut().zip(ECHO_NEST) {
            *place = find(name).with_context(|| missing(name))?;
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
        let shown = path.display();
        let mut lines = Vec::new();
        for record in csv.records() {
            let record = record.with_context(|| format!("{shown} cannot be read"))?;
            let line = record.position().map_or(0, csv::Position::line);
            let line = self
                .line(&record, lines.len() as i32)
                .with_context(|| format!("line {line} of {shown}"))?;
            lines.push(line);
        }
        Ok(lines)
    }

    /// One row; `index` stands for what identifies it, where the table does not say.
    fn line(&self, record: &StringRecord, index: i32) -> Result<Line> {
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let whole = |column: Option<usize>| match column {
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
        ensure!(self.genre.is_none() || !genre.is_empty(), "no genre");
        let long = SHORT_NAMES.iter().find(|(short, _)| *short == genre);
        Ok(Line {
            genre: long.map_or(genre, |(_, long)| long).to_owned(),
            track_id: whole(self.track_id)?,
            group: whole(self.group)?,
            values,
        })
    }
}

fn missing(column: &str) -> String {
    let features = ECHO_NEST.join(", ");
    format!("no column \"{column}\"; a table has genre, {features}")
}

/// A cell of the feature `name`.
fn number(cell: &str, name: &str) -> Result<f32> {
    match cell.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => bail!("{name} is \"{cell}\", not a number"),
    }
}
