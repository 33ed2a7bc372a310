//! Golden tests of the Hann window.

use serde::Deserialize;
use tonearm_dsp::hann;

use crate::{assert_close, cases};

/// Largest absolute error. Both windows are computed in `f64` and rounded to `f32`; no error was measured.
const TOLERANCE: f32 = 1e-7;

#[derive(Deserialize)]
struct Case {
    n: usize,
    expected: Vec<f32>,
}

#[test]
fn hann_matches_librosa() {
    for Case { n, expected } in cases(include_str!("window.json")) {
        assert_close(&hann(n), &expected, TOLERANCE, &format!("{n} samples"));
    }
}
