//! Files of a folder, found by the names that commands and records give them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

/// The files of a folder and all below it, by their names.
pub type ByName = HashMap<String, Vec<PathBuf>>;

/// Lists a folder.
///
/// # Errors
/// If it cannot be listed.
pub fn by_name(folder: &Path) -> Result<ByName> {
    let mut files = ByName::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.with_context(|| format!("{} cannot be listed", folder.display()))?;
        if entry.file_type().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.entry(name).or_default().push(entry.into_path());
        }
    }
    Ok(files)
}

/// The one file of a name.
///
/// # Errors
/// If there is none, or there are several.
pub fn one<'a>(files: &'a ByName, name: &str) -> Result<&'a Path> {
    match files.get(name).map(Vec::as_slice) {
        Some([path]) => Ok(path),
        Some(_) => bail!("there are several {name} in the folder of the data"),
        None => bail!("there is no {name} in the folder of the data"),
    }
}
