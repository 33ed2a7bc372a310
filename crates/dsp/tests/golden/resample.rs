//! Resampling against libsoxr's "HQ" recipe, which is what librosa uses.

use std::f64::consts::TAU;

use serde::Deserialize;
use tonearm_dsp::Clip;
use tonearm_dsp::resample;

use crate::signal::Signal;
use crate::{assert_close, cases};

/// Two good resamplers agree in the passband to this share of full scale.
const PASSBAND_TOLERANCE: f32 = 1e-4;

/// The roll-off has a slightly different shape. A cut-off that is 1 % of Nyquist too high or too
/// low is off by 0.3.
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
    /// Shares of the new Nyquist frequency.
    parts: Vec<f64>,
    expected: Vec<f32>,
}

#[test]
fn the_roll_off_is_that_of_soxr_hq() {
    for case in cases::<RollOff>(include_str!("roll_off.json")) {
        let nyquist = f64::from(case.to_rate) / 2.0;
        let gain = |part: &f64| gain_of(part * nyquist, case.from_rate, case.to_rate);
        let got: Vec<f32> = case.parts.iter().map(gain).collect();
        assert_close(&got, &case.expected, ROLL_OFF_TOLERANCE, "gain");
    }
}

/// Amplitude of a tone of amplitude 1 after resampling, away from the ends.
fn gain_of(hz: f64, from_rate: u32, to_rate: u32) -> f32 {
    let tone =
        (0..from_rate).map(|i| (TAU * hz * f64::from(i) / f64::from(from_rate)).sin() as f32);
    let clip = Clip::new(tone.collect(), from_rate).expect("a valid clip");
    let out = resample(clip, to_rate).expect("valid rates").into_samples();
    let middle = &out[out.len() / 4..out.len() - out.len() / 4];
    let power = middle.iter().map(|x| x * x).sum::<f32>() / middle.len() as f32;
    (2.0 * power).sqrt()
}
