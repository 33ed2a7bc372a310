//! Lists of genre names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Genre names from a JSON list.
///
/// # Errors
/// If the file cannot be read, or is no list of different names.
pub fn read(path: &Path) -> Result<Vec<String>> {
    let context = || format!("{} is not a list of genres in JSON", path.display());
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let labels: Vec<String> = serde_json::from_str(&text).with_context(context)?;
    let mut sorted = labels.clone();
    sorted.sort();
    sorted.dedup();
    ensure!(
        !labels.is_empty() && sorted.len() == labels.len(),
        context()
    );
    Ok(labels)
}
