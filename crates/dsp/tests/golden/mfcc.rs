//! Golden tests of MFCCs, and the reference values of the design document.

use serde::Deserialize;
use tonearm_dsp::{Dct, MelConfig, mfcc};

use crate::log_mel::mel_power;
use crate::signal::Signal;
use crate::{assert_close, cases, peak};

/// Largest error relative to the largest coefficient of a case. Largest measured: 1.2e-6.
const TOLERANCE: f32 = 3e-6;

#[derive(Deserialize)]
struct Case {
    config: MelConfig,
    signal: Signal,
    n_mfcc: usize,
    /// `[n_frames][n_mfcc]`
    expected: Vec<f32>,
}

#[test]
fn mfcc_matches_librosa() {
    for case in cases::<Case>(include_str!("mfcc.json")) {
        let got = coefficients(&case.config, &case.signal, case.n_mfcc);
        let what = format!("{:?} of {:?}", case.config, case.signal);
        assert_close(
            &got,
            &case.expected,
            TOLERANCE * peak(&case.expected),
            &what,
        );
    }
}

#[test]
fn all_coefficients_of_silence_but_the_first_are_zero() {
    let silence = Signal::Silence { n: 22_050 };
    for frame in coefficients(&MelConfig::default(), &silence, 20).chunks(20) {
        assert_close(&frame[..1], &[-1131.371], 5e-4, "coefficient 0");
        assert_close(&frame[1..], &[0.0; 19], 1e-4, "coefficients 1 to 19");
    }
}

#[test]
fn a_440_hz_sine_has_the_reference_coefficients() {
    let sine = Signal::Sine {
        n: 22_050,
        sample_rate: 22_050,
        hz: 440.0,
    };
    let got = coefficients(&MelConfig::default(), &sine, 20);
    let expected = [-482.02655, 37.884754, 28.29535, 14.141816];
    assert_close(&got[10 * 20..][..4], &expected, 1e-4, "frame 10");
}

fn coefficients(config: &MelConfig, signal: &Signal, n_mfcc: usize) -> Vec<f32> {
    let dct = Dct::new(n_mfcc, config.n_mels).expect("golden configs are valid");
    mfcc(&mut mel_power(config, &signal.samples()), &dct, 80.0)
}
