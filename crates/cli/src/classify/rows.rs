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

/// Classifies each row of a table and prints its answer.
///
/// # Errors
/// If the weights read no Echo Nest features, or the file is no table of them.
pub fn answer(args: &Args, classifier: &Classifier, path: &Path, file: &str) -> Result<()> {
    ensure!(
        classifier.metadata().network.input == Input::Columns(Columns::echo_nest()),
        "it is a table, and the weights read none: give those of an MLP with --weights"
    );
    for (row, values) in (1..).zip(table::read_features(path)?) {
        let probabilities = block_on(classifier.features(vec![values.to_vec()]))?;
        let ranked = probabilities.ranked();
        if args.json {
            output::json(&Answer {
                file,
                row,
                label: ranked[0].0,
                probabilities: &probabilities,
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
