//! Writes results to standard output, and everything else to standard error.

use std::fmt::Display;
use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

/// Writes one line to standard output.
///
/// # Errors
/// If standard output is closed, for example by `| head`. `println!` would panic.
pub fn line(text: impl Display) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot write to standard output")
}

/// Writes one line to standard error with a single call, because worker processes write there too.
pub fn note(text: impl Display) {
    // A closed standard error must not stop the command.
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// An error and its causes, separated by colons.
///
/// Leaves out causes that the message before them already contains, as those of many libraries do.
pub fn error_text(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text += &format!(": {cause}");
        }
    }
    text
}

/// A fraction as a percentage with one decimal and the unit.
pub fn percent(fraction: f64) -> String {
    format!("{} %", percent_value(fraction))
}

/// A fraction as a percentage with one decimal, without the unit.
pub fn percent_value(fraction: f64) -> String {
    format!("{:.1}", fraction * 100.0)
}

/// The bounds of a confidence interval as percentages, without the unit.
pub fn percent_interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", percent_value(low), percent_value(high))
}

/// Writes one JSON object to standard output, on its own line.
///
/// # Errors
/// As [`line`].
pub fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value)?)
}
