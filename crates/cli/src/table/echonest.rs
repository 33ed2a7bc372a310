//! `echonest.csv` of the FMA archive, which names no genres: those stand in the tables beside it.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::StringRecord;
use tonearm::features::ECHO_NEST;

use super::{Line, number};
use crate::fma::{ArchiveTable, Tracks};

/// Whether a file that starts with this row is that table.
pub fn starts_with(row: &StringRecord) -> bool {
    row.get(0) == Some("") && row.get(1) == Some("echonest")
}

/// The rows whose tracks have a genre; the group is the artist. Says how many have none.
///
/// # Errors
/// If one of the three tables cannot be read, a column is missing, or a number is none.
pub fn lines(path: &Path) -> Result<Vec<Line>> {
    let shown = path.display();
    let mut csv = ArchiveTable::open(path.to_owned(), 4)?;
    ensure!(
        csv.column(&["", "", "", "track_id"])
            .is_ok_and(|id| id == 0),
        "{shown} has no first column \"track_id\", named in the fourth row"
    );
    let mut columns = [0; ECHO_NEST.len()];
    for (column, name) in columns.iter_mut().zip(ECHO_NEST) {
        *column = csv.column(&["echonest", "audio_features", name])?;
    }
    let known = known(path)
        .with_context(|| format!("the genres of {shown} are read from the tables beside it"))?;

    let (mut lines, mut n_rows) = (Vec::new(), 0);
    while csv.advance()? {
        n_rows += 1;
        let line = || -> Result<Option<Line>> {
            let track_id = csv.id(0, "the track's id")?;
            let mut values = [0.0; ECHO_NEST.len()];
            for ((value, &column), name) in values.iter_mut().zip(&columns).zip(ECHO_NEST) {
                *value = number(csv.cell(column), name)?;
            }
            Ok(known.get(&track_id).map(|(genre, artist_id)| Line {
                genre: genre.clone(),
                track_id,
                group: *artist_id,
                values,
            }))
        };
        lines.extend(line().with_context(|| csv.place())?);
    }
    if lines.len() < n_rows {
        let n_left_out = n_rows - lines.len();
        eprintln!("{n_left_out} of {n_rows} rows of {shown} have no genre and are left out.");
    }
    Ok(lines)
}

/// Genre and artist of each track that has a genre.
fn known(path: &Path) -> Result<HashMap<i32, (String, i32)>> {
    let mut known = HashMap::new();
    for track in Tracks::open(path.parent().unwrap_or(Path::new("")))? {
        let track = track?;
        if let Some(genre) = track.genre {
            known.insert(track.id, (genre, track.artist_id));
        }
    }
    Ok(known)
}
