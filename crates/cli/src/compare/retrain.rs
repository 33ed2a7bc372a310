//! `tonearm compare --retrain`: repeats every command in `commands.txt`.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::data_folder::{self, FilesByName};
use crate::{output, storage::files};

/// File in the records folder with one command per line, in order of dependency.
const LIST: &str = "commands.txt";

/// Subfolder of the records with features of speech, used if the data folder does not have them.
const SPEECH: &str = "speech";

/// File in the work folder that lists the finished commands.
const DONE: &str = "done";

/// The folders of a retraining.
pub struct Folders<'a> {
    /// Weights files, replaced by new ones with the same names.
    pub weights: &'a Path,
    /// The list of commands, and the records, which are replaced.
    pub records: &'a Path,
    /// Training data, in any subfolder.
    pub data: &'a Path,
    /// Output of the commands, moved to `weights` and `records` only when all have succeeded.
    pub work: &'a Path,
}

/// Runs each command in the list with this binary, then replaces the weights and records.
///
/// Resumes after an interruption.
///
/// # Errors
/// If the list cannot be read, a command fails, or the data folder does not have exactly one file of each
/// name in the list.
pub fn run(folders: &Folders) -> Result<()> {
    let list = folders.records.join(LIST);
    let text = files::read_text(&list)?;
    let mut data = data_folder::list(folders.data)?;
    let speech = folders.records.join(SPEECH);
    if speech.exists() {
        for (name, paths) in data_folder::list(&speech)? {
            data.entry(name).or_insert(paths);
        }
    }
    let records = folders.work.join("runs");
    fs::create_dir_all(&records).with_context(|| format!("cannot create {}", records.display()))?;
    let done = folders.work.join(DONE);
    // If the list has changed, starts again at the first changed command.
    let previous = fs::read_to_string(&done).unwrap_or_default();
    let n_done = n_done(&previous, &text);
    let lines = text.lines().filter(|line| !line.is_empty());
    let mut finished: String = lines
        .clone()
        .take(n_done)
        .map(|line| format!("{line}\n"))
        .collect();
    for line in lines.clone().skip(n_done) {
        output::note(format_args!("\n{line}"));
        let mut arguments = Vec::new();
        let words = shlex::split(line)
            .with_context(|| format!("unbalanced quotes in {}: {line}", list.display()))?;
        for word in words.iter().skip(1) {
            arguments.push(resolve(word, folders.work, &records, &data)?);
        }
        let is_stopped = |path: &PathBuf| path.with_added_extension("run").exists();
        if arguments.iter().any(is_stopped) {
            arguments.push("--resume".into());
        }
        let status = Command::new(env::current_exe()?)
            .args(arguments)
            .status()
            .context("cannot start the binary")?;
        ensure!(status.success(), "the command failed: {line}");
        finished += &format!("{line}\n");
        fs::write(&done, &finished)?;
    }
    replace(folders, &records)
}

/// Number of commands at the start of the list that are done.
fn n_done(done: &str, list: &str) -> usize {
    let list = list.lines().filter(|line| !line.is_empty());
    done.lines()
        .zip(list)
        .take_while(|(done, line)| done == line)
        .count()
}

/// A word of a command; names of files and the records folder become paths.
fn resolve(word: &str, work: &Path, records: &Path, data: &FilesByName) -> Result<PathBuf> {
    match Path::new(word).extension().and_then(OsStr::to_str) {
        Some("bpk") => Ok(work.join(word)),
        Some("npz" | "csv" | "json") => Ok(data_folder::find(data, word)?.to_owned()),
        _ if word == "runs" => Ok(records.to_owned()),
        _ => Ok(word.into()),
    }
}

/// Copies all new records, and the new weights whose names exist already, then deletes the work folder.
fn replace(folders: &Folders, records: &Path) -> Result<()> {
    for (from, to, all) in [
        (folders.work, folders.weights, false),
        (records, folders.records, true),
    ] {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let old = to.join(entry.file_name());
            if entry.path().is_file() && (all || old.exists()) {
                fs::copy(entry.path(), &old)
                    .with_context(|| format!("cannot write {}", old.display()))?;
            }
        }
    }
    let work = folders.work;
    fs::remove_dir_all(work).with_context(|| format!("cannot delete {}", work.display()))
}
