//! Golden tests of the mel filter bank.

use serde::Deserialize;
use tonearm_dsp::{MelBank, MelConfig, mel_filter_bank};

use crate::signal::noise;
use crate::{assert_close, cases, peak};

/// Largest absolute error of a weight, in 1/Hz: the rounding of weights of up to 0.006 to `f32`.
const WEIGHT_TOLERANCE: f32 = 1e-9;

/// Largest error relative to the largest band of a case: the rounding error of a sum in `f32`.
const BAND_TOLERANCE: f32 = 1e-6;

#[derive(Deserialize)]
struct Case {
    config: MelConfig,
    expected: Vec<f32>,
}

#[test]
fn mel_filter_bank_matches_librosa() {
    for Case { config, expected } in cases(include_str!("bank.json")) {
        let got = mel_filter_bank(&config).expect("golden configs are valid");
        assert_close(&got, &expected, WEIGHT_TOLERANCE, &format!("{config:?}"));
    }
}

#[test]
fn bands_of_a_white_spectrum_match_librosa() {
    for Case { config, expected } in cases(include_str!("mel.json")) {
        let power: Vec<f32> = noise(config.n_bins()).iter().map(|x| x.abs()).collect();
        let mut got = vec![0.0; config.n_mels];
        let bank = MelBank::new(&config).expect("golden configs are valid");
        bank.apply(&power, &mut got);
        let tolerance = BAND_TOLERANCE * peak(&expected);
        assert_close(&got, &expected, tolerance, &format!("{config:?}"));
    }
}
