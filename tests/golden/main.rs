//! Golden tests: the features of a 30 s window with the shipped settings, compared with librosa 0.11. `make.py`
//! writes the expected values. The vectors of the GRU belong to the test in `src/models/gru.rs`.

#[path = "../support/assert_close.rs"]
mod assert_close;

use std::f64::consts::TAU;

use serde::Deserialize;
use tonearm::Clip;
use tonearm::features::{Extractor, FeatureConfig};

use assert_close::assert_close;

const SECONDS: u32 = 30;

/// Largest error of a level in 0..=1 of the log-mel patch: 8e-4 dB. Largest measured: 4e-6.
const PATCH_TOLERANCE: f32 = 1e-5;

/// Largest error of an MFCC of a song that is not resampled. Largest measured: 6e-5.
const MFCC_TOLERANCE: f32 = 2e-4;

/// Largest error of an MFCC of a resampled song; magnitudes are up to 491. The filters of libsoxr and Tonearm
/// differ slightly, which changes the level of bands near the floor, 80 dB below the maximum. Largest
/// measured: 0.05.
const RESAMPLED_TOLERANCE: f32 = 0.1;

#[derive(Deserialize)]
struct Patch {
    columns: Vec<usize>,
    /// `[columns][n_mels]`
    expected: Vec<f32>,
}

#[derive(Deserialize)]
struct Segments {
    /// Sample rate of the song, in Hz.
    rate: u32,
    frames: Vec<usize>,
    /// `[n_segments][frames][n_mfcc]`
    expected: Vec<f32>,
}

#[test]
fn the_log_mel_patch_of_a_window_matches_librosa() {
    let [Patch { columns, expected }] =
        serde_json::from_str(include_str!("patch.json")).expect("golden file parses");
    let config = FeatureConfig::mel();
    let [n_mels, n_columns] = config.shape();
    let patch = features(&config, config.sample_rate());
    let levels = columns.iter().flat_map(|column| {
        let patch = &patch;
        (0..n_mels).map(move |mel| patch[mel * n_columns + column])
    });
    let levels: Vec<_> = levels.collect();
    assert_close(&levels, &expected, PATCH_TOLERANCE, "the levels");
}

#[test]
fn the_mfcc_segments_of_a_window_match_librosa_and_libsoxr() {
    let cases: Vec<Segments> =
        serde_json::from_str(include_str!("segments.json")).expect("golden file parses");
    for case in cases {
        let tolerance = match case.rate {
            22_050 => MFCC_TOLERANCE,
            _ => RESAMPLED_TOLERANCE,
        };
        let what = format!("{} Hz", case.rate);
        assert_close(&case.coefficients(), &case.expected, tolerance, &what);
    }
}

impl Segments {
    /// Returns the coefficients that this build computes.
    fn coefficients(&self) -> Vec<f32> {
        let config = FeatureConfig::mfcc();
        let [segment_frames, n_mfcc] = config.shape();
        let segments = features(&config, self.rate);
        assert_eq!(
            segments.len(),
            config.n_segments() * segment_frames * n_mfcc
        );
        let coefficients = segments
            .chunks_exact(segment_frames * n_mfcc)
            .flat_map(|segment| {
                self.frames
                    .iter()
                    .map(move |frame| &segment[frame * n_mfcc..][..n_mfcc])
            });
        coefficients.collect::<Vec<_>>().concat()
    }
}

/// The features of the only window of the song, at a sample rate in Hz.
fn features(config: &FeatureConfig, rate: u32) -> Vec<f32> {
    let mut extractor = Extractor::new(config).expect("the defaults are valid");
    let clip = Clip::new(song(rate), rate).expect("the samples are finite");
    let mut track = extractor.open(clip).expect("30 s are long enough");
    assert_eq!(track.windows().len(), 1);
    extractor.window(&mut track, 0).features
}

/// Swelling tones with vibrato and a rising sweep, as `song` in `make.py` computes them.
fn song(rate: u32) -> Vec<f32> {
    let sample = |index: u32| {
        let t = f64::from(index) / f64::from(rate);
        let sweep = 0.1 * (TAU * (50.0 + 4700.0 * t / f64::from(SECONDS)) * t).sin();
        let vibrato = 2.0 * (TAU * 5.0 * t).sin();
        let tone = |k: i32| {
            let hz = 55.0 * 1.6_f64.powi(k);
            let k = f64::from(k);
            let swell = 0.55 + 0.45 * (TAU * (0.1 + 0.07 * k) * t).sin();
            0.3 / (k + 2.0) * swell * (TAU * hz * t + vibrato).sin()
        };
        (sweep + (0..12).map(tone).sum::<f64>()) as f32
    };
    (0..SECONDS * rate).map(sample).collect()
}
