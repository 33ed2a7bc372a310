//! Reads a manifest: a CSV of files, genres and artists.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::scan::{Scan, Source, stable_id, track_id};
use crate::input::csv_table::CsvTable;

/// The files in a manifest, in its order.
///
/// Paths are relative to `root`. A numeric artist is used as the artist id; for a name, the id is a hash. A
/// file without an artist counts as a separate artist.
///
/// # Errors
/// If the manifest cannot be read, is not UTF-8, lacks a column, or a row lacks a path or genre.
pub fn read(manifest: &Path, root: &Path) -> Result<Scan> {
    let mut csv = CsvTable::open("the manifest ", manifest, 1)?;
    let required = |name| {
        csv.column(&[name])
            .map_err(|error| anyhow!("{error}; expected path, genre and, optionally, artist"))
    };
    let columns = Columns {
        path: required("path")?,
        genre: required("genre")?,
        artist: csv.find(&["artist"]),
    };

    let mut scan = Scan {
        sources: Vec::new(),
        ignored: 0,
        artists_known: columns.artist.is_some(),
    };
    for row in csv.rows(|csv| columns.source(csv, root)) {
        let (source, artist_known) = row?;
        scan.artists_known &= artist_known;
        scan.sources.push(source);
    }
    Ok(scan)
}

/// Indices of the columns.
struct Columns {
    path: usize,
    genre: usize,
    artist: Option<usize>,
}

impl Columns {
    /// The file in the current row, and whether the row has an artist.
    fn source(&self, csv: &CsvTable, root: &Path) -> Result<(Source, bool)> {
        let path = csv.text(self.path, "the path")?;
        let genre = csv.text(self.genre, "the genre")?;
        let artist = self.artist.map_or("", |artist| csv.cell(artist));

        let source = Source {
            path: root.join(path),
            name: path.to_owned(),
            genre: genre.to_owned(),
            track_id: track_id(Path::new(path)),
            artist_id: match artist {
                "" => stable_id(path),
                // The prefix keeps artist names and paths from sharing an id.
                name => name
                    .parse()
                    .unwrap_or_else(|_| stable_id(&format!("artist {name}"))),
            },
        };
        Ok((source, !artist.is_empty()))
    }
}
