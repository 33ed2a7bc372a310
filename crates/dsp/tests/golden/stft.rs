//! Golden tests of STFT power spectra.

use serde::Deserialize;
use tonearm_dsp::{Stft, StftConfig};

use crate::signal::Signal;
use crate::{assert_close, cases, peak};

/// Largest error relative to the largest power of a case: the rounding error of an FFT in `f32`. Largest
/// measured: 3.7e-7.
const TOLERANCE: f32 = 1e-6;

#[derive(Deserialize)]
struct Case {
    config: StftConfig,
    signal: Signal,
    n_frames: usize,
    frames: Vec<usize>,
    /// `[frames][n_bins]`
    expected: Vec<f32>,
}

#[test]
fn stft_power_matches_librosa() {
    for case in cases::<Case>(include_str!("stft.json")) {
        let what = format!("{:?} of {:?}", case.config, case.signal);
        let samples = case.signal.samples();
        let mut stft = Stft::new(&case.config).expect("golden configs are valid");
        assert_eq!(stft.n_frames(samples.len()), case.n_frames, "{what}");

        let mut got = Vec::new();
        let mut power = vec![0.0; stft.n_bins()];
        for frame in case.frames {
            stft.power(&samples, frame, &mut power);
            got.extend_from_slice(&power);
        }
        assert_close(
            &got,
            &case.expected,
            TOLERANCE * peak(&case.expected),
            &what,
        );
    }
}
