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

/// Writes one line on standard error, in one piece: other processes may write there as well.
pub fn note(text: impl Display) {
    // Where nobody listens, nothing is missed.
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
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
