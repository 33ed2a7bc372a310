//! The tables of the FMA archive (github.com/mdeff/fma), as `fma_metadata.zip` holds them.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::ValueEnum;
use csv::{Reader, ReaderBuilder, StringRecord};

/// The archive's subsets; each holds those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Subset {
    /// 8,000 clips of 8 genres, the same number of each
    Small,
    /// 25,000 clips of 16 genres
    Medium,
    /// All 106,574 clips
    Large,
}

/// The parts of the archive's own split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Set {
    /// To fit on
    Training,
    /// To choose by
    Validation,
    /// To judge by
    Test,
}

/// What the archive says of a track.
#[derive(Debug, PartialEq)]
pub struct Track {
    pub id: i32,
    pub artist_id: i32,
    /// The smallest subset that the track is in.
    pub subset: Option<Subset>,
    pub set: Option<Set>,
    /// Its top-level genre; else the one that all of its genres lie under, where there is one.
    pub genre: Option<String>,
}

/// The rows of `tracks.csv`, read one at a time: the whole has 260 MB.
pub struct Tracks {
    csv: ArchiveTable,
    genres: Genres,
    columns: Columns,
}

/// Where the columns of `tracks.csv` are.
struct Columns {
    artist_id: usize,
    set: usize,
    subset: usize,
    genre_top: usize,
    genres: usize,
}

impl Tracks {
    /// Opens `tracks.csv` and reads `genres.csv` in a folder.
    ///
    /// # Errors
    /// If one of them is not there, is no such table, or lacks a column.
    pub fn open(folder: &Path) -> Result<Self> {
        let genres = Genres::read(folder.join("genres.csv"))?;
        let csv = ArchiveTable::open(folder.join("tracks.csv"), 3)?;
        ensure!(
            csv.column(&["", "", "track_id"]).is_ok_and(|id| id == 0),
            "{} has no first column \"track_id\", named in the third row",
            csv.path.display()
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

    /// The track of the row that was read.
    fn track(&self) -> Result<Track> {
        let genre = match self.csv.cell(self.columns.genre_top) {
            "" => self.genres.top(self.csv.cell(self.columns.genres))?,
            genre => Some(genre.to_owned()),
        };
        Ok(Track {
            id: self.csv.id(0, "the track's id")?,
            artist_id: self.csv.id(self.columns.artist_id, "the artist's id")?,
            subset: word(self.csv.cell(self.columns.subset), "subset")?,
            set: word(self.csv.cell(self.columns.set), "set")?,
            genre,
        })
    }
}

impl Iterator for Tracks {
    type Item = Result<Track>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.csv.advance() {
            Ok(false) => None,
            Ok(true) => Some(self.track().with_context(|| self.csv.place())),
            Err(error) => Some(Err(error)),
        }
    }
}

/// A cell that holds one of a few words, or nothing.
fn word<T: ValueEnum>(cell: &str, name: &str) -> Result<Option<T>> {
    if cell.is_empty() {
        return Ok(None);
    }
    let word = T::from_str(cell, false).map_err(|_| {
        let known = T::value_variants().iter().filter_map(T::to_possible_value);
        let known: Vec<_> = known.map(|value| value.get_name().to_owned()).collect();
        anyhow!("the {name} is \"{cell}\", not one of {}", known.join(", "))
    })?;
    Ok(Some(word))
}

/// The genres by their number.
struct Genres(HashMap<i32, Genre>);

struct Genre {
    title: String,
    /// Number of the genre above all that this one lies under; its own, if it is one of those.
    top_level: i32,
}

impl Genres {
    fn read(path: PathBuf) -> Result<Self> {
        let mut csv = ArchiveTable::open(path, 1)?;
        let (id, title, top_level) = (
            csv.column(&["genre_id"])?,
            csv.column(&["title"])?,
            csv.column(&["top_level"])?,
        );
        let mut genres = HashMap::new();
        while csv.advance()? {
            let row = || -> Result<_> {
                let genre = Genre {
                    title: csv.cell(title).to_owned(),
                    top_level: csv.id(top_level, "the top level")?,
                };
                ensure!(!genre.title.is_empty(), "the genre has no title");
                Ok((csv.id(id, "the genre's id")?, genre))
            };
            genres.extend([row().with_context(|| csv.place())?]);
        }
        Ok(Self(genres))
    }

