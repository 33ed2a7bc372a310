//! Rows of a table, classified by weights that read one.

use std::path::Path;

use anyhow::{Result, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::{Classifier, Probabilities};
use tonearm::features::{Columns, Input};

use super::Args;
use crate::{output, table};

/// A row's line of JSON.
#[derive(Serialize)]
struct Answer<'a> {
    file: &'a str,
    /// Its number, from 1.
    row: usize,
    label: &'a str,
    probabilities: &'a Probabilities,
}

/// Classifies each row of a table.
///
/// # Errors
/// If the weights read no Echo Nest features, or the file is no table of them.
pub fn classify(classifier: &Classifier, path: &Path) -> Result<Vec<Probabilities>> {
    ensure!(
        classifier.metadata().network.input == Input::Columns(Columns::echo_nest()),
        "it is a table, and the weights read none: give those of an MLP with --weights"
    );
    let rows = table::read_features(path)?.into_iter();
    rows.map(|row| Ok(block_on(classifier.features(vec![row.to_vec()]))?))
        .collect()
}

/// Prints the answers of a table's rows.
///
/// # Errors
/// If standard output is closed.
pub fn print(args: &Args, file: &str, answers: &[Probabilities]) -> Result<()> {
    for (row, probabilities) in (1..).zip(answers) {
        let ranked = probabilities.ranked();
        if args.json {
            output::json(&Answer {
                file,
                row,
                label: ranked[0].0,
                probabilities,
            })?;
            continue;
        }
        let shown = ranked.iter().take(args.top_k);
        let shown: Vec<_> = shown
            .map(|(label, share)| format!("{label} {:.1} %", share * 100.0))
            .collect();
        output::line(format_args!("{file}, row {row}: {}", shown.join(", ")))?;
    }
    Ok(())
}
