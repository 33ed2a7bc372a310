//! `tonearm compare --retrain`: every run again, from the list of commands.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

/// Name of the list among the records: one command a line, in the order in which they build on each
/// other.
const LIST: &str = "commands.txt";

/// Where the files that commands name are.
pub struct Places<'a> {
    /// Weights files that are kept.
    pub weights: &'a Path,
    /// All other weights files.
    pub aside: &'a Path,
    /// Records.
    pub records: &'a Path,
    /// Data, in any folder below.
    pub data: &'a Path,
}

/// Runs each command of the list with this binary; the old weights and records are written over.
///
/// # Errors
/// If the list cannot be read, a file that it names is nowhere, or a command fails.
pub fn run(places: &Places) -> Result<()> {
    let list = places.records.join(LIST);
    let text =
        fs::read_to_string(&list).with_context(|| format!("{} cannot be read", list.display()))?;
    let data = data_files(places.data)?;
    fs::create_dir_all(places.aside)
        .with_context(|| format!("{} cannot be made", places.aside.display()))?;
    for line in text.lines().filter(|line| !line.is_empty()) {
        eprintln!("\n{line}");
        let words = shlex::split(line).with_context(|| format!("a quote is left open: {line}"))?;
        let arguments: Result<Vec<PathBuf>> = words
            .iter()
            .skip(1)
            .map(|word| resolve(word, places, &data))
            .collect();
        let status = Command::new(env::current_exe()?)
            .args(arguments?)
            .status()
            .context("the binary cannot be started again")?;
        ensure!(status.success(), "this command failed: {line}");
    }
    Ok(())
}

/// A word of a command, as a path where it names a file or the folder of the records.
fn resolve(word: &str, places: &Places, data: &HashMap<String, PathBuf>) -> Result<PathBuf> {
    let ending = Path::new(word).extension().unwrap_or_default();
    match ending.to_str() {
        Some("bpk") => Ok(weights_file(word, places)),
        Some("npz" | "csv" | "json") => {
            let found = data.get(word).cloned();
            found.with_context(|| format!("there is no {word} in {}", places.data.display()))
        }
        _ if word == "runs" => Ok(places.records.to_owned()),
        _ => Ok(word.into()),
    }
}

/// A weights file: in its folder if there is one of that name, else beside what is shipped.
fn weights_file(name: &str, places: &Places) -> PathBuf {
    let shipped = places.weights.join(name);
    match shipped.exists() {
        true => shipped,
        false => places.aside.join(name),
    }
}

/// The files of a folder by their names.
fn data_files(folder: &Path) -> Result<HashMap<String, PathBuf>> {
    let mut files = HashMap::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{} cannot be listed", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.entry(name).or_insert_with(|| entry.into_path());
    }
    Ok(files)
}
