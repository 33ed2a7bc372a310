//! The errors of this crate, and helpers to validate configurations.

mod defect;
mod rules;
#[cfg(test)]
mod tests;

use serde::Serialize;
use tonearm_dsp::ConfigError;

pub use defect::{Content, Defect};
pub(crate) use rules::{between, check, fraction, within};

/// An error that occurs in the analysis of a clip or in training.
///
/// Each variant holds the expected and the actual value, so that the message is enough to fix the
/// call. Callers match on the variant; users read the `Display` text.
///
/// An error that another one caused has it as its [`source`](std::error::Error::source), and the
/// text does not repeat it.
///
/// # Codes
/// Serialisation gives what a user interface in another language needs: a `code`, which is the variant
/// in kebab-case and does not change, and the fields of the variant as `parameters`.
///
/// | code | parameters |
/// | --- | --- |
/// | `setting` | `field`, `rule`, `got` |
/// | `clip-too-short` | `needed_seconds`, `got_seconds` |
/// | `silent` | |
/// | `not-audio` | `columns` |
/// | `dataset`, `project`, `checkpoint`, `weights` | `defect` and the fields of the [`Defect`] |
/// | `newer-weights`, `older-weights`, `newer-project` | `got`, `supported` |
/// | `feature-mismatch`, `outdated-project` | `expected`, `got` |
/// | `outdated-file` | `file`, `expected`, `got` |
/// | `not-a-classifier` | |
/// | `not-a-backbone` | `needed` |
/// | `unknown-class` | `file` |
/// | `project-kind`, `recipe-kind` | `expected`, `got` |
/// | `empty-project` | |
/// | `class-count` | `max`, `got` |
/// | `unnamed-class` | `number` |
/// | `duplicate-class` | `name` |
/// | `too-few-files` | `class`, `needed`, `got` |
/// | `underdetermined` | |
/// | `diverged` | |
/// | `unfinished` | |
/// | `device` | |
/// | `unwritable` | `document` |
///
/// The codes of [`tonearm_dsp::Error`] are `empty-clip`, `no-channels`, `unequal-channels`, `partial-frame`,
/// `invalid-sample`, `sample-rate`, `clip-too-long` and `out-of-memory`.
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(tag = "code", content = "parameters", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Error {
    /// A configuration field is outside its documented range.
    #[error(transparent)]
    #[serde(rename = "setting")]
    Config(#[from] ConfigError),

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

    /// A file to train on is silent.
    #[error("the file is silent")]
    Silent,

    /// Audio was passed to a network that reads table columns.
    #[error("these weights classify rows with the columns {columns}, not audio")]
    NotAudio {
        /// Names of the columns that the network reads, separated by commas.
        columns: String,
    },

    /// The data set is damaged, inconsistent or does not fit the network.
    #[error("unusable data set: {defect}")]
    Dataset {
        /// What is wrong with it.
        #[serde(flatten)]
        defect: Defect,
        /// Error of the reader.
        #[serde(skip)]
        source: Option<Cause>,
    },

    /// The archive of a project is damaged or inconsistent.
    #[error("the project cannot be read: {defect}")]
    Project {
        /// What is wrong with it.
        #[serde(flatten)]
        defect: Defect,
        /// Error of the reader.
        #[serde(skip)]
        source: Option<Cause>,
    },

    /// The checkpoint is damaged or belongs to another training run.
    #[error("unusable checkpoint: {defect}; restart the training")]
    Checkpoint {
        /// What is wrong with it.
        #[serde(flatten)]
        defect: Defect,
        /// Error of the reader.
        #[serde(skip)]
        source: Option<Cause>,
    },

    /// The weights file is damaged or inconsistent.
    #[error("unusable weights file: {defect}")]
    Weights {
        /// What is wrong with it.
        #[serde(flatten)]
        defect: Defect,
        /// Error of the reader.
        #[serde(skip)]
        source: Option<Cause>,
    },

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

    /// The weights file was written by an older version.
    #[error(
        "the weights file has format {got}, but this version reads only format {supported}; train the weights again"
    )]
    OlderWeights {
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

    /// The weights file holds an estimator of audio features.
    #[error("unusable weights file: it estimates audio features and does not classify genres")]
    NotAClassifier,

    /// The weights file has no network that transfer learning can start from.
    #[error("unusable weights file: transfer learning needs {needed}")]
    NotABackbone {
        /// What the file lacks.
        needed: &'static str,
    },

    /// The project was written by a newer version.
    #[error(
        "the project has format {got}, but this version reads format {supported}; update Tonearm"
    )]
    NewerProject {
        /// Format version of the project.
        got: u32,
        /// Format version that this version reads.
        supported: u32,
    },

    /// Another version computed the features of a project.
    #[error(
        "another version of Tonearm computed the project's features, and they differ from this \
         version's; add the files to a new project"
    )]
    OutdatedProject {
        /// Fingerprint of the features that this version computes.
        expected: String,
        /// Fingerprint of the project's features.
        got: String,
    },

    /// Another version computed the features of a file.
    #[error(
        "another version of Tonearm computed the features of {file}, and they differ from this \
         version's; remove the file and add it again, or add all files to a new project"
    )]
    OutdatedFile {
        /// Name of the file.
        file: String,
        /// Fingerprint of the features that this version computes.
        expected: String,
        /// Fingerprint of the file's features.
        got: String,
    },

    /// The class of a file or row is not one of the project's.
    #[error("the class of {file} does not exist")]
    UnknownClass {
        /// Name of the file or row.
        file: String,
    },

    /// A project of audio files was used as a table, or the reverse.
    #[error("the project holds {got}, not {expected}")]
    ProjectKind {
        /// Content that was needed.
        expected: Content,
        /// Content of the project.
        got: Content,
    },

    /// The recipe does not train on the content of the project.
    #[error(
        "the recipe trains on {expected}, but the project holds {got}: a table needs the MLP recipe, \
         and audio needs one of the other recipes"
    )]
    RecipeKind {
        /// What the recipe trains on.
        expected: Content,
        /// Content of the project.
        got: Content,
    },

    /// The project has no files.
    #[error("the project has no files yet")]
    EmptyProject,

    /// The number of classes is outside the supported range.
    #[error("there must be 2 to {max} classes, got {got}")]
    ClassCount {
        /// Maximum number of classes.
        max: usize,
        /// Number of classes of the project.
        got: usize,
    },

    /// A class has no name.
    #[error("class {number} has no name")]
    UnnamedClass {
        /// Position of the class, from 1.
        number: usize,
    },

    /// Two classes have the same name.
    #[error("two classes are called {name}")]
    DuplicateClass {
        /// Name of both classes.
        name: String,
    },

    /// A class has too few files.
    #[error(
        "{class} has {got} file{} and needs at least {needed}: one to train on, one to validate on",
        if *got == 1 { "" } else { "s" }
    )]
    TooFewFiles {
        /// Name of the class.
        class: String,
        /// Minimum number of files.
        needed: usize,
        /// Number of files of the class.
        got: usize,
    },

    /// A linear fit has no unique solution.
    #[error("the rows do not determine the weights; use a larger penalty")]
    Underdetermined,

    /// The training loss is no longer finite.
    #[error("training diverged: the loss is no longer finite; try a lower learning rate")]
    Diverged,

    /// The result of a run was requested before its end.
    #[error("training has not finished yet")]
    Unfinished,

    /// The compute device failed.
    #[error("the compute device failed")]
    Device {
        /// Error of the device.
        #[serde(skip)]
        source: Cause,
    },

    /// A file could not be serialised.
    #[error("the {document} cannot be written")]
    Unwritable {
        /// What was to be written, such as `weights file`.
        document: &'static str,
        /// Error of the writer.
        #[serde(skip)]
        source: Cause,
    },

    /// The audio is invalid or too long, or its memory could not be allocated.
    #[error(transparent)]
    #[serde(untagged)]
    Audio(#[from] tonearm_dsp::Error),
}

