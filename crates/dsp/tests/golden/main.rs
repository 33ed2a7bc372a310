//! Golden tests: the features compared with librosa 0.11. `make.py` writes the expected values.

#[path = "../../../../tests/support/assert_close.rs"]
mod assert_close;
mod log_mel;
mod mel;
mod mfcc;
#[path = "../../../../tests/support/noise.rs"]
mod noise;
mod resample;
mod signal;
mod stft;
mod window;

use serde::de::DeserializeOwned;

use assert_close::assert_close;

/// Parses the cases of a golden file.
#[track_caller]
fn cases<Case: DeserializeOwned>(json: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(json).expect("golden file parses");
    assert!(!cases.is_empty(), "the golden file has no cases");
    cases
}

/// Returns the largest magnitude.
fn peak(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |max, x| max.max(x.abs()))
}
