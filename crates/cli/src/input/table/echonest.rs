//! `echonest.csv` of the FMA archive. It has no genres; `tracks.csv` and `genres.csv` beside it do.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::StringRecord;
use tonearm::features::ECHO_NEST;

use super::line::{Line, number};
use crate::input::fma::{ArchiveTable, Tracks};

/// Whether a file with this first row is `echonest.csv`.
pub fn starts_with(row: &StringRecord) -> bool {
    row.get(0) == Some("") && row.get(1) == Some("echonest")
}

/// Reads the rows whose tracks have a genre, with the artist as the group. Prints how many are left out.
///
/// # Errors
/// If one of the three tables cannot be read, a column is missing, or a cell is not a number.
pub fn lines(path: &Path) -> Result<Vec<Line>> {
    let shown = path.display();
    let mut csv = ArchiveTable::open(path.to_owned(), 4)?;
    ensure!(
        csv.column(&["", "", "", "track_id"])
            .is_ok_and(|id| id == 0),
        "{shown} has no \"track_id\" in the first column of its fourth row"
    );
    let mut columns = [0; ECHO_NEST.len()];
    for (column, name) in columns.iter_mut().zip(ECHO_NEST) {
        *column = csv.column(&["echonest", "audio_features", name])?;
    }
    let genres = genres_by_track(path).with_context(|| {
        format!(
            "cannot read the genres of {shown} from tracks.csv and genres.csv in the same folder"
        )
    })?;

    let (mut lines, mut n_rows) = (Vec::new(), 0);
    while csv.advance()? {
        n_rows += 1;
        let line = || -> Result<Option<Line>> {
            let track_id = csv.id(0, "the track id")?;
            let mut values = [0.0; ECHO_NEST.len()];
            for ((value, &column), name) in values.iter_mut().zip(&columns).zip(ECHO_NEST) {
                *value = number(csv.cell(column), name)?;
            }
            Ok(genres.get(&track_id).map(|(genre, artist_id)| Line {
                genre: genre.clone(),
                track_id,
                group: *artist_id,
                values,
            }))
        };
        lines.extend(line().with_context(|| csv.position())?);
    }
    if lines.len() < n_rows {
        let n_left_out = n_rows - lines.len();
        eprintln!(
            "left out {n_left_out} of {n_rows} rows of {shown}, because their tracks have no genre"
        );
    }
    Ok(lines)
}

/// Genre and artist of each track that has a genre.
fn genres_by_track(path: &Path) -> Result<HashMap<i32, (String, i32)>> {
    let mut genres = HashMap::new();
    for track in Tracks::open(path.parent().unwrap_or(Path::new("")))? {
        let track = track?;
        if let Some(genre) = track.genre {
            genres.insert(track.id, (genre, track.artist_id));
        }
    }
    Ok(genres)
}