    /// The title of the top-level genre that all genres of a list lie under, if there is one.
    fn top(&self, list: &str) -> Result<Option<String>> {
        let genre = |id: i32| {
            (self.0.get(&id)).with_context(|| format!("genres.csv does not have the genre {id}"))
        };
        let mut tops = Vec::new();
        for id in numbers(list)? {
            tops.push(genre(id)?.top_level);
        }
        tops.dedup();
        match tops[..] {
            [top] => Ok(Some(genre(top)?.title.clone())),
            _ => Ok(None),
        }
    }
}

/// The numbers of a list such as `[21, 103]`.
fn numbers(list: &str) -> Result<Vec<i32>> {
    let inner = match list {
        "" | "[]" => return Ok(Vec::new()),
        list => list
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']')),
    };
    inner
        .and_then(|inner| inner.split(',').map(|id| id.trim().parse().ok()).collect())
        .with_context(|| format!("the genres are \"{list}\", not a list such as [21, 103]"))
}

/// A table whose columns are named over several rows, as pandas writes them: `artist` above `id`.
pub struct ArchiveTable {
    csv: Reader<File>,
    path: PathBuf,
    header: Vec<StringRecord>,
    row: StringRecord,
}

impl ArchiveTable {
    /// Opens a table and reads the rows of its header.
    ///
    /// # Errors
    /// If the file cannot be opened or read, or has fewer rows.
    pub fn open(path: PathBuf, n_header_rows: usize) -> Result<Self> {
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .from_path(&path)
            .map_err(|_| anyhow!("{} cannot be opened", path.display()))?;
        let mut table = Self {
            csv,
            path,
            header: Vec::new(),
            row: StringRecord::new(),
        };
        for _ in 0..n_header_rows {
            let complete = table.advance()?;
            ensure!(
                complete,
                "{} ends within the rows that name its columns",
                table.path.display()
            );
            table.header.push(table.row.clone());
        }
        Ok(table)
    }

    /// Where the column is that has these names, from the first row down.
    ///
    /// # Errors
    /// If there is none.
    pub fn column(&self, names: &[&str]) -> Result<usize> {
        let is_named = |index: &usize| {
            let cells = self.header.iter().map(|row| row.get(*index));
            cells
                .zip(names)
                .all(|(cell, name)| cell.map(str::trim) == Some(name))
        };
        let n_columns = self.header.first().map_or(0, StringRecord::len);
        (0..n_columns).find(is_named).with_context(|| {
            let (shown, names) = (self.path.display(), names.join(", "));
            format!("{shown} has no column \"{names}\"")
        })
    }

    /// Reads the next row; false at the end.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or the row has more or fewer cells than the others.
    pub fn advance(&mut self) -> Result<bool> {
        self.csv
            .read_record(&mut self.row)
            .with_context(|| format!("{} cannot be read", self.path.display()))
    }

    /// A cell of the row that was read.
    pub fn cell(&self, column: usize) -> &str {
        self.row.get(column).unwrap_or_default().trim()
    }

    /// A cell that is a whole number from 0; `name` says of what, should it be none.
    ///
    /// # Errors
    /// If it is none.
    pub fn id(&self, column: usize, name: &str) -> Result<i32> {
        let cell = self.cell(column);
        (cell.parse().ok().filter(|id| *id >= 0))
            .with_context(|| format!("{name} is \"{cell}\", not a whole number from 0"))
    }

    /// Where the row is that was read.
    pub fn place(&self) -> String {
        let line = self.row.position().map_or(0, csv::Position::line);
        format!("line {line} of {}", self.path.display())
    }
}
