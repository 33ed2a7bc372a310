//! Stamps: files with a fingerprint of the inputs of an output, which is rebuilt only when they change.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that contain outputs, which fingerprints ignore.
const OUTPUTS: [&str; 5] = [
    "node_modules",
    "dist",
    "dist.next",
    "dist.old",
    "test-results",
];

/// Hash of the names and contents of all files at `paths`, including those in subfolders.
pub fn fingerprint(paths: &[&Path]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.file_name().hash(hasher);
    if !path.is_dir() {
        let content = fs::read(path).with_context(|| format!("{}", path.display()))?;
        content.hash(hasher);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        if !OUTPUTS.iter().any(|output| entry.ends_with(output)) {
            add(&entry, hasher)?;
        }
    }
    Ok(())
}

/// Whether the stamp at `path` has this content.
pub fn matches(path: &Path, content: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|stamp| stamp == content)
}

/// Writes a stamp to `path`.
pub fn write(path: &Path, content: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("{}", path.display()))
}
