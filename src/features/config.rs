//! Settings of the audio features.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use tonearm_dsp::MelConfig;

use super::fingerprint::fingerprint;
use crate::Result;
use crate::error::{between, check, within};

/// Accepted number of frames in a window. Fewer would not allow windows to overlap; the maximum
/// bounds the memory that a weights file can claim.
const WINDOW_FRAMES: RangeInclusive<usize> = 16..=16_384;

/// The kind and the settings of the features that a network reads.
///
/// The weights file stores this configuration; no other code repeats its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum FeatureConfig {
    /// A log-mel patch: log-mel spectra of evenly spaced frames of the window.
    Mel(MelFeatures),
    /// MFCCs of consecutive segments of the window.
    Mfcc(MfccFeatures),
}

/// Settings of the log-mel patch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MelFeatures {
    /// Mel spectrogram; `sample_rate` at most 96 kHz. Default: 128 bands up to 22 050 Hz at 44.1 kHz.
    pub mel: MelConfig,
    /// Length of a window, in seconds; 6 to 120. Default: 30.
    pub window_seconds: f64,
    /// Number of frames sampled from a window; 1 to 1024. Default: 128.
    pub n_columns: usize,
    /// Dynamic range below the window's maximum, in dB; lower values are clipped. 1 to 200.
    /// Default: 80.
    pub top_db: f32,
}

/// Settings of the MFCC segments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfccFeatures {
    /// Mel spectrogram; `sample_rate` at most 96 kHz. Default: 128 bands up to 11 025 Hz at 22.05 kHz.
    pub mel: MelConfig,
    /// Length of a window, in seconds; 6 to 120. Default: 30.
    pub window_seconds: f64,
    /// Number of coefficients per frame; 1 to the number of bands. Default: 20.
    pub n_mfcc: usize,
    /// Number of frames in a segment; 1 to half of the window's. Default: 130 (3.0 s).
    // Fingerprints depend on the name in files, and stored projects on the fingerprints.
    #[serde(rename = "piece_frames")]
    pub segment_frames: usize,
    /// Dynamic range below the window's maximum, in dB; lower values are clipped. 1 to 200.
    /// Default: 80.
    pub top_db: f32,
}

impl Default for MelFeatures {
    fn default() -> Self {
        Self {
            mel: MelConfig {
                sample_rate: 44_100,
                f_max: 22_050.0,
                ..MelConfig::default()
            },
            window_seconds: 30.0,
            n_columns: 128,
            top_db: 80.0,
        }
    }
}

impl Default for MfccFeatures {
    fn default() -> Self {
        Self {
            mel: MelConfig::default(),
            window_seconds: 30.0,
            n_mfcc: 20,
            segment_frames: 130,
            top_db: 80.0,
        }
    }
}

impl MfccFeatures {
    /// Returns the number of segments that cover a full-length window.
    pub fn n_segments(&self) -> usize {
        self.window_frames().div_ceil(self.segment_frames)
    }

    /// Returns the first frame of segment `index` in a window of `n_frames`.
    ///
    /// Segments that would extend past the end of the window are moved back to end with it.
    pub fn segment_start(&self, index: usize, n_frames: usize) -> usize {
        (index * self.segment_frames).min(n_frames - self.segment_frames)
    }
}

impl FeatureConfig {
    /// Returns the default settings of the log-mel patch.
    pub fn mel() -> Self {
        Self::Mel(MelFeatures::default())
    }

    /// Returns the default settings of the MFCC segments.
    pub fn mfcc() -> Self {
        Self::Mfcc(MfccFeatures::default())
    }

    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        let mel = self.mel_config();
        mel.validate()?;
        let (rate, seconds) = (f64::from(mel.sample_rate), self.window_seconds());
        check([
            between("sample_rate", rate, 1e3..=96e3, "in 1000..=96000"),
            between("window_seconds", seconds, 6.0..=120.0, "in 6..=120"),
        ])?;
        let window_rule = "such that a window has 16 to 16384 frames";
        let has_frames = WINDOW_FRAMES.contains(&self.window_frames());
        let top_db = f64::from(self.top_db());
        check([
            ("hop", has_frames, window_rule, mel.hop as f64),
            between("top_db", top_db, 1.0..=200.0, "in 1..=200"),
        ])?;
        match self {
            Self::Mel(mel) => check([within("n_columns", mel.n_columns, 1..=1024, "in 1..=1024")]),
            Self::Mfcc(mfcc) => mfcc.validate_shape(),
        }
    }

    /// Returns the sample rate that clips are resampled to, in Hz.
    pub fn sample_rate(&self) -> u32 {
        self.mel_config().sample_rate
    }

    /// Returns the shape of a row of the network's input: `[n_mels, n_columns]` or
    /// `[segment_frames, n_mfcc]`.
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Self::Mel(mel) => [mel.mel.n_mels, mel.n_columns],
            Self::Mfcc(mfcc) => [mfcc.segment_frames, mfcc.n_mfcc],
        }
    }

    /// Returns the number of such rows in a window.
    pub fn n_segments(&self) -> usize {
        match self {
            Self::Mel(_) => 1,
            Self::Mfcc(mfcc) => mfcc.n_segments(),
        }
    }

    /// Returns the length of a window, in seconds.
    pub fn window_seconds(&self) -> f64 {
        match self {
            Self::Mel(mel) => mel.window_seconds,
            Self::Mfcc(mfcc) => mfcc.window_seconds,
        }
    }

    /// Returns a hash that identifies the configuration: 64-bit FNV-1a of its JSON.
    pub fn fingerprint(&self) -> String {
        fingerprint(self)
    }

    /// Returns the settings of the mel spectrogram.
    pub fn mel_config(&self) -> &MelConfig {
        match self {
            Self::Mel(mel) => &mel.mel,
            Self::Mfcc(mfcc) => &mfcc.mel,
        }
    }

    /// Returns the number of frames in a full-length window.
    pub(crate) fn window_frames(&self) -> usize {
        window_frames(self.mel_config(), self.window_seconds())
    }

    fn top_db(&self) -> f32 {
        match self {
            Self::Mel(mel) => mel.top_db,
            Self::Mfcc(mfcc) => mfcc.top_db,
        }
    }
}

impl MfccFeatures {
    fn validate_shape(&self) -> Result<()> {
        let (n_mels, half) = (self.mel.n_mels, self.window_frames() / 2);
        let frames_rule = "at least 1 and at most half of a window's frames";
        check([
            within(
                "n_mfcc",
                self.n_mfcc,
                1..=n_mels,
                "at least 1 and at most n_mels",
            ),
            within("segment_frames", self.segment_frames, 1..=half, frames_rule),
        ])
    }

    fn window_frames(&self) -> usize {
        window_frames(&self.mel, self.window_seconds)
    }
}

/// Returns the number of frames in `seconds` of audio.
fn window_frames(mel: &MelConfig, seconds: f64) -> usize {
    mel.stft().n_frames(samples_in(seconds, mel.sample_rate))
}

/// Returns the number of samples in `seconds` of audio, rounded to the nearest integer.
pub(super) fn samples_in(seconds: f64, sample_rate: u32) -> usize {
    (seconds * f64::from(sample_rate)).round() as usize
}
