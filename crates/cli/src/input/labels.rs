//! Lists of genre names.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::storage::files;

/// Reads genre names from a JSON list.
///
/// # Errors
/// If the file cannot be read, or is not a list of distinct names.
pub fn read(path: &Path) -> Result<Vec<String>> {
    let context = || {
        format!(
            "{} is not a JSON list of distinct genre names",
            path.display()
        )
    };
    let labels: Vec<String> =
        serde_json::from_str(&files::read_text(path)?).with_context(context)?;
    let mut sorted = labels.clone();
    sorted.sort();
    sorted.dedup();
    ensure!(
        !labels.is_empty() && sorted.len() == labels.len(),
        context()
    );
    Ok(labels)
}
