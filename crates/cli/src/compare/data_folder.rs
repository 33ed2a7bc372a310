//! Finds the data files that commands and records name, in any subfolder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

/// Paths of the files in a folder and its subfolders, by file name.
pub type FilesByName = HashMap<String, Vec<PathBuf>>;

/// Lists a folder and its subfolders.
///
/// # Errors
/// If a folder cannot be listed.
pub fn list(folder: &Path) -> Result<FilesByName> {
    let mut files = FilesByName::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        if entry.file_type().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.entry(name).or_default().push(entry.into_path());
        }
    }
    Ok(files)
}

/// The file with a name.
///
/// # Errors
/// Unless there is exactly one.
pub fn find<'a>(files: &'a FilesByName, name: &str) -> Result<&'a Path> {
    match files.get(name).map(Vec::as_slice) {
        Some([path]) => Ok(path),
        Some(_) => bail!("the --data folder has several files named {name}, expected one"),
        None => bail!("the --data folder has no file named {name}"),
    }
}
