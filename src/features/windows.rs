//! Where the windows of a track lie.

use std::ops::Range;

use serde::Serialize;

use super::FeatureConfig;

/// Shortest track that is analysed, in seconds.
pub const MIN_SECONDS: f64 = 1.0;

/// A track shorter than this part of a window is looped to fill one: 25 of 30 s.
const FULL_PART: f64 = 25.0 / 30.0;

/// Frames round a window's length by less than this: two hops of the default features.
const SLACK_SECONDS: f64 = 0.05;

/// One stretch of a track, analysed as a clip of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Window {
    /// First STFT frame, counted from the start of the track.
    pub first_frame: usize,
    /// Number of STFT frames.
    pub n_frames: usize,
    /// Where it begins in the track, in seconds.
    pub start_seconds: f64,
    /// Where it ends in the track, in seconds. The window of a looped track runs on past the
    /// track's own end.
    pub end_seconds: f64,
}

impl Window {
    /// The window's STFT frames.
    pub(super) fn frames(&self) -> Range<usize> {
        self.first_frame..self.first_frame + self.n_frames
    }
}

/// Whether a track of this duration is looped to fill a window.
pub(super) fn is_looped(config: &FeatureConfig, duration_seconds: f64) -> bool {
    duration_seconds < FULL_PART * config.window_seconds()
}

/// Windows that cover a track, evenly spaced: each at most half a window after the one before, the
/// last ending with the track; a single one where the track is hardly longer than a window.
///
/// How many there are depends on the duration alone, so that features of different rates have the
/// same.
///
/// # Units
/// `n_samples` are at the configuration's sample rate and `seconds` the duration, both after
/// looping.
pub(super) fn plan(config: &FeatureConfig, n_samples: usize, seconds: f64) -> Vec<Window> {
    let mel = config.mel_config();
    let rate = f64::from(mel.sample_rate);
    let beyond = seconds - config.window_seconds();
    let n_steps = match beyond > SLACK_SECONDS {
        true => {
            let step = config.window_seconds() / 2.0 - SLACK_SECONDS;
            ((beyond + SLACK_SECONDS) / step).ceil() as usize
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
        // The product may exceed the `usize` of a 32 bit program.
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