/// An error of another crate.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    pub(crate) fn dataset(defect: Defect) -> Self {
        let source = None;
        Self::Dataset { defect, source }
    }

    #[cfg(feature = "train")]
    pub(crate) fn project(defect: Defect) -> Self {
        let source = None;
        Self::Project { defect, source }
    }

    #[cfg(feature = "train")]
    pub(crate) fn checkpoint(defect: Defect) -> Self {
        let source = None;
        Self::Checkpoint { defect, source }
    }

    pub(crate) fn weights(defect: Defect) -> Self {
        let source = None;
        Self::Weights { defect, source }
    }

    pub(crate) fn device(source: impl Into<Cause>) -> Self {
        let source = source.into();
        Self::Device { source }
    }

    /// Returns a function for `map_err`.
    pub(crate) fn unwritable<E: Into<Cause>>(document: &'static str) -> impl Fn(E) -> Self + Copy {
        move |source| Self::Unwritable {
            document,
            source: source.into(),
        }
    }

    /// Adds the error of a reader to one of the variants with a [`Defect`].
    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        if let Self::Dataset { source, .. }
        | Self::Project { source, .. }
        | Self::Checkpoint { source, .. }
        | Self::Weights { source, .. } = &mut self
        {
            *source = Some(cause.into());
        }
        self
    }
}

/// The result type of this crate.
///
/// It has two parameters because the code that Burn's `Config` derive generates names both.
pub type Result<T, E = Error> = std::result::Result<T, E>;
