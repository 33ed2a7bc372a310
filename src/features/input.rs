//! The input of a network: audio features or table columns.

use serde::{Deserialize, Serialize};

use super::FeatureConfig;
use super::fingerprint::fingerprint;
use crate::error::{check, within};
use crate::{Error, Result};

/// Names of the Echo Nest audio features, in the order in which the networks read them.
///
/// All are in 0..=1, except `tempo`, which is in beats per minute. The service that computed them is
/// discontinued; the values come from published tables or are estimated from audio.
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

/// The input of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// Features computed from audio.
    Audio(FeatureConfig),
    /// One row of named table columns per track.
    Columns(Columns),
}

/// Table columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Column names, in the order in which the network reads them; 1 to 4096.
    pub names: Vec<String>,
}

impl Columns {
    /// Returns the columns of the Echo Nest audio features.
    pub fn echo_nest() -> Self {
        Self {
            names: ECHO_NEST.map(String::from).to_vec(),
        }
    }
}

impl Columns {
    /// Checks the number of columns.
    ///
    /// # Errors
    /// [`Error::Config`] if it is out of range.
    pub fn validate(&self) -> Result<()> {
        let n_columns = self.names.len();
        check([within("columns", n_columns, 1..=4096, "in 1..=4096")])
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
            Self::Columns(columns) => columns.validate(),
        }
    }

    /// Returns the shape of an input row: `[n_mels, n_columns]`, `[segment_frames, n_mfcc]` or
    /// `[1, n_columns]`.
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Self::Audio(features) => features.shape(),
            Self::Columns(Columns { names }) => [1, names.len()],
        }
    }

    /// Returns the memory layout of an input row.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Audio(FeatureConfig::Mel(_)) => Layout::channels_first(self.shape()),
            _ => Layout::frames_first(self.shape()),
        }
    }

    /// Returns the number of input rows in a window.
    pub fn n_segments(&self) -> usize {
        match self {
            Self::Audio(features) => features.n_segments(),
            Self::Columns(_) => 1,
        }
    }

    /// Returns the audio features.
    ///
    /// # Errors
    /// [`Error::NotAudio`] if the input is table columns.
    pub fn audio(&self) -> Result<&FeatureConfig> {
        match self {
            Self::Audio(features) => Ok(features),
            Self::Columns(Columns { names }) => Err(Error::NotAudio {
                columns: names.join(", "),
            }),
        }
    }

    /// Returns a hash that identifies the input: 64-bit FNV-1a of its JSON.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Audio(features) => features.fingerprint(),
            Self::Columns(columns) => fingerprint(columns),
        }
    }
}

/// The memory layout of a row: channels (mel bands, coefficients or table columns) and frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Number of channels.
    pub n_channels: usize,
    /// Number of frames.
    pub n_frames: usize,
    channels_first: bool,
}

impl Layout {
    /// Returns the layout `[n_channels][n_frames]`.
    pub fn channels_first([n_channels, n_frames]: [usize; 2]) -> Self {
        Self {
            n_channels,
            n_frames,
            channels_first: true,
        }
    }

    /// Returns the layout `[n_frames][n_channels]`.
    pub fn frames_first([n_frames, n_channels]: [usize; 2]) -> Self {
        Self {
            n_channels,
            n_frames,
            channels_first: false,
        }
    }

    /// Returns the same layout with another number of frames.
    pub fn with_frames(self, n_frames: usize) -> Self {
        Self { n_frames, ..self }
    }

    /// Returns the shape of a row, in memory order.
    pub fn shape(self) -> [usize; 2] {
        match self.channels_first {
            true => [self.n_channels, self.n_frames],
            false => [self.n_frames, self.n_channels],
        }
    }

    /// Returns the number of values of a row.
    pub fn n_values(self) -> usize {
        self.n_channels * self.n_frames
    }

    /// Returns the index of a value in its row.
    pub fn at(self, channel: usize, frame: usize) -> usize {
        match self.channels_first {
            true => channel * self.n_frames + frame,
            false => frame * self.n_channels + channel,
        }
    }
}
