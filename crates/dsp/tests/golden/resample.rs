//! Golden tests of resampling, compared with libsoxr's "HQ" recipe, the default of librosa.

use std::f64::consts::TAU;

use serde::Deserialize;
use tonearm_dsp::{Clip, resample};

use crate::signal::Signal;
use crate::{assert_close, cases};

/// Largest absolute error in the passband, as a fraction of full scale.
const PASSBAND_TOLERANCE: f32 = 1e-4;

/// Largest absolute error of the gain in the transition band, whose shape differs slightly. For
/// comparison, shifting the cutoff by 1 % of the Nyquist frequency changes the gain by 0.3.
const ROLL_OFF_TOLERANCE: f32 = 0.07;

#[derive(Deserialize)]
struct Case {
    signal: Signal,
    from_rate: u32,
    to_rate: u32,
    starts: Vec<usize>,
    length: usize,
    /// `[starts][length]`
    expected: Vec<f32>,
}

#[test]
fn the_passband_matches_soxr_hq() {
    for case in cases::<Case>(include_str!("resample.json")) {
        let clip = Clip::new(case.signal.samples(), case.from_rate).expect("a valid clip");
        let out = resample(clip, case.to_rate).expect("valid rates");
        let got: Vec<f32> = case
            .starts
            .iter()
            .flat_map(|start| &out.samples()[*start..start + case.length])
            .copied()
            .collect();
        let what = format!("{} to {} Hz", case.from_rate, case.to_rate);
        assert_close(&got, &case.expected, PASSBAND_TOLERANCE, &what);
    }
}

#[derive(Deserialize)]
struct RollOff {
    from_rate: u32,
    to_rate: u32,
    /// Frequencies, as fractions of the new Nyquist frequency.
    #[serde(rename = "parts")]
    fractions: Vec<f64>,
    expected: Vec<f32>,
}

#[test]
fn the_roll_off_matches_soxr_hq() {
    for case in cases::<RollOff>(include_str!("roll_off.json")) {
        let nyquist = f64::from(case.to_rate) / 2.0;
        let gain = |fraction: &f64| gain_of(fraction * nyquist, case.from_rate, case.to_rate);
        let got: Vec<f32> = case.fractions.iter().map(gain).collect();
        assert_close(&got, &case.expected, ROLL_OFF_TOLERANCE, "gain");
    }
}

/// Returns the gain of a tone: its amplitude after resampling, away from both ends.
fn gain_of(hz: f64, from_rate: u32, to_rate: u32) -> f32 {
    let tone =
        (0..from_rate).map(|i| (TAU * hz * f64::from(i) / f64::from(from_rate)).sin() as f32);
    let clip = Clip::new(tone.collect(), from_rate).expect("a valid clip");
    let out = resample(clip, to_rate).expect("valid rates").into_samples();
    let middle = &out[out.len() / 4..out.len() - out.len() / 4];
    let power = middle.iter().map(|x| x * x).sum::<f32>() / middle.len() as f32;
    (2.0 * power).sqrt()
}
