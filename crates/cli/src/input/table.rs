//! Tables of Echo Nest features: CSV with a genre and eight numbers per row.

mod echonest;

use std::path::Path;

use anyhow::{Result, anyhow, bail, ensure};
use tonearm::data::{Dataset, Values};
use tonearm::features::ECHO_NEST;

use super::csv_table::CsvTable;

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

/// One row of a table.
struct Line {
    /// Empty if the table has no genre column.
    genre: String,
    track_id: i32,
    group: i32,
    values: [f32; ECHO_NEST.len()],
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
    let mut csv = CsvTable::open("", path, 1)?;
    let (mut lines, has_groups, has_track_ids) = if echonest::is_header_of(&csv) {
        (echonest::lines(path)?, true, true)
    } else {
        let columns = Columns::new(&csv)?;
        required(&csv, "genre")?;
        let (has_groups, has_track_ids) = (columns.group.is_some(), columns.track_id.is_some());
        (columns.lines(&mut csv)?, has_groups, has_track_ids)
    };
    let labels = match genres {
        Some(genres) => {
            let repeated =
                (1..genres.len()).find(|&index| genres[..index].contains(&genres[index]));
            if let Some(index) = repeated {
                bail!("the genre {} is named twice", genres[index]);
            }
            genres.to_vec()
        }
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
    let mut csv = CsvTable::open("", path, 1)?;
    let lines = Columns::new(&csv)?.lines(&mut csv)?;
    Ok(lines.into_iter().map(|line| line.values).collect())
}

/// Indices of the columns.
struct Columns {
    genre: Option<usize>,
    track_id: Option<usize>,
    group: Option<usize>,
    features: [usize; ECHO_NEST.len()],
}

impl Columns {
    fn new(csv: &CsvTable) -> Result<Self> {
        Ok(Self {
            genre: csv.find(&["genre"]),
            track_id: csv.find(&["track_id"]),
            group: csv.find(&["group"]),
            features: feature_columns(|name| required(csv, name))?,
        })
    }

    /// All rows of the file. A missing track id or group is the number of the row.
    fn lines(&self, csv: &mut CsvTable) -> Result<Vec<Line>> {
        let mut index = 0;
        let lines = csv.rows(|csv| {
            let line = self.line(csv, index);
            index += 1;
            line
        });
        lines.collect()
    }

    /// The current row; `index` replaces a missing track id or group.
    fn line(&self, csv: &CsvTable, index: i32) -> Result<Line> {
        let id = |column: Option<usize>, name: &str| {
            column.map_or(Ok(index), |column| csv.integer(column, name))
        };
        let values = features(csv, &self.features)?;
        let genre = match self.genre {
            Some(column) => csv.text(column, "the genre")?,
            None => "",
        };
        let full_name = SHORT_NAMES.iter().find(|(short, _)| *short == genre);
        Ok(Line {
            genre: full_name
                .map_or(genre, |(_, full_name)| full_name)
                .to_owned(),
            track_id: id(self.track_id, "the track id")?,
            group: id(self.group, "the group")?,
            values,
        })
    }
}

/// Index of a column that a table must have.
fn required(csv: &CsvTable, name: &str) -> Result<usize> {
    csv.column(&[name]).map_err(|error| {
        let features = ECHO_NEST.join(", ");
        anyhow!("{error}; expected the columns genre, {features}")
    })
}

/// Indices of the columns of the features, of which `column` finds one by its name.
fn feature_columns(column: impl Fn(&str) -> Result<usize>) -> Result<[usize; ECHO_NEST.len()]> {
    let mut columns = [0; ECHO_NEST.len()];
    for (index, name) in columns.iter_mut().zip(ECHO_NEST) {
        *index = column(name)?;
    }
    Ok(columns)
}

/// The features in the current row.
fn features(csv: &CsvTable, columns: &[usize; ECHO_NEST.len()]) -> Result<[f32; ECHO_NEST.len()]> {
    let mut values = [0.0; ECHO_NEST.len()];
    for ((value, &column), name) in values.iter_mut().zip(columns).zip(ECHO_NEST) {
        *value = csv.number(column, name)?;
    }
    Ok(values)
}
