//! Details of an error: what is wrong with data, and what a project holds.

use serde::Serialize;

/// What is wrong with data that was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "defect", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Defect {
    /// The bytes are not of the expected format.
    Format {
        /// The expected format, with its article.
        expected: &'static str,
    },
    /// Another program wrote the file.
    Foreign,
    /// A part cannot be read.
    Damaged {
        /// Name of the part.
        part: String,
    },
    /// A part is missing.
    Missing {
        /// Name of the part.
        part: String,
    },
    /// A part is superfluous.
    Unexpected {
        /// Name of the part.
        part: String,
    },
    /// A part has another value than the rest requires.
    Mismatch {
        /// Name of the part.
        part: String,
        /// Requirement, as a phrase that follows "must".
        expected: String,
        /// What the part is instead.
        got: String,
    },
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Format { expected } => write!(f, "it is truncated, or not {expected}"),
            Self::Foreign => write!(f, "it was not written by Tonearm"),
            Self::Damaged { part } => write!(f, "{part} is truncated or damaged"),
            Self::Missing { part } => write!(f, "{part} is missing"),
            Self::Unexpected { part } => write!(f, "{part} does not belong in it"),
            Self::Mismatch {
                part,
                expected,
                got,
            } => write!(f, "{part} must {expected}, got {got}"),
        }
    }
}

impl Defect {
    pub(crate) fn damaged(part: impl Into<String>) -> Self {
        Self::Damaged { part: part.into() }
    }

    pub(crate) fn missing(part: impl Into<String>) -> Self {
        Self::Missing { part: part.into() }
    }

    pub(crate) fn mismatch(
        part: impl Into<String>,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::Mismatch {
            part: part.into(),
            expected: expected.into(),
            got: got.to_string(),
        }
    }
}

/// What a project holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Audio files.
    Audio,
    /// Rows of a table.
    Table,
}

impl std::fmt::Display for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio files",
            Self::Table => "a table",
        })
    }
}
