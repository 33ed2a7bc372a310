//! Reads a manifest: a CSV of files, genres and artists.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::scan::{Scan, Source, stable_id, track_id};

/// The files in a manifest, in its order.
///
/// Paths are relative to `root`. A numeric artist is used as the artist id; for a name, the id is a hash. A
/// file without an artist counts as a separate artist.
///
/// # Errors
/// If the manifest cannot be read, is not UTF-8, lacks a column, or a row lacks a path or genre.
pub fn read(manifest: &Path, root: &Path) -> Result<Scan> {
    let name = manifest.display();
    let mut csv = ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(manifest)
        .map_err(|_| anyhow!("cannot open the manifest {name}"))?;
    let headers = csv
        .headers()
        .with_context(|| format!("the manifest {name} has no readable header"))?
        .clone();
    let column = |title: &str| {
        headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(title))
    };
    let required = |title: &str| {
        column(title).with_context(|| {
            format!("the manifest {name} has no column \"{title}\"; expected path, genre and, optionally, artist")
        })
    };
    let columns = Columns {
        path: required("path")?,
        genre: required("genre")?,
        artist: column("artist"),
    };

    let mut scan = Scan {
        sources: Vec::new(),
        ignored: 0,
        artists_known: columns.artist.is_some(),
    };
    for record in csv.records() {
        let record = record.with_context(|| format!("cannot read the manifest {name}"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (source, artist_known) = columns
            .source(&record, root)
            .with_context(|| format!("line {line} of {name}"))?;
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
    /// The file in a row, and whether the row has an artist.
    fn source(&self, record: &StringRecord, root: &Path) -> Result<(Source, bool)> {
        let field = |index: usize| record.get(index).unwrap_or_default();
        let (path, genre) = (field(self.path), field(self.genre));
        let artist = self.artist.map_or("", field);
        ensure!(!path.is_empty(), "the path is empty");
        ensure!(!genre.is_empty(), "the genre is empty");

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
