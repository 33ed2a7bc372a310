//! `tonearm compare --retrain`: every run again, from the list of commands.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::files;

/// Name of the list among the records: one command a line, in the order in which they build on each
/// other.
const LIST: &str = "commands.txt";

/// Folder beside the records with features of speech, which stand in for those that the data lack.
const SPEECH: &str = "speech";

/// Name of the file that counts the commands that are done, where the work is done.
const DONE: &str = "done";

/// Where files are.
pub struct Places<'a> {
    /// The weights files that are replaced, if commands make others of the same names.
    pub weights: &'a Path,
    /// The list of commands, and the records that are replaced.
    pub records: &'a Path,
    /// Data, in any folder below.
    pub data: &'a Path,
    /// Where the commands write, so that what is there is replaced by all of the new or none.
    pub work: &'a Path,
}

/// Runs each command of the list with this binary, then replaces the old weights and records.
///
/// After a stop it goes on where it stood.
///
/// # Errors
/// If the list cannot be read, a file that it names is nowhere or twice, or a command fails.
pub fn run(places: &Places) -> Result<()> {
    let list = places.records.join(LIST);
    let text =
        fs::read_to_string(&list).with_context(|| format!("{} cannot be read", list.display()))?;
    let mut data = files::by_name(places.data)?;
    let speech = places.records.join(SPEECH);
    if speech.exists() {
        for (name, paths) in files::by_name(&speech)? {
            data.entry(name).or_insert(paths);
        }
    }
    let records = places.work.join("runs");
    fs::create_dir_all(&records)
        .with_context(|| format!("{} cannot be made", records.display()))?;
    let done = places.work.join(DONE);
    // What was done of another list is done again.
    let before = fs::read_to_string(&done).unwrap_or_default();
    let mut finished = before.clone();
    let lines = text.lines().filter(|line| !line.is_empty());
    for line in lines.clone().skip(same_lines(&before, &text)) {
        eprintln!("\n{line}");
        let mut arguments = Vec::new();
        let words = shlex::split(line).with_context(|| format!("a quote is left open: {line}"))?;
        for word in words.iter().skip(1) {
            arguments.push(resolve(word, places.work, &records, &data)?);
        }
        let stopped = |path: &PathBuf| path.with_added_extension("run").exists();
        if arguments.iter().any(stopped) {
            arguments.push("--resume".into());
        }
        let status = Command::new(env::current_exe()?)
            .args(arguments)
            .status()
            .context("the binary cannot be started again")?;
        ensure!(status.success(), "this command failed: {line}");
        finished += &format!("{line}\n");
        fs::write(&done, &finished)?;
    }
    replace(places, &records)
}

/// How many commands of the list are done.
fn same_lines(done: &str, list: &str) -> usize {
    let list = list.lines().filter(|line| !line.is_empty());
    done.lines()
        .zip(list)
        .take_while(|(done, line)| done == line)
        .count()
}

/// A word of a command, as a path where it names a file or the folder of the records.
fn resolve(word: &str, work: &Path, records: &Path, data: &files::ByName) -> Result<PathBuf> {
    match Path::new(word).extension().and_then(OsStr::to_str) {
        Some("bpk") => Ok(work.join(word)),
        Some("npz" | "csv" | "json") => Ok(files::one(data, word)?.to_owned()),
        _ if word == "runs" => Ok(records.to_owned()),
        _ => Ok(word.into()),
    }
}

/// Moves the new weights over those of the same names, and all records.
fn replace(places: &Places, records: &Path) -> Result<()> {
    for (from, to, all) in [
        (places.work, places.weights, false),
        (records, places.records, true),
    ] {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let old = to.join(entry.file_name());
            if entry.path().is_file() && (all || old.exists()) {
                fs::copy(entry.path(), &old)
                    .with_context(|| format!("{} cannot be written", old.display()))?;
            }
        }
    }
    let work = places.work;
    fs::remove_dir_all(work).with_context(|| format!("{} cannot be deleted", work.display()))
}
