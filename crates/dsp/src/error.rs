//! What can go wrong between samples and features, in words fit to be shown.

/// Everything that can go wrong between samples and features.
///
/// Every variant carries what was expected and what was received. Callers match on the variant; users
/// read the `Display` text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration field is outside its documented range.
    #[error("`{field}` must be {rule}, got {got}")]
    Config {
        /// Name of the field.
        field: &'static str,
        /// What the field has to be.
        rule: &'static str,
        /// What it is.
        got: f64,
    },

    /// There is nothing to listen to.
    #[error("the audio has no samples")]
    EmptyClip,

    /// There is no channel to mix.
    #[error("the audio has no channels")]
    NoChannels,

    /// Channels of one clip have different lengths.
    #[error("the channels differ in length: {expected} samples in the first, {got} in another")]
    UnequalChannels {
        /// Samples in the first channel.
        expected: usize,
        /// Samples in the channel that differs.
        got: usize,
    },

    /// Interleaved samples end in the middle of a frame.
    #[error("{n_samples} interleaved samples do not divide into {n_channels} channels")]
    PartialFrame {
        /// Samples received, of all channels together.
        n_samples: usize,
        /// Channels they should divide into.
        n_channels: usize,
    },

    /// A sample is not a number, or far beyond any sound.
    #[error("sample {index} is {value}, and samples must be finite numbers within ±1e12")]
    InvalidSample {
        /// Index of the first such sample in the mono mix.
        index: usize,
        /// Its value.
        value: f32,
    },

    /// The sample rate is none that audio has.
    #[error("the sample rate must be between 1000 and 768000 Hz, got {got} Hz")]
    SampleRate {
        /// Rate received, in Hz.
        got: u32,
    },

    /// The clip is longer than what is analysed.
    #[error(
        "the audio lasts {} or longer, and at most {} can be analysed; cut it into parts",
        clock(.got_seconds.ceil()),
        clock(.limit_seconds.floor())
    )]
    ClipTooLong {
        /// Longest duration accepted at the clip's sample rate, in seconds.
        limit_seconds: f64,
        /// Duration received, in seconds; a decoder that stops at the limit has not seen the rest.
        got_seconds: f64,
    },

    /// The samples do not fit into memory.
    #[error(
        "the audio needs {} MB of memory, which are not available; close other programs or cut the audio into parts",
        .needed_bytes.div_ceil(1_000_000)
    )]
    OutOfMemory {
        /// Size of the buffer that could not be allocated, in bytes.
        needed_bytes: u64,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whole seconds as `h:mm:ss`.
fn clock(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours}:{minutes:02}:{:02}", seconds % 60)
}
