//! What a network reads: features of audio, or columns of a table.

use serde::{Deserialize, Serialize};

use super::FeatureConfig;
use super::config::fnv1a;
use crate::error::{check, within};
use crate::{Error, Result};

/// Names of the Echo Nest's audio features, in the order that networks read them.
///
/// All are in 0..1 but `tempo`, in beats per minute. The service that computed them has closed:
/// they come from its tables, or are estimated from audio.
pub const ECHO_NEST: [&str; 8] = [
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "liveness",
    "speechiness",
    "tempo",
    "valence",
];

/// What a network reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// Features computed from audio.
    Audio(FeatureConfig),
    /// Numbers that come with the track: one row of named columns.
    Columns(Columns),
}

/// Columns of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Their names, in the order that the network reads them; 1 to 4096.
    pub names: Vec<String>,
}

impl Columns {
    /// The Echo Nest's audio features.
    pub fn echo_nest() -> Self {
        Self {
            names: ECHO_NEST.map(String::from).to_vec(),
        }
    }
}

impl Input {
    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Audio(features) => features.validate(),
            Self::Columns(Columns { names }) => {
                check([within("columns", names.len(), 1..=4096, "in 1..=4096")])
            }
        }
    }

    /// Shape of what the network reads at once: `[n_mels, n_columns]`, `[piece_frames, n_mfcc]` or
    /// `[1, n_columns]`.
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Self::Audio(features) => features.shape(),
            Self::Columns(Columns { names }) => [1, names.len()],
        }
    }

    /// How the values of one such row lie.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Audio(FeatureConfig::Mel(_)) => Layout::channels_first(self.shape()),
            _ => Layout::frames_first(self.shape()),
        }
    }

    /// Rows that the network reads of one window.
    pub fn n_pieces(&self) -> usize {
        match self {
            Self::Audio(features) => features.n_pieces(),
            Self::Columns(_) => 1,
        }
    }

    /// The features of audio that it is.
    ///
    /// # Errors
    /// [`Error::NotAudio`] if it is columns of a table.
    pub fn audio(&self) -> Result<&FeatureConfig> {
        match self {
            Self::Audio(features) => Ok(features),
            Self::Columns(Columns { names }) => Err(Error::NotAudio {
                columns: names.join(", "),
            }),
        }
    }

    /// A short text that differs wherever two of them differ: 64-bit FNV-1a of their JSON.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Audio(features) => features.fingerprint(),
            Self::Columns(columns) => fnv1a(columns),
        }
    }
}

/// How the values of a row lie: which are of one channel (a mel band, a coefficient, a column) and
/// which of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Values of a frame.
    pub n_channels: usize,
    /// Frames of a row.
    pub n_frames: usize,
    channels_first: bool,
}

impl Layout {
    /// Rows of `[n_channels][n_frames]`.
    pub fn channels_first([n_channels, n_frames]: [usize; 2]) -> Self {
        Self {
            n_channels,
            n_frames,
            channels_first: true,
        }
    }

    /// Rows of `[n_frames][n_channels]`.
    pub fn frames_first([n_frames, n_channels]: [usize; 2]) -> Self {
        Self {
            n_channels,
            n_frames,
            channels_first: false,
        }
    }

    /// The same order of values with another number of frames.
    pub fn with_frames(self, n_frames: usize) -> Self {
        Self { n_frames, ..self }
    }

    /// Shape of a row, as it lies.
    pub fn shape(self) -> [usize; 2] {
        match self.channels_first {
            true => [self.n_channels, self.n_frames],
            false => [self.n_frames, self.n_channels],
        }
    }

    /// Number of values of a row.
    pub fn n_values(self) -> usize {
        self.n_channels * self.n_frames
    }

    /// Index of a value in its row.
    pub fn at(self, channel: usize, frame: usize) -> usize {
        match self.channels_first {
            true => channel * self.n_frames + frame,
            false => frame * self.n_channels + channel,
        }
    }
}
