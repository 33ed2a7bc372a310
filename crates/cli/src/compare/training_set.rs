//! Compares the accuracy of the shipped weights on their training set with the cross-validated accuracy.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tonearm::evaluation::metrics::Metrics;

use super::data_folder;
use super::networks::{Folders, LINES, Line, Ours};
use crate::device::Backend;
use crate::input::sources::read_all;
use crate::output::percent_value;
use crate::storage::records::{DataFile, Record};
use crate::{evaluate, storage::weights_file};

/// The section as Markdown.
///
/// # Errors
/// If a file is missing or damaged, or its checksum differs from the one in the record.
pub fn section(folders: &Folders, folder: &Path) -> Result<String> {
    let files = data_folder::list(folder)?;
    let mut text = "\n## The shipped files on their own training set\n\n\
                    | file | rows | top-1 | top-1, cross-validated | top-3 | top-3, cross-validated |\n\
                    | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for line in &LINES {
        text += &row(folders, line, |file| find(&files, file))?;
    }
    Ok(text)
}

fn row(
    folders: &Folders,
    line: &Line,
    find: impl Fn(&DataFile) -> Result<PathBuf>,
) -> Result<String> {
    let ours = Ours::read(folders, line.name)?;
    let labels = &ours.metadata.labels;
    let mut paths = Vec::new();
    for name in line.reads {
        let record = Record::read(&folders.records.join(format!("{name}.json")))?;
        paths.push(find(&record.files[0])?);
    }
    let sources = read_all(&paths, None, &ours.metadata)?;
    // Only the rows that the cross-validation covers too.
    let validated: HashSet<i32> = ours.rows.track_id.iter().copied().collect();
    let is_validated = |row: &usize| validated.contains(&sources[0].track_id[*row]);
    let rows: Vec<usize> = (0..sources[0].len()).filter(is_validated).collect();
    let weights = folders.weights.join(format!("{}.bpk", line.name));
    let classifier = weights_file::classifier(Some(&weights), Backend::Cpu)?;
    let probabilities = evaluate::probabilities(&classifier, &sources, &rows)?;
    let on_training_set = Metrics::new(&probabilities, &sources[0].truth(&rows), labels);
    let held_out = &ours.held_out;
    let cross_validated = Metrics::new(&held_out.probabilities(1.0), &held_out.truth, labels);
    let top3 = |metrics: &Metrics| match labels.len() > 3 {
        true => percent_value(metrics.top3),
        false => String::new(),
    };
    Ok(format!(
        "\n| {}.bpk | {} | {} | {} | {} | {} |",
        line.name,
        on_training_set.n,
        percent_value(on_training_set.top1),
        percent_value(cross_validated.top1),
        top3(&on_training_set),
        top3(&cross_validated)
    ))
}

/// The file that a record names, after checking its checksum.
fn find(files: &data_folder::FilesByName, file: &DataFile) -> Result<PathBuf> {
    let path = data_folder::find(files, &file.name)?;
    ensure!(
        DataFile::of(path)?.sha256 == file.sha256,
        "{} differs from the file that the records were created from (SHA-256 does not match)",
        path.display()
    );
    Ok(path.to_owned())
}
