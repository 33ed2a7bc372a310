//! How good an estimator is: R2 of each feature, on tracks whose true values a table has.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use pollster::block_on;
use serde::Serialize;
use tonearm::dataset::Dataset;
use tonearm::models::row_logits;
use tonearm::weights::Weights;

use super::{Args, count_seen, is_table, read_data, rows};
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
    let (data, truth) = join(weights, &read_data(features)?, &table::read_tracks(table)?)?;
    let rows = rows(&data, &weights.artists, args.split);
    ensure!(
        !rows.is_empty(),
        "no track of both files is by an artist of that split; --split all takes every track"
    );
    let device = args.device.start()?;
    let network = weights.network(&device)?;
    let normalisation = &weights.metadata.network.normalisation;
    let guesses = block_on(row_logits(&network, normalisation, &data, &rows, &device))?;

    let names = weights.metadata.labels.iter().enumerate();
    let evaluation = Evaluation {
        n: rows.len(),
        seen_artist_rows: count_seen(&data, &rows, &weights.artists),
        features: names
            .map(|(feature, name)| Feature {
                name: name.clone(),
                r2: r2(rows
                    .iter()
                    .zip(&guesses)
                    .map(|(&row, guess)| [truth[row][feature], guess[feature]])),
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

/// The pictures of tracks that both files have, and the true values of each.
fn join(
    weights: &Weights,
    data: &Dataset,
    table: &table::Table,
) -> Result<(Dataset, Vec<Vec<f32>>)> {
    let part = &weights.metadata.network;
    ensure!(
        data.shape == part.input.shape() && data.layout() == part.input.layout(),
        "the estimator reads rows of {:?}, and these are {:?}",
        part.input.shape(),
        data.shape
    );
    let places: HashMap<i32, usize> = table.rows.track_id.iter().copied().zip(0..).collect();
    let known = |row: &usize| places.contains_key(&data.track_id[*row]);
    let kept: Vec<usize> = (0..data.len()).filter(known).collect();
    ensure!(!kept.is_empty(), "the files have no track in common");
    let data = data.select(&kept);
    let value = |track: &i32| {
        let mut values = vec![0.0; table.rows.row_len()];
        table.rows.row_into(places[track], &mut values);
        values
    };
    let truth = data.track_id.iter().map(value).collect();
    Ok((data, truth))
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
