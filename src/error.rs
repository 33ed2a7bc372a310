//! The errors of this crate, and helpers to validate configurations.

use std::ops::RangeInclusive;

/// An error that occurs in the analysis of a clip or in training.
///
/// Each variant holds the expected and the actual value, so that the message is enough to fix the
/// call. Callers match on the variant; users read the `Display` text, which the page shows unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration field is outside its documented range.
    #[error("`{field}` must be {rule}, got {got}")]
    Config {
        /// Name of the field.
        field: &'static str,
        /// Accepted values, as a phrase that follows "must be".
        rule: &'static str,
        /// Value of the field.
        got: f64,
    },

    /// The audio is invalid or too long, or its memory could not be allocated.
    #[error(transparent)]
    Audio(tonearm_dsp::Error),

    /// The clip is too short to be analysed.
    #[error(
        "too short: {got_seconds:.2} s; a clip needs at least {needed_seconds} second{}",
        if *needed_seconds == 1.0 { "" } else { "s" }
    )]
    ClipTooShort {
        /// Minimum duration, in seconds.
        needed_seconds: f64,
        /// Duration received, in seconds.
        got_seconds: f64,
    },

    /// The data set is inconsistent or does not fit the network.
    #[error("unusable data set: {0}")]
    Dataset(String),

    /// The project is incomplete or invalid.
    #[error("{0}")]
    Project(String),

    /// The checkpoint is damaged or belongs to another training run.
    #[error("unusable checkpoint: {0}; restart the training")]
    Checkpoint(String),

    /// The weights file is damaged, inconsistent or of an unsupported kind.
    #[error("unusable weights file: {0}")]
    Weights(String),

    /// The weights file was written by a newer version.
    #[error(
        "the weights file has format {got}, but this version reads only format {supported}; update Tonearm"
    )]
    NewerWeights {
        /// Format version of the file.
        got: u32,
        /// Format version that this version reads.
        supported: u32,
    },

    /// The weights were trained on features that this version computes differently.
    #[error(
        "the weights expect features `{expected}`, but this version computes `{got}`; use weights trained with this version"
    )]
    FeatureMismatch {
        /// Fingerprint of the features in the weights file.
        expected: String,
        /// Fingerprint of the features that this version computes.
        got: String,
    },

    /// Audio was passed to a network that reads table columns.
    #[error("these weights classify rows with the columns {columns}, not audio")]
    NotAudio {
        /// Names of the columns that the network reads, separated by commas.
        columns: String,
    },

    /// The training loss is no longer finite.
    #[error("training diverged: the loss is no longer finite; try a lower learning rate")]
    Diverged,

    /// The compute device failed.
    #[error("the compute device failed: {0}")]
    Device(String),
}

impl From<tonearm_dsp::Error> for Error {
    /// Maps a field out of range to [`Error::Config`], so that callers match one variant whichever crate checks
    /// the field.
    fn from(error: tonearm_dsp::Error) -> Self {
        match error {
            tonearm_dsp::Error::Config { field, rule, got } => Self::Config { field, rule, got },
            other => Self::Audio(other),
        }
    }
}

/// The result type of this crate.
///
/// It has two parameters because the code that Burn's `Config` derive generates names both.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The name of a field, whether its value is valid, the accepted values, and the value.
pub(crate) type Rule = (&'static str, bool, &'static str, f64);

/// Requires a count to be in `range`; `rule` describes the range.
pub(crate) fn within(
    field: &'static str,
    got: usize,
    range: RangeInclusive<usize>,
    rule: &'static str,
) -> Rule {
    (field, range.contains(&got), rule, got as f64)
}

/// Requires a fraction in `0..1`.
pub(crate) fn fraction(field: &'static str, got: f64) -> Rule {
    (field, (0.0..1.0).contains(&got), "in 0..1", got)
}

/// Checks rules in order.
///
/// # Errors
/// [`Error::Config`], naming the first field with an invalid value.
pub(crate) fn check<const N: usize>(rules: [Rule; N]) -> Result<()> {
    match rules.into_iter().find(|(_, valid, _, _)| !valid) {
        Some((field, _, rule, got)) => Err(Error::Config { field, rule, got }),
        None => Ok(()),
    }
}
