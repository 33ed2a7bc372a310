//! How good an estimator is: R2 of each feature, on tracks whose true values a table has.

use anyhow::{Result, bail, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::models::row_logits;
use tonearm::weights::Weights;

use super::{Args, count_seen, rows};
use crate::sources::{is_table, join, read_data};
use crate::{output, table};

/// What `--json` prints.
#[derive(Serialize)]
struct Evaluation {
    n: usize,
    /// Rows whose artist the weights were fitted on.
    seen_artist_rows: usize,
    features: Vec<Feature>,
}

/// One estimated feature.
#[derive(Serialize)]
struct Feature {
    name: String,
    /// Share of the variance that is explained; none where there is no variance.
    r2: Option<f64>,
}

/// Measures an estimator on mel pictures and a table of the same tracks.
///
/// # Errors
/// If the files are not one of each, cannot be read, or have no track in common.
pub fn run(args: &Args, weights: &Weights) -> Result<()> {
    let (tables, features): (Vec<_>, Vec<_>) = args.data.iter().partition(|path| is_table(path));
    let ([table], [features]) = (&tables[..], &features[..]) else {
        bail!(
            "an estimator is measured on mel features and a table of the true values: give --data for each"
        );
    };
    let mut data = read_data(features)?;
    let part = &weights.metadata.network;
    ensure!(
        data.shape == part.input.shape() && data.layout() == part.input.layout(),
        "the estimator reads rows of {:?}, and these are {:?}",
        part.input.shape(),
        data.shape
    );
    let mut truth = table::read_tracks(table)?.rows;
    join(&mut data, &mut [&mut truth]);
    ensure!(!data.is_empty(), "the files have no track in common");
    let rows = rows(weights, &data, args.split)?;
    ensure!(
        !rows.is_empty(),
        "no track of both files is by an artist of that split; --split all takes every track"
    );
    let device = args.device.start()?;
    let network = weights.network(&device)?;
    let guesses = block_on(row_logits(
        &network,
        &part.normalisation,
        &data,
        &rows,
        &device,
    ))?;
    let true_values = |row: &usize| {
        let mut values = vec![0.0; truth.row_len()];
        truth.row_into(*row, &mut values);
        values
    };
    let truth: Vec<Vec<f32>> = rows.iter().map(true_values).collect();

    let names = weights.metadata.labels.iter().enumerate();
    let evaluation = Evaluation {
        n: rows.len(),
        seen_artist_rows: count_seen(&data, &rows, &weights.artists),
        features: names
            .map(|(feature, name)| Feature {
                name: name.clone(),
                r2: r2(truth
                    .iter()
                    .zip(&guesses)
                    .map(|(truth, guess)| [truth[feature], guess[feature]])),
            })
            .collect(),
    };
    if args.json {
        return output::json(&evaluation);
    }
    output::line(format_args!(
        "{} rows, {} of them by artists that the weights were fitted on",
        evaluation.n, evaluation.seen_artist_rows
    ))?;
    for Feature { name, r2 } in &evaluation.features {
        let r2 = r2.map_or("-".to_owned(), |r2| format!("{r2:.3}"));
        output::line(format_args!("{name:17} R2 {r2}"))?;
    }
    Ok(())
}

/// Share of the variance of the true values that guesses explain.
fn r2(pairs: impl Iterator<Item = [f32; 2]>) -> Option<f64> {
    let pairs: Vec<[f64; 2]> = pairs.map(|pair| pair.map(f64::from)).collect();
    let mean = pairs.iter().map(|[truth, _]| truth).sum::<f64>() / pairs.len() as f64;
    let variance: f64 = pairs.iter().map(|[truth, _]| (truth - mean).powi(2)).sum();
    let error: f64 = pairs
        .iter()
        .map(|[truth, guess]| (truth - guess).powi(2))
        .sum();
    (variance > 0.0).then(|| 1.0 - error / variance)
}
