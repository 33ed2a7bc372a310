//! The two kinds of audio features and their settings.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use tonearm_dsp::MelConfig;

/// Fewest and most frames of a window: fewer make no windows that overlap, more make a weights
/// file's claim cost memory.
const WINDOW_FRAMES: RangeInclusive<usize> = 16..=16_384;

/// Which features a network reads, and how they are computed.
///
/// It travels inside the weights file; nothing else knows these numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum FeatureConfig {
    /// A picture: log-mel spectra picked evenly from the window.
    Mel(MelFeatures),
    /// Sequences: MFCCs of consecutive pieces of the window.
    Mfcc(MfccFeatures),
}

/// Settings of the mel picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MelFeatures {
    /// The mel bands, at no more than 96 kHz. Default: 128 bands up to 22 050 Hz, at 44.1 kHz.
    pub mel: MelConfig,
    /// Length of a window, in seconds; 6 to 120. Default: 30.
    pub window_seconds: f64,
    /// Frames picked from a window; 1 to 1024. Default: 128.
    pub n_columns: usize,
    /// What is further below the window's loudest cell is cut off, in dB; 1 to 200. Default: 80.
    pub top_db: f32,
}

/// Settings of the MFCC sequences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfccFeatures {
    /// The mel bands, at no more than 96 kHz. Default: 128 bands up to 11 025 Hz, at 22.05 kHz.
    pub mel: MelConfig,
    /// Length of a window, in seconds; 6 to 120. Default: 30.
    pub window_seconds: f64,
    /// Coefficients of a frame; 1 to the number of bands. Default: 20.
    pub n_mfcc: usize,
    /// Frames of a piece; 1 to half of the window's. Default: 130 (3.0 s).
    pub piece_frames: usize,
    /// What is further below the window's loudest cell is cut off, in dB; 1 to 200. Default: 80.
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
            piece_frames: 130,
            top_db: 80.0,
        }
    }
}

impl MfccFeatures {
    /// Number of pieces in a window: enough to cover one of full length.
    pub fn n_pieces(&self) -> usize {
        self.window_frames().div_ceil(self.piece_frames)
    }

    /// First frame of piece `index` in a window of `n_frames`; the last pieces end with it.
    pub fn piece_start(&self, index: usize, n_frames: usize) -> usize {
        (index * self.piece_frames).min(n_frames - self.piece_frames)
    }
}

impl FeatureConfig {
    /// The mel picture, with its defaults.
    pub fn mel() -> Self {
        Self::Mel(MelFeatures::default())
    }

    /// The MFCC sequences, with their defaults.
    pub fn mfcc() -> Self {
        Self::Mfcc(MfccFeatures::default())
    }

    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        let mel = self.mel_config();
        mel.validate()?;
        let rate = f64::from(mel.sample_rate);
        check("sample_rate", "in 1000..=96000", rate, 1e3..=96e3)?;
        let seconds = self.window_seconds();
        check("window_seconds", "in 6..=120", seconds, 6.0..=120.0)?;
        if !WINDOW_FRAMES.contains(&self.window_frames()) {
            return Err(Error::Config {
                field: "hop",
                rule: "such that a window has 16 to 16384 frames",
                got: mel.hop as f64,
            });
        }
        let top_db = f64::from(self.top_db());
        check("top_db", "in 1..=200", top_db, 1.0..=200.0)?;
        match self {
            Self::Mel(mel) => check(
                "n_columns",
                "in 1..=1024",
                mel.n_columns as f64,
                1.0..=1024.0,
            ),
            Self::Mfcc(mfcc) => mfcc.validate_shape(),
        }
    }

    /// Sample rate that clips are brought to, in Hz.
    pub fn sample_rate(&self) -> u32 {
        self.mel_config().sample_rate
    }

    /// Shape of what the network reads at once: `[n_mels, n_columns]` or `[piece_frames, n_mfcc]`.
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Self::Mel(mel) => [mel.mel.n_mels, mel.n_columns],
            Self::Mfcc(mfcc) => [mfcc.piece_frames, mfcc.n_mfcc],
        }
    }

    /// Rows of that shape in a window.
    pub fn n_pieces(&self) -> usize {
        match self {
            Self::Mel(_) => 1,
            Self::Mfcc(mfcc) => mfcc.n_pieces(),
        }
    }

    /// Length of a window, in seconds.
    pub fn window_seconds(&self) -> f64 {
        match self {
            Self::Mel(mel) => mel.window_seconds,
            Self::Mfcc(mfcc) => mfcc.window_seconds,
        }
    }

    /// A short text that differs wherever two configurations differ: 64-bit FNV-1a of their JSON.
    pub fn fingerprint(&self) -> String {
        fnv1a(self)
    }

    /// How the mel bands are made.
    pub fn mel_config(&self) -> &MelConfig {
        match self {
            Self::Mel(mel) => &mel.mel,
            Self::Mfcc(mfcc) => &mfcc.mel,
        }
    }

    /// Frames of a window of full length.
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
        let n_mfcc = self.n_mfcc as f64;
        check(
            "n_mfcc",
            "at least 1 and at most n_mels",
            n_mfcc,
            1.0..=n_mels as f64,
        )?;
        let rule = "at least 1 and at most half of a window's frames";
        check(
            "piece_frames",
            rule,
            self.piece_frames as f64,
            1.0..=half as f64,
        )
    }

    fn window_frames(&self) -> usize {
        window_frames(&self.mel, self.window_seconds)
    }
}

/// 64-bit FNV-1a of the JSON of `config`, in hexadecimal digits.
pub(super) fn fnv1a(config: &impl Serialize) -> String {
    let json = serde_json::to_string(config).expect("plain numbers and text serialise");
    let hash = json.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Frames of `seconds` of audio.
fn window_frames(mel: &MelConfig, seconds: f64) -> usize {
    mel.stft().n_frames(samples_in(seconds, mel.sample_rate))
}

/// Samples of `seconds` of audio, to the nearest.
pub(super) fn samples_in(seconds: f64, sample_rate: u32) -> usize {
    (seconds * f64::from(sample_rate)).round() as usize
}

fn check(
    field: &'static str,
    rule: &'static str,
    got: f64,
    range: RangeInclusive<f64>,
) -> Result<()> {
    if range.contains(&got) {
        Ok(())
    } else {
        Err(Error::Config { field, rule, got })
    }
}
