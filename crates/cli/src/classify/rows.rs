//! Classifies the rows of a table with weights that read tables.

use std::path::Path;

use anyhow::{Result, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::{Classifier, Probabilities};
use tonearm::features::{Columns, Input};

use crate::output::percent;
use crate::storage::weights_file::Origin;
use crate::{input::table, output};

/// The JSON object of a row.
#[derive(Serialize)]
struct RowPrediction<'a> {
    file: &'a str,
    /// Number of the row, from 1.
    row: usize,
    #[serde(flatten)]
    origin: &'a Origin,
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

/// Prints the prediction for each row as one JSON object per line.
///
/// # Errors
/// If standard output is closed.
pub fn print_json(file: &str, origin: &Origin, rows: &[Probabilities]) -> Result<()> {
    (1..).zip(rows).try_for_each(|(row, probabilities)| {
        output::json(&RowPrediction {
            file,
            row,
            origin,
            label: probabilities.ranked()[0].0,
            probabilities,
        })
    })
}

/// Prints the `top_k` most probable genres of each row.
///
/// # Errors
/// If standard output is closed.
pub fn print(file: &str, top_k: usize, rows: &[Probabilities]) -> Result<()> {
    (1..).zip(rows).try_for_each(|(row, probabilities)| {
        let ranked = probabilities.ranked().into_iter().take(top_k);
        let top: Vec<_> = ranked
            .map(|(label, probability)| format!("{label} {}", percent(probability.into())))
            .collect();
        output::line(format_args!("{file}, row {row}: {}", top.join(", ")))
    })
}
