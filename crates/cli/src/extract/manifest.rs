//! A CSV that names files, genres and artists.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::scan::{Scan, Source, stable_id, track_id};

/// The files that a manifest names, in its order.
///
/// Paths start from `root`. An artist that is a number keeps it; a name gets a number of its own;
/// a file without an artist is an artist of its own.
///
/// # Errors
/// If the manifest cannot be read, is not UTF-8, lacks a column, or a row lacks a path or genre.
pub fn read(manifest: &Path, root: &Path) -> Result<Scan> {
    let shown = manifest.display();
    let mut csv = ReaderBuilder::new()
        .trim(Trim::All)
        .from_path(manifest)
        .map_err(|_| anyhow!("the manifest {shown} cannot be opened"))?;
    let headers = csv
        .headers()
        .with_context(|| format!("the manifest {shown} has no readable header"))?
        .clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(name))
    };
    let required = |name: &str| {
        column(name).with_context(|| format!("the manifest {shown} has no column \"{name}\"; it needs path and genre, and may have artist"))
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
        let record = record.with_context(|| format!("the manifest {shown} cannot be read"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (source, artist_known) = columns
            .source(&record, root)
            .with_context(|| format!("line {line} of {shown}"))?;
        scan.artists_known &= artist_known;
        scan.sources.push(source);
    }
    Ok(scan)
}

/// Where the columns are.
struct Columns {
    path: usize,
    genre: usize,
    artist: Option<usize>,
}

impl Columns {
    /// One row's file, and whether its artist is known.
    fn source(&self, record: &StringRecord, root: &Path) -> Result<(Source, bool)> {
        let field = |index: usize| record.get(index).unwrap_or_default();
        let (path, genre) = (field(self.path), field(self.genre));
        let artist = self.artist.map_or("", field);
        ensure!(!path.is_empty(), "there is no path");
        ensure!(!genre.is_empty(), "there is no genre");

        let source = Source {
            path: root.join(path),
            genre: genre.to_owned(),
            track_id: track_id(Path::new(path)),
            artist_id: match artist {
                "" => stable_id(path),
                // Marked, so that a name never meets a path.
                name => name
                    .parse()
                    .unwrap_or_else(|_| stable_id(&format!("artist {name}"))),
            },
        };
        Ok((source, !artist.is_empty()))
    }
}
