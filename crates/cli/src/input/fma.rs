//! Reads the tables of the FMA archive (github.com/mdeff/fma) in `fma_metadata.zip`.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::ValueEnum;
use csv::{Reader, ReaderBuilder, StringRecord};

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
    csv: ArchiveTable,
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
        let genres = Genres::read(folder.join("genres.csv"))?;
        let csv = ArchiveTable::open(folder.join("tracks.csv"), 3)?;
        ensure!(
            csv.column(&["", "", "track_id"]).is_ok_and(|id| id == 0),
            "{} has no \"track_id\" in the first column of its third row",
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

    /// The track in the current row.
    fn track(&self) -> Result<Track> {
        let genre = match self.csv.cell(self.columns.genre_top) {
            "" => self.genres.top(self.csv.cell(self.columns.genres))?,
            genre => Some(genre.to_owned()),
        };
        Ok(Track {
            id: self.csv.id(0, "the track id")?,
            artist_id: self.csv.id(self.columns.artist_id, "the artist id")?,
            subset: enum_value(self.csv.cell(self.columns.subset), "subset")?,
            set: enum_value(self.csv.cell(self.columns.set), "set")?,
            genre,
        })
    }
}

impl Iterator for Tracks {
    type Item = Result<Track>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.csv.advance() {
            Ok(false) => None,
            Ok(true) => Some(self.track().with_context(|| self.csv.position())),
            Err(error) => Some(Err(error)),
        }
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
                Ok((csv.id(id, "the genre id")?, genre))
            };
            genres.extend([row().with_context(|| csv.position())?]);
        }
        Ok(Self(genres))
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

/// A CSV with several header rows, as pandas writes it for a column index with several levels.
pub struct ArchiveTable {
    csv: Reader<File>,
    path: PathBuf,
    header: Vec<StringRecord>,
    row: StringRecord,
}

impl ArchiveTable {
    /// Opens a table and reads its header rows.
    ///
    /// # Errors
    /// If the file cannot be opened or read, or ends within the header.
    pub fn open(path: PathBuf, n_header_rows: usize) -> Result<Self> {
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .from_path(&path)
            .map_err(|_| anyhow!("cannot open {}", path.display()))?;
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
                "{} ends within its {n_header_rows} header rows",
                table.path.display()
            );
            table.header.push(table.row.clone());
        }
        Ok(table)
    }

    /// Index of the column with these names in the header rows, from top to bottom.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn column(&self, names: &[&str]) -> Result<usize> {
        let has_names = |index: &usize| {
            let cells = self.header.iter().map(|row| row.get(*index));
            cells
                .zip(names)
                .all(|(cell, name)| cell.map(str::trim) == Some(name))
        };
        let n_columns = self.header.first().map_or(0, StringRecord::len);
        (0..n_columns).find(has_names).with_context(|| {
            let (path, names) = (self.path.display(), names.join(", "));
            format!("{path} has no column \"{names}\"")
        })
    }

    /// Reads the next row; returns false at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or the number of cells differs from the other rows.
    pub fn advance(&mut self) -> Result<bool> {
        self.csv
            .read_record(&mut self.row)
            .with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// A cell of the current row.
    pub fn cell(&self, column: usize) -> &str {
        self.row.get(column).unwrap_or_default().trim()
    }

    /// A cell of the current row as an id; `name` describes it in the error.
    ///
    /// # Errors
    /// If the cell is not a non-negative integer.
    pub fn id(&self, column: usize, name: &str) -> Result<i32> {
        let cell = self.cell(column);
        (cell.parse().ok().filter(|id| *id >= 0))
            .with_context(|| format!("{name} is \"{cell}\", expected a non-negative integer"))
    }

    /// Line number and file of the current row, for errors.
    pub fn position(&self) -> String {
        let line = self.row.position().map_or(0, csv::Position::line);
        format!("line {line} of {}", self.path.display())
    }
}
