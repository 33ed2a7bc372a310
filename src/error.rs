//! What can go wrong, in words fit to be shown.

use std::ops::RangeInclusive;

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

    /// The samples cannot be used.
    #[error(transparent)]
    Audio(#[from] tonearm_dsp::Error),

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

    /// A project cannot be used as it is.
    #[error("{0}")]
    Project(String),

    /// The saved state of a training run is damaged or belongs to another run.
    #[error("the checkpoint cannot be used: {0}; start the training anew")]
    Checkpoint(String),

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

    /// Audio was given to a network that reads a table.
    #[error("these weights read the columns {columns}, and not audio")]
    NotAudio {
        /// The columns that the network reads.
        columns: String,
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

/// A field, whether it is as it has to be, what it has to be, and what it is.
pub(crate) type Rule = (&'static str, bool, &'static str, f64);

/// Asks a count to be in a range, which `rule` says in words.
pub(crate) fn within(
    field: &'static str,
    got: usize,
    range: RangeInclusive<usize>,
    rule: &'static str,
) -> Rule {
    (field, range.contains(&got), rule, got as f64)
}

/// Asks for a share below the whole.
pub(crate) fn share(field: &'static str, got: f64) -> Rule {
    (field, (0.0..1.0).contains(&got), "in 0..1", got)
}

/// Checks rules in their order.
///
/// # Errors
/// [`Error::Config`], naming the first field whose rule does not hold.
pub(crate) fn check<const N: usize>(rules: [Rule; N]) -> Result<()> {
    match rules.into_iter().find(|(_, holds, _, _)| !holds) {
        Some((field, _, rule, got)) => Err(Error::Config { field, rule, got }),
        None => Ok(()),
    }
}
