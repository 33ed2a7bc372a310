//! `echonest.csv` of the FMA archive. It has no genres; `tracks.csv` and `genres.csv` beside it do.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{Line, feature_columns, features};
use crate::input::csv_table::CsvTable;
use crate::input::fma::Tracks;
use crate::output;

/// Whether the first header row of a table is that of `echonest.csv`.
pub fn is_header_of(csv: &CsvTable) -> bool {
    csv.name(0, 0).is_empty() && csv.name(0, 1) == "echonest"
}

/// Reads the rows whose tracks have a genre, with the artist as the group. Prints how many are left out.
///
/// # Errors
/// If one of the three tables cannot be read, a column is missing, or a cell is not a number.
pub fn lines(path: &Path) -> Result<Vec<Line>> {
    let shown = path.display();
    let mut csv = CsvTable::open("", path, 4)?;
    ensure!(
        csv.column(&["", "", "", "track_id"])
            .is_ok_and(|id| id == 0),
        "{shown} has no \"track_id\" in the first column of its fourth row"
    );
    let columns = feature_columns(|name| csv.column(&["echonest", "audio_features", name]))?;
    let genres = genres_by_track(path).with_context(|| {
        format!(
            "cannot read the genres of {shown} from tracks.csv and genres.csv in the same folder"
        )
    })?;

    let rows = csv.rows(|csv| {
        let track_id = csv.id(0, "the track id")?;
        let values = features(csv, &columns)?;
        Ok(genres.get(&track_id).map(|(genre, artist_id)| Line {
            genre: genre.clone(),
            track_id,
            group: *artist_id,
            values,
        }))
    });
    let (mut lines, mut n_rows) = (Vec::new(), 0);
    for row in rows {
        n_rows += 1;
        lines.extend(row?);
    }
    if lines.len() < n_rows {
        let n_left_out = n_rows - lines.len();
        output::note(format_args!(
            "left out {n_left_out} of {n_rows} rows of {shown}, because their tracks have no genre"
        ));
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
