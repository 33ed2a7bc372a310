//! One row of a table of Echo Nest features.

use anyhow::{Result, bail};
use tonearm::features::ECHO_NEST;

/// One row of a table.
pub struct Line {
    /// Empty if the table has no genre column.
    pub genre: String,
    pub track_id: i32,
    pub group: i32,
    pub values: [f32; ECHO_NEST.len()],
}

/// Parses a cell of the feature `name`.
///
/// # Errors
/// If the cell is not a finite number.
pub fn number(cell: &str, name: &str) -> Result<f32> {
    match cell.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => bail!("{name} is \"{cell}\", not a number"),
    }
}
