//! Compares `tonearm extract` on real clips with rows that librosa computed. Skipped without the shared data.

use std::fs::File;
use std::path::{Path, PathBuf};

use tonearm::data::{Dataset, Values};

use crate::workspace::{Workspace, text};

/// The shared data beside the repository, if it exists.
fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if path.join("audio").is_dir() {
        return Some(path);
    }
    println!("skipped: there is no ../shared/data here");
    None
}

/// The rows that `extract` computes from the real clips, and the expected rows.
fn extracted(data: &Path, features: &str) -> (Dataset, Dataset) {
    let workspace = Workspace::new();
    let audio = data.join("audio");
    let run = workspace.run(&[
        "extract",
        text(&audio),
        "--features",
        features,
        "--out",
        "x.npz",
        "--json",
    ]);
    let summary = run.succeeds().json();
    assert_eq!(
        (&summary["rows"], &summary["unreadable"]),
        (&16.into(), &serde_json::json!([]))
    );

    let read = |path: PathBuf| {
        Dataset::from_npz(File::open(path).expect("the file exists")).expect("the archive is valid")
    };
    let expected = read(data.join(format!("fma-small/{features}-train.npz")));
    (read(workspace.path("x.npz")), expected)
}

/// Pairs of rows of the same track.
fn pairs(got: &Dataset, expected: &Dataset) -> Vec<(usize, usize)> {
    let row_of = |track: i32| expected.track_id.iter().position(|other| *other == track);
    let tracks = got.track_id.iter().enumerate();
    tracks
        .filter_map(|(row, track)| Some((row, row_of(*track)?)))
        .collect()
}

/// Mean of |got - expected| over a row.
fn mean_error(got: &Dataset, row: usize, expected: &Dataset, expected_row: usize) -> f64 {
    let scale = match expected.x {
        Values::U8(_) => 255.0,
        _ => 1.0,
    };
    let (mut a, mut b) = (vec![0.0; got.row_len()], vec![0.0; expected.row_len()]);
    got.row_into(row, &mut a);
    expected.row_into(expected_row, &mut b);
    let sum: f64 = a
        .iter()
        .zip(&b)
        .map(|(a, b)| f64::from((a - b).abs()))
        .sum();
    scale * sum / a.len() as f64
}

#[track_caller]
fn every_row_is_within(features: &str, tolerance: f64) {
    let Some(data) = data() else { return };
    let (got, expected) = extracted(&data, features);
    assert_eq!(got.shape, expected.shape);
    let pairs = pairs(&got, &expected);
    assert!(pairs.len() >= 15, "{} of the clips have rows", pairs.len());
    for (row, expected_row) in pairs {
        let (track, error) = (
            got.track_id[row],
            mean_error(&got, row, &expected, expected_row),
        );
        println!("{features} of track {track}: {error:.4}");
        assert!(error < tolerance, "track {track}: {error}");
    }
}

#[test]
fn mel_rows_of_real_clips_are_within_one_level() {
    every_row_is_within("mel", 1.0);
}

#[test]
fn mfcc_rows_of_real_clips_are_within_one_half() {
    every_row_is_within("mfcc", 0.5);
}
