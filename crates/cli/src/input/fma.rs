//! Reads the tables of the FMA archive (github.com/mdeff/fma) in `fma_metadata.zip`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use clap::ValueEnum;

use super::csv_table::CsvTable;

/// The archive's subsets; each contains the smaller ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Subset {
    /// 8,000 clips of 8 genres, the same number of each
    Small,
    /// 25,000 clips of 16 genres
    Medium,
    /// All 106,574 clips
    Large,
}

/// The sets of the archive's own split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Set {
    /// The training set
    Training,
    /// The validation set
    Validation,
    /// The test set
    Test,
}

/// A track of the archive.
#[derive(Debug, PartialEq)]
pub struct Track {
    pub id: i32,
    pub artist_id: i32,
    /// The smallest subset that contains the track.
    pub subset: Option<Subset>,
    pub set: Option<Set>,
    /// The track's top-level genre or, if it has none, the top-level genre that all its genres share.
    pub genre: Option<String>,
}

/// The rows of `tracks.csv`, read one at a time because the file has 260 MB.
pub struct Tracks {
    csv: CsvTable,
    genres: Genres,
    columns: Columns,
}

/// Indices of the columns of `tracks.csv`.
struct Columns {
    artist_id: usize,
    set: usize,
    subset: usize,
    genre_top: usize,
    genres: usize,
}

impl Tracks {
    /// Opens `tracks.csv` and reads `genres.csv` in the same folder.
    ///
    /// # Errors
    /// If one of them cannot be opened or lacks a column.
    pub fn open(folder: &Path) -> Result<Self> {
        let genres = Genres::read(&folder.join("genres.csv"))?;
        let path = folder.join("tracks.csv");
        let csv = CsvTable::open("", &path, 3)?;
        ensure!(
            csv.column(&["", "", "track_id"]).is_ok_and(|id| id == 0),
            "{} has no \"track_id\" in the first column of its third row",
            path.display()
        );
        let columns = Columns {
            artist_id: csv.column(&["artist", "id"])?,
            set: csv.column(&["set", "split"])?,
            subset: csv.column(&["set", "subset"])?,
            genre_top: csv.column(&["track", "genre_top"])?,
            genres: csv.column(&["track", "genres"])?,
        };
        Ok(Self {
            csv,
            genres,
            columns,
        })
    }
}

impl Columns {
    /// The track in the current row.
    fn track(&self, csv: &CsvTable, genres: &Genres) -> Result<Track> {
        let genre = match csv.cell(self.genre_top) {
            "" => genres.top(csv.cell(self.genres))?,
            genre => Some(genre.to_owned()),
        };
        Ok(Track {
            id: csv.id(0, "the track id")?,
            artist_id: csv.id(self.artist_id, "the artist id")?,
            subset: enum_value(csv.cell(self.subset), "subset")?,
            set: enum_value(csv.cell(self.set), "set")?,
            genre,
        })
    }
}

impl Iterator for Tracks {
    type Item = Result<Track>;

    fn next(&mut self) -> Option<Self::Item> {
        self.csv
            .next_row(|csv| self.columns.track(csv, &self.genres))
    }
}

/// Parses a cell that is empty or a value of an enum.
fn enum_value<T: ValueEnum>(cell: &str, name: &str) -> Result<Option<T>> {
    if cell.is_empty() {
        return Ok(None);
    }
    let value = T::from_str(cell, false).map_err(|_| {
        let names = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
        anyhow!(
            "the {name} is \"{cell}\", expected one of {}",
            names.join(", ")
        )
    })?;
    Ok(Some(value))
}

/// The genres by id.
struct Genres(HashMap<i32, Genre>);

struct Genre {
    title: String,
    /// Id of the top-level genre that contains this genre.
    top_level: i32,
}

impl Genres {
    fn read(path: &Path) -> Result<Self> {
        let mut csv = CsvTable::open("", path, 1)?;
        let (id, title, top_level) = (
            csv.column(&["genre_id"])?,
            csv.column(&["title"])?,
            csv.column(&["top_level"])?,
        );
        let rows = csv.rows(|csv| {
            let genre = Genre {
                title: csv.cell(title).to_owned(),
                top_level: csv.id(top_level, "the top level")?,
            };
            ensure!(!genre.title.is_empty(), "the genre has no title");
            Ok((csv.id(id, "the genre id")?, genre))
        });
        Ok(Self(rows.collect::<Result<_>>()?))
    }

    /// Title of the top-level genre that all genres of a list share, if there is one.
    fn top(&self, list: &str) -> Result<Option<String>> {
        let genre = |id: i32| {
            (self.0.get(&id)).with_context(|| format!("genres.csv has no genre with the id {id}"))
        };
        let mut tops = Vec::new();
        for id in parse_ids(list)? {
            tops.push(genre(id)?.top_level);
        }
        tops.dedup();
        match tops[..] {
            [top] => Ok(Some(genre(top)?.title.clone())),
            _ => Ok(None),
        }
    }
}

/// Parses a list of ids such as `[21, 103]`.
fn parse_ids(list: &str) -> Result<Vec<i32>> {
    let inner = match list {
        "" | "[]" => return Ok(Vec::new()),
        list => list
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']')),
    };
    inner
        .and_then(|inner| inner.split(',').map(|id| id.trim().parse().ok()).collect())
        .with_context(|| format!("the genres are \"{list}\", expected a list such as [21, 103]"))
}
