//! The errors of this crate.

use serde::Serialize;

/// A configuration field is outside its documented range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, thiserror::Error)]
#[error("`{field}` must be {rule}, got {got}")]
pub struct ConfigError {
    /// Name of the field.
    pub field: &'static str,
    /// Accepted values, as a phrase that follows "must be".
    pub rule: &'static str,
    /// Value of the field.
    pub got: f64,
}

/// A clip that cannot be used, or does not fit into memory.
///
/// Each variant holds the expected and the actual value. Callers match on the variant; users read
/// the `Display` text. Serialisation gives a `code`, the variant in kebab-case, and its fields as
/// `parameters`.
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(tag = "code", content = "parameters", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Error {
    /// The clip has no samples.
    #[error("the audio has no samples")]
    EmptyClip,

    /// There are no channels to mix.
    #[error("the audio has no channels")]
    NoChannels,

    /// The channels of a clip differ in length.
    #[error("the channels differ in length: expected {expected} samples, got {got}")]
    UnequalChannels {
        /// Number of samples in the first channel.
        expected: usize,
        /// Number of samples in the channel that differs.
        got: usize,
    },

    /// Interleaved samples end in the middle of a frame.
    #[error(
        "the number of interleaved samples must be a multiple of {n_channels} channels, got {n_samples}"
    )]
    PartialFrame {
        /// Number of samples received, over all channels.
        n_samples: usize,
        /// Number of channels.
        n_channels: usize,
    },

    /// A sample is NaN, infinite or implausibly large.
    #[error("sample {index} is {value}; samples must be finite and within ±1e12")]
    InvalidSample {
        /// Index of the first invalid sample, in the mono mix.
        index: usize,
        /// Value of that sample.
        value: f32,
    },

    /// The sample rate is outside the supported range.
    #[error("the sample rate must be between 1000 and 768000 Hz, got {got} Hz")]
    SampleRate {
        /// Sample rate received, in Hz.
        got: u32,
    },

    /// The clip exceeds the maximum length.
    #[error(
        "too long: {} or more; a clip can last at most {}, so cut the audio into parts",
        h_mm_ss(.got_seconds.ceil()),
        h_mm_ss(.limit_seconds.floor())
    )]
    ClipTooLong {
        /// Maximum duration at the clip's sample rate, in seconds.
        limit_seconds: f64,
        /// Duration received, in seconds. It is a lower bound if the decoder stopped at the limit.
        got_seconds: f64,
    },

    /// The memory for the samples could not be allocated.
    #[error(
        "out of memory: the audio needs {} MB; close other programs or cut the audio into parts",
        .needed_bytes.div_ceil(1_000_000)
    )]
    OutOfMemory {
        /// Size of the buffer that could not be allocated, in bytes.
        needed_bytes: u64,
    },
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Formats whole seconds as `h:mm:ss`.
fn h_mm_ss(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours}:{minutes:02}:{:02}", seconds % 60)
}
