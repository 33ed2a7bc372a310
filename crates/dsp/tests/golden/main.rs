//! The features against librosa 0.11. Vectors: `make.py`, in this folder.

mod log_mel;
mod mel;
mod mfcc;
mod resample;
mod signal;
mod stft;
mod window;

use serde::de::DeserializeOwned;

/// The cases of one golden file.
#[track_caller]
fn cases<Case: DeserializeOwned>(json: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(json).expect("golden file parses");
    assert!(!cases.is_empty(), "the file has no case");
    cases
}

/// Fails naming the index of the worst of all differences.
#[track_caller]
fn assert_close(got: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(got.len(), expected.len(), "length, {what}");
    let (worst, error) = got
        .iter()
        .zip(expected)
        .map(|(g, e)| (g - e).abs())
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("golden vectors are not empty");
    assert!(
        error <= tolerance,
        "[{worst}] is {}, expected {}: off by {error:e}, {what}",
        got[worst],
        expected[worst],
    );
}

/// Largest magnitude.
fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |max, x| max.max(x.abs()))
}
