//! Golden tests: the features compared with librosa 0.11. `make.py` writes the expected values.

mod log_mel;
mod mel;
mod mfcc;
mod resample;
mod signal;
mod stft;
mod window;

use serde::de::DeserializeOwned;

/// Parses the cases of a golden file.
#[track_caller]
fn cases<Case: DeserializeOwned>(json: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(json).expect("golden file parses");
    assert!(!cases.is_empty(), "the golden file has no cases");
    cases
}

/// Panics if any difference exceeds `tolerance`, naming the index of the largest one.
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

/// Returns the largest magnitude.
fn peak(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |max, x| max.max(x.abs()))
}
