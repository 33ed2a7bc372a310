//! The committed weights on the data: how much better they know the rows that they were fitted on.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tonearm::evaluation::metrics::Metrics;

use super::{Args, LINES, Line, Ours, files, percent};
use crate::device::Backend;
use crate::sources::read_all;
use crate::train::record::{DataFile, Record};
use crate::{classify, evaluate};

/// The section, as Markdown.
///
/// # Errors
/// If a file is missing, broken, or not the one that the record names.
pub fn section(args: &Args, folder: &Path) -> Result<String> {
    let files = files::by_name(folder)?;
    let mut text = "\n## The shipped files on their own training set\n\n\
                    | file | rows | top-1 | top-1, cross-validated | top-3 | top-3, cross-validated |\n\
                    | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for line in &LINES {
        text += &row(args, line, |file| find(&files, file))?;
    }
    Ok(text)
}

fn row(args: &Args, line: &Line, find: impl Fn(&DataFile) -> Result<PathBuf>) -> Result<String> {
    let ours = Ours::read(args, line.name)?;
    let labels = &ours.metadata.labels;
    let mut paths = Vec::new();
    for name in line.reads {
        let record = Record::read(&args.records.join(format!("{name}.json")))?;
        paths.push(find(&record.files[0])?);
    }
    let sources = read_all(&paths, None, &ours.metadata)?;
    // Those that the folds have answered too.
    let answered: HashSet<i32> = ours.rows.track_id.iter().copied().collect();
    let is_answered = |row: &usize| answered.contains(&sources[0].track_id[*row]);
    let rows: Vec<usize> = (0..sources[0].len()).filter(is_answered).collect();
    let weights = args.weights.join(format!("{}.bpk", line.name));
    let classifier = classify::load(Some(&weights), Backend::Cpu)?;
    let probabilities = evaluate::probabilities(&classifier, &sources, &rows)?;
    let fitted = Metrics::new(&probabilities, &sources[0].truth(&rows), labels);
    let answers = &ours.answers;
    let unseen = Metrics::new(&answers.probabilities(1.0), &answers.truth, labels);
    let top3 = |metrics: &Metrics| match labels.len() > 3 {
        true => percent(metrics.top3),
        false => String::new(),
    };
    Ok(format!(
        "\n| {}.bpk | {} | {} | {} | {} | {} |",
        line.name,
        fitted.n,
        percent(fitted.top1),
        percent(unseen.top1),
        top3(&fitted),
        top3(&unseen)
    ))
}

/// The file that a record names, which must be the one that its run read.
fn find(files: &files::ByName, file: &DataFile) -> Result<PathBuf> {
    let path = files::one(files, &file.name)?;
    ensure!(
        DataFile::of(path)?.sha256 == file.sha256,
        "{} is not the file that the records were made from",
        path.display()
    );
    Ok(path.to_owned())
}
