//! Divides a track into windows.

use std::ops::Range;

use serde::Serialize;

use super::FeatureConfig;

/// Minimum duration of a track, in seconds.
pub const MIN_SECONDS: f64 = 1.0;

/// Fraction of a window below which a track is looped: 25 s of 30 s.
const MIN_UNLOOPED_FRACTION: f64 = 25.0 / 30.0;

/// Upper bound of the error from rounding a window to whole frames, in seconds: two default hops.
const ROUNDING_SECONDS: f64 = 0.05;

/// A section of a track that is analysed independently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Window {
    /// First STFT frame, counted from the start of the track.
    pub first_frame: usize,
    /// Number of STFT frames.
    pub n_frames: usize,
    /// Start, in seconds from the start of the track.
    pub start_seconds: f64,
    /// End, in seconds from the start of the track. The window of a looped track extends past the end
    /// of the track.
    pub end_seconds: f64,
}

impl Window {
    /// Returns the range of STFT frames.
    pub(super) fn frames(&self) -> Range<usize> {
        self.first_frame..self.first_frame + self.n_frames
    }
}

/// Returns whether a track of this duration is looped to fill a window.
pub(super) fn is_looped(config: &FeatureConfig, duration_seconds: f64) -> bool {
    duration_seconds < MIN_UNLOOPED_FRACTION * config.window_seconds()
}

/// Returns evenly spaced windows that cover a track.
///
/// Consecutive windows start at most half a window apart, and the last one ends with the track. A
/// track that exceeds a window by at most [`ROUNDING_SECONDS`] has a single window.
///
/// The number of windows depends only on the duration, so that features of different sample rates have
/// the same windows.
///
/// # Units
/// `n_samples` is at the sample rate of `config`; `seconds` is the duration. Both are those of the
/// looped track.
pub(super) fn plan(config: &FeatureConfig, n_samples: usize, seconds: f64) -> Vec<Window> {
    let mel = config.mel_config();
    let rate = f64::from(mel.sample_rate);
    let excess = seconds - config.window_seconds();
    let n_steps = match excess > ROUNDING_SECONDS {
        true => {
            let step = config.window_seconds() / 2.0 - ROUNDING_SECONDS;
            ((excess + ROUNDING_SECONDS) / step).ceil() as usize
        }
        false => 0,
    };
    let n_frames = mel.stft().n_frames(n_samples);
    let length = match n_steps {
        0 => n_frames,
        _ => config.window_frames(),
    };
    let last = n_frames - length;

    let window = |step: usize| {
        // The product can overflow `usize` on a 32-bit target.
        let first_frame = (step as u64 * last as u64 / n_steps.max(1) as u64) as usize;
        let start_seconds = (first_frame * mel.hop) as f64 / rate;
        Window {
            first_frame,
            n_frames: length,
            start_seconds,
            end_seconds: if step == n_steps {
                n_samples as f64 / rate
            } else {
                start_seconds + config.window_seconds()
            },
        }
    };
    (0..=n_steps).map(window).collect()
}
