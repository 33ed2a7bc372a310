//! Classifies the rows of a table with weights that read tables.

use std::path::Path;

use anyhow::{Result, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::{Classifier, Probabilities};
use tonearm::features::{Columns, Input};

use crate::{input::table, output};

/// The JSON object of a row.
#[derive(Serialize)]
struct RowPrediction<'a> {
    file: &'a str,
    /// Number of the row, from 1.
    row: usize,
    label: &'a str,
    probabilities: &'a Probabilities,
}

/// Classifies each row of a table.
///
/// # Errors
/// If the weights do not read Echo Nest features, or the file is not a table of them.
pub fn classify(classifier: &Classifier, path: &Path) -> Result<Vec<Probabilities>> {
    ensure!(
        classifier.metadata().network.input == Input::Columns(Columns::echo_nest()),
        "this is a table, but the weights read audio; pass the weights of an MLP with --weights"
    );
    let rows = table::read_features(path)?.into_iter();
    rows.map(|row| Ok(block_on(classifier.features(vec![row.to_vec()]))?))
        .collect()
}

/// Prints the probabilities of each row, of the `top_k` most probable genres unless `as_json`.
///
/// # Errors
/// If standard output is closed.
pub fn print(as_json: bool, top_k: usize, file: &str, rows: &[Probabilities]) -> Result<()> {
    for (row, probabilities) in (1..).zip(rows) {
        let ranked = probabilities.ranked();
        if as_json {
            output::json(&RowPrediction {
                file,
                row,
                label: ranked[0].0,
                probabilities,
            })?;
            continue;
        }
        let top = ranked.iter().take(top_k);
        let top: Vec<_> = top
            .map(|(label, probability)| format!("{label} {:.1} %", probability * 100.0))
            .collect();
        output::line(format_args!("{file}, row {row}: {}", top.join(", ")))?;
    }
    Ok(())
}
