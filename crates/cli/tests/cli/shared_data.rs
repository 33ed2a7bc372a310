//! The real clips, against the rows that were made from them. Skipped where there is no data.

use std::fs::File;
use std::path::{Path, PathBuf};

use tonearm::data::{Dataset, Values};

use crate::studio::{Studio, text};

/// The shared data beside the repository, if this machine has it.
fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if path.join("audio").is_dir() {
        return Some(path);
    }
    println!("skipped: there is no ../shared/data here");
    None
}

/// What `extract` makes of the real clips, and the rows they were given.
fn extracted(data: &Path, features: &str) -> (Dataset, Dataset) {
    let studio = Studio::new();
    let audio = data.join("audio");
    let run = studio.run(&[
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

    let read =
        |path: PathBuf| Dataset::from_npz(File::open(path).expect("is there")).expect("is sound");
    let truth = read(data.join(format!("fma-small/{features}-train.npz")));
    (read(studio.path("x.npz")), truth)
}

/// Rows of both that are the same track's.
fn pairs(got: &Dataset, truth: &Dataset) -> Vec<(usize, usize)> {
    let row_of = |track: i32| truth.track_id.iter().position(|other| *other == track);
    let tracks = got.track_id.iter().enumerate();
    tracks
        .filter_map(|(row, track)| Some((row, row_of(*track)?)))
        .collect()
}

/// Mean of |got - expected| over a row.
fn mean_error(got: &Dataset, row: usize, truth: &Dataset, truth_row: usize) -> f64 {
    let scale = match truth.x {
        Values::U8(_) => 255.0,
        _ => 1.0,
    };
    let (mut a, mut b) = (vec![0.0; got.row_len()], vec![0.0; truth.row_len()]);
    got.row_into(row, &mut a);
    truth.row_into(truth_row, &mut b);
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
    let (got, truth) = extracted(&data, features);
    assert_eq!(got.shape, truth.shape);
    let pairs = pairs(&got, &truth);
    assert!(pairs.len() >= 15, "{} of the clips have rows", pairs.len());
    for (row, truth_row) in pairs {
        let (track, error) = (got.track_id[row], mean_error(&got, row, &truth, truth_row));
        println!("{features} of track {track}: {error:.4}");
        assert!(error < tolerance, "track {track}: {error}");
    }
}

#[test]
fn mel_rows_of_real_clips_are_within_one_grey_level() {
    every_row_is_within("mel", 1.0);
}

#[test]
fn mfcc_rows_of_real_clips_are_within_a_half() {
    every_row_is_within("mfcc", 0.5);
}
