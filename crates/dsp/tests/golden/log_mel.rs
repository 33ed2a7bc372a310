//! Golden tests of log-mel spectrograms.

use serde::Deserialize;
use tonearm_dsp::{MelConfig, MelSpectrogram, power_to_db};

use crate::signal::Signal;
use crate::{assert_close, cases};

/// Largest absolute error, in dB. It occurs near the floor, 80 dB below the maximum, where rounding errors of
/// the `f32` FFT are largest relative to the values. Largest measured: 2.2e-3.
const TOLERANCE: f32 = 5e-3;

#[derive(Deserialize)]
struct Case {
    config: MelConfig,
    signal: Signal,
    /// `None` stands for the maximum of the spectrogram.
    reference: Option<f32>,
    top_db: f32,
    /// `[n_frames][n_mels]`
    expected: Vec<f32>,
}

#[test]
fn log_mel_matches_librosa() {
    for case in cases::<Case>(include_str!("log_mel.json")) {
        let mut got = mel_power(&case.config, &case.signal.samples());
        let loudest = got.iter().fold(0.0_f32, |max, power| max.max(*power));
        power_to_db(&mut got, case.reference.unwrap_or(loudest), case.top_db);
        let what = format!("{:?} of {:?}", case.config, case.signal);
        assert_close(&got, &case.expected, TOLERANCE, &what);
    }
}

/// Returns the mel power spectrogram of a signal, `[n_frames][n_mels]`.
pub fn mel_power(config: &MelConfig, samples: &[f32]) -> Vec<f32> {
    let mut mel = MelSpectrogram::new(config).expect("golden configs are valid");
    let mut power = vec![0.0; mel.n_frames(samples.len()) * config.n_mels];
    for (frame, out) in power.chunks_exact_mut(config.n_mels).enumerate() {
        mel.frame(samples, frame, out);
    }
    power
}
