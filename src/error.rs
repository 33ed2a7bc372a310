//! What can go wrong, in words fit to be shown.

/// Everything that can go wrong between a waveform and a prediction.
///
/// Every variant carries what was expected and what was received, so that the
/// message is enough to fix the call. Callers match on the variant; users read
/// the `Display` text, which the page shows unchanged.
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

    /// The clip is too short to say anything about it.
    #[error("the audio lasts {got_seconds:.2} s, at least {needed_seconds} s are needed")]
    ClipTooShort {
        /// Shortest duration accepted, in seconds.
        needed_seconds: f64,
        /// Duration received, in seconds.
        got_seconds: f64,
    },

    /// The rows of a data set do not fit together, or not what is asked of them.
    #[error("the data set cannot be used: {0}")]
    Dataset(String),

    /// The bytes are no weights file that this version can use.
    #[error("the weights file cannot be used: {0}")]
    Weights(String),

    /// The weights were written by a newer version.
    #[error(
        "the weights file has format {got}, and this version reads format {supported}: update Tonearm"
    )]
    NewerWeights {
        /// Format version of the file.
        got: u32,
        /// Format version that is read.
        supported: u32,
    },

    /// The weights were trained on differently computed features.
    #[error("the weights expect features `{expected}`, this version computes `{got}`")]
    FeatureMismatch {
        /// Fingerprint of the features in the weights file.
        expected: String,
        /// Fingerprint of the features that this version would compute.
        got: String,
    },

    /// The loss is no longer a number.
    #[error("training diverged: the loss is no longer a number; try a lower learning rate")]
    Diverged,

    /// The compute device failed.
    #[error("the compute device failed: {0}")]
    Device(String),
}

/// Result of this crate. Two parameters, because burn's `Config` derive writes both.
pub type Result<T, E = Error> = std::result::Result<T, E>;
