//! Results on standard output; everything else goes to standard error.

use std::fmt::Display;
use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

/// Writes one line of result.
///
/// # Errors
/// If standard output is closed, as by `| head`: `println!` would panic there.
pub fn line(text: impl Display) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("the result cannot be written")
}

/// Writes one JSON object on a line of its own.
///
/// # Errors
/// As [`line`].
pub fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value)?)
}

/// A file's name as it is shown and written; bytes that are no text are replaced.
pub fn name(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
