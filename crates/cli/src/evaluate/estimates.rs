//! Evaluates an estimator: R2 of each feature, against the true values in a table.

use anyhow::{Result, bail, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::models::row_logits;
use tonearm::weights::{DataCard, Weights};

use super::Args;
use super::part::{self, count_seen, describe_seen};
use crate::input::sources::{is_table, join, read_data};
use crate::storage::weights_file::Origin;
use crate::{input::table, output};

/// The output of `--json`.
#[derive(Serialize)]
pub struct Evaluation {
    #[serde(flatten)]
    origin: Origin,
    n: usize,
    /// Number of rows by artists in the training set.
    seen_artist_rows: usize,
    features: Vec<Feature>,
    #[serde(skip)]
    data: DataCard,
}

/// One estimated feature.
#[derive(Serialize)]
struct Feature {
    name: String,
    /// Coefficient of determination; `None` if the true values do not vary.
    r2: Option<f64>,
}

/// Evaluates an estimator on mel features and a table of the same tracks.
///
/// # Errors
/// Unless `--data` gives one file of features and one table, or if they cannot be read or have no track in
/// common.
pub fn evaluate(args: &Args, weights: &Weights) -> Result<Evaluation> {
    let (tables, features): (Vec<_>, Vec<_>) = args.data.iter().partition(|path| is_table(path));
    let ([table], [features]) = (&tables[..], &features[..]) else {
        bail!(
            "an estimator needs mel features and a table of the true values; pass both, each with --data"
        );
    };
    let mut data = read_data(features)?;
    let network_part = &weights.metadata.network;
    ensure!(
        data.shape == network_part.input.shape() && data.layout() == network_part.input.layout(),
        "the estimator reads rows of shape {:?}, but the rows in {} have shape {:?}",
        network_part.input.shape(),
        features.display(),
        data.shape
    );
    let mut truth = table::read_tracks(table)?.rows;
    join(&mut data, &mut [&mut truth]);
    ensure!(!data.is_empty(), "the --data files have no track in common");
    let rows = part::rows(weights, &data, args.split)?;
    ensure!(
        !rows.is_empty(),
        "the files have no rows of that part of the split; use --split all to evaluate every row"
    );
    let device = args.device.start()?;
    let network = weights.network(&device)?;
    let estimates = block_on(row_logits(
        &network,
        &network_part.normalisation,
        &data,
        &rows,
        &device,
    ))?;
    let truth = truth.matrix(&rows);

    let names = weights.metadata.labels.iter().enumerate();
    Ok(Evaluation {
        origin: Origin::of(Some(&args.weights), &weights.metadata)?,
        data: weights.metadata.card.data.clone(),
        n: rows.len(),
        seen_artist_rows: count_seen(&data, &rows, &weights.artists),
        features: names
            .map(|(feature, name)| Feature {
                name: name.clone(),
                r2: r2(truth
                    .rows()
                    .zip(estimates.rows())
                    .map(|(truth, estimate)| [truth[feature], estimate[feature]])),
            })
            .collect(),
    })
}

/// Prints the R2 of each feature, as text or JSON.
///
/// # Errors
/// If standard output is closed.
pub fn print(as_json: bool, evaluation: &Evaluation) -> Result<()> {
    if as_json {
        return output::json(evaluation);
    }
    output::line(format_args!(
        "{} rows{}",
        evaluation.n,
        describe_seen(evaluation.seen_artist_rows, &evaluation.data)
    ))?;
    for Feature { name, r2 } in &evaluation.features {
        let r2 = r2.map_or("-".to_owned(), |r2| format!("{r2:.3}"));
        output::line(format_args!("{name:17} R2 {r2}"))?;
    }
    Ok(())
}

/// Coefficient of determination of pairs of true value and estimate; `None` if the true values do not vary.
fn r2(pairs: impl Iterator<Item = [f32; 2]>) -> Option<f64> {
    let pairs: Vec<[f64; 2]> = pairs.map(|pair| pair.map(f64::from)).collect();
    let mean = pairs.iter().map(|[truth, _]| truth).sum::<f64>() / pairs.len() as f64;
    let variance: f64 = pairs.iter().map(|[truth, _]| (truth - mean).powi(2)).sum();
    let error: f64 = pairs
        .iter()
        .map(|[truth, estimate]| (truth - estimate).powi(2))
        .sum();
    (variance > 0.0).then(|| 1.0 - error / variance)
}
