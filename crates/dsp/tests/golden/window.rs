//! The Hann window.

use serde::Deserialize;
use tonearm_dsp::hann;

use crate::{assert_close, cases};

/// Both are rounded to `f32` once, from `f64`.
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
