//! Checks the structure of the sources: import cycles, the order of the core's modules, the size of folders, retired
//! names, and code that stands twice.

mod code;
mod cycles;
mod duplicates;
mod folders;
mod rust;
mod typescript;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// Folders with sources that people read.
const SOURCES: [&str; 8] = [
    "src",
    "crates",
    "xtask/src",
    "pkg/src",
    "www/src",
    "tests",
    "benches",
    "examples",
];

/// Runs all checks and fails if one of them finds something.
pub fn check(project: &Project) -> Result<()> {
    let files = sources(&project.root)?;
    let mut findings = Vec::new();
    findings.extend(folders::full_folders(&files));
    findings.extend(cycles::cycle(&typescript::typescript_imports(&files)));
    findings.extend(cycles::cycle(&rust::rust_imports(&files)));
    findings.extend(rust::module_order(&files));
    findings.extend(words::retired_names(&files));
    findings.extend(duplicates::duplicates(&files));
    if findings.is_empty() {
        println!("  {} files", files.len());
        return Ok(());
    }
    bail!("{}", findings.join("\n    "))
}

/// Content of each source file, by its path from the root.
type Files = BTreeMap<PathBuf, String>;

fn sources(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for folder in SOURCES {
        collect(root, &root.join(folder), &mut files)?;
    }
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules")
                && !path.ends_with("dist")
                && !path.ends_with("test-results")
            {
                collect(root, &path, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "ts")
        {
            let name = path.strip_prefix(root).context("it is below the root")?;
            files.insert(name.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source files with these names and contents.
    pub fn files(sources: &[(&str, &str)]) -> Files {
        sources
            .iter()
            .map(|(name, content)| (PathBuf::from(name), (*content).to_owned()))
            .collect()
    }
}
