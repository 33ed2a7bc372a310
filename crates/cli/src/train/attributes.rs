//! `tonearm train attributes`: estimates Echo Nest features from log-mel patches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::figures::Confident;
use tonearm::features::{ECHO_NEST, FeatureConfig, Input};
use tonearm::models::attributes::{AttributesConfig, statistics};
use tonearm::models::{ModelConfig, Network, Normalisation, Scale};
use tonearm::training::evidence::Evidence;
use tonearm::training::trainer::ridge;
use tonearm::weights::{Artists, DataCard, Estimate, Grouping, NetworkSpec};

use super::options::Regression;
use crate::storage::weights_file::{self, command, network_name};
use crate::{input::sources, input::table, output, storage::files};

/// Train the estimator of Echo Nest features, a ridge regression on statistics of log-mel patches
///
/// Fits the regression on the tracks that are in both files, and reports the cross-validated R2 of each
/// feature. Folds are split by artist; inner folds choose the penalty. Training takes seconds and cannot
/// be resumed.
#[derive(clap::Args)]
pub struct Args {
    /// Mel features from `tonearm extract --features mel`
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// Table of Echo Nest features with track ids
    #[arg(long, value_name = "T.csv")]
    table: PathBuf,
    /// Number of folds, split by artist
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Folder to write the record of the run to
    // `--record` is the former name; runs/commands.txt contains it.
    #[arg(long, alias = "record", value_name = "DIR")]
    records: Option<PathBuf>,
    #[command(flatten)]
    options: Regression,
}

/// Penalties to choose from.
const PENALTIES: [f64; 7] = [1.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];

/// Rows with their statistics (inputs) and their Echo Nest features (outputs).
struct Rows {
    data: Dataset,
    split: SplitConfig,
    inputs: Vec<Vec<f64>>,
    outputs: Vec<Vec<f64>>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the two files have too few tracks in common, or the weights cannot be
/// written.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    let device = args.options.start()?;
    let features = FeatureConfig::mel();
    let mut data = sources::read_data(&args.data)?;
    ensure!(
        data.shape == features.shape(),
        "{} does not contain mel features; create them with `tonearm extract --features mel`",
        args.data.display()
    );
    let mut table = table::read_tracks(&args.table)?.rows;
    // Over all rows, because the table has only some of the tracks.
    let all: Vec<usize> = (0..data.len()).collect();
    let normalisation = Normalisation::fit(&data, &all, Scale::Standard);
    sources::join(&mut data, &mut [&mut table]);
    ensure!(
        data.len() >= 10 * args.folds,
        "only {} tracks are in both files; {} folds need at least {}",
        data.len(),
        args.folds,
        10 * args.folds
    );
    let rows = Rows {
        inputs: patch_statistics(&data, &normalisation, &device)?,
        outputs: (0..table.len())
            .map(|row| {
                let mut values = vec![0.0; ECHO_NEST.len()];
                table.row_into(row, &mut values);
                values.into_iter().map(f64::from).collect()
            })
            .collect(),
        split: args.options.split(),
        data,
    };

    let estimates = rows.cross_validate(args.folds)?;
    for estimate in &estimates {
        output::note(format_args!("{:17} R2 {:.3}", estimate.name, estimate.r2));
    }
    let all: Vec<usize> = (0..rows.data.len()).collect();
    let weights = rows.fit(&all, args.folds)?;
    let model = AttributesConfig::new();
    let flat = weights.into_iter().flatten().map(|weight| weight as f32);
    let network = Network::Attributes(model.with_weights(flat.collect(), &device));
    let model = ModelConfig::Attributes(model);
    let artists: BTreeSet<i32> = rows.data.artist_id.iter().copied().collect();
    let evidence = Evidence {
        name: network_name(&model).into(),
        command: command(),
        date: String::new(),
        data: DataCard {
            file: files::file_name(&args.data),
            rows: rows.data.len(),
            artists: artists.len(),
            grouping: Grouping::Artist,
            licence: String::new(),
        },
        fitted_on: "all tracks that are also in the table; R2 is cross-validated".into(),
        split: rows.split.clone(),
        folds: args.folds,
        recipe: None,
        temperature: 1.0,
        threshold: 1.0,
        confident: Confident::default(),
        repeats: None,
        estimates,
        figures: Vec::new(),
        headline: None,
    };
    let part = NetworkSpec::new(model, Input::Audio(features), normalisation);
    let metadata = evidence.metadata(&network, part, ECHO_NEST.map(String::from).to_vec());
    let artists = Artists {
        train: artists.into_iter().collect(),
        ..Artists::default()
    };
    weights_file::write(
        &args.options.out,
        &network,
        &BTreeMap::new(),
        &metadata,
        &artists,
    )?;
    if let Some(folder) = &args.records {
        let inputs = [args.data.as_path(), &args.table];
        let record = args.options.record(&metadata, &inputs, started)?;
        record.write(folder, &files::stem(&args.options.out))?;
    }
    match args.options.json {
        true => output::json(&metadata.card),
        false => Ok(()),
    }
}

/// Statistics of each log-mel patch.
fn patch_statistics(
    data: &Dataset,
    normalisation: &Normalisation,
    device: &Device,
) -> Result<Vec<Vec<f64>>> {
    let [height, width] = data.shape;
    let mut values = vec![0.0; data.row_len()];
    (0..data.len())
        .map(|row| {
            data.row_into(row, &mut values);
            normalisation.apply(&mut values, data.layout());
            let patch = TensorData::new(values.clone(), [1, height, width]);
            let measured = statistics(Tensor::from_data(patch, device)).into_data();
            let measured: Vec<f32> = measured
                .try_into_vec()
                .map_err(|e| anyhow::anyhow!("{e}"))?;
            Ok(measured.into_iter().map(f64::from).collect())
        })
        .collect()
}

impl Rows {
    fn select(&self, rows: &[usize]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let of = |values: &[Vec<f64>]| rows.iter().map(|&row| values[row].clone()).collect();
        (of(&self.inputs), of(&self.outputs))
    }

    /// Cross-validated R2 of each feature.
    fn cross_validate(&self, folds: usize) -> Result<Vec<Estimate>> {
        let mut errors = [0.0; ECHO_NEST.len()];
        let (_, all) = self.select(&(0..self.data.len()).collect::<Vec<_>>());
        for split in Split::folds(&self.data, &self.split, folds)? {
            let weights = self.fit(&split.train, folds)?;
            for (error, more) in errors.iter_mut().zip(self.errors(&weights, &split.test)) {
                *error += more;
            }
        }
        let estimate = |(feature, error): (usize, f64)| {
            let values: Vec<f64> = all.iter().map(|row| row[feature]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            Estimate::new(ECHO_NEST[feature], 1.0 - error / variance)
        };
        Ok(errors.into_iter().enumerate().map(estimate).collect())
    }

    /// Ridge weights, with the penalty chosen by cross-validation on `rows`.
    fn fit(&self, rows: &[usize], folds: usize) -> Result<Vec<Vec<f64>>> {
        let inner = self.data.select(rows);
        let splits = Split::folds(&inner, &self.split, folds)?;
        let to_outer = |part: &[usize]| part.iter().map(|&row| rows[row]).collect::<Vec<_>>();
        let (mut lowest_loss, mut best_penalty) = (f64::INFINITY, PENALTIES[0]);
        for penalty in PENALTIES {
            let mut loss = 0.0;
            for split in &splits {
                let (inputs, outputs) = self.select(&to_outer(&split.train));
                let weights = ridge(&inputs, &outputs, penalty)?;
                let errors = self.errors(&weights, &to_outer(&split.test));
                // Tempo is in beats per minute; the other features are in 0..1.
                let scales = ECHO_NEST.map(|name| if name == "tempo" { 250.0_f64 } else { 1.0 });
                loss += errors
                    .iter()
                    .zip(scales)
                    .map(|(error, scale)| error / scale.powi(2))
                    .sum::<f64>();
            }
            if loss < lowest_loss {
                (lowest_loss, best_penalty) = (loss, penalty);
            }
        }
        let (inputs, outputs) = self.select(rows);
        Ok(ridge(&inputs, &outputs, best_penalty)?)
    }

    /// Sum of squared errors of each feature.
    fn errors(&self, weights: &[Vec<f64>], rows: &[usize]) -> Vec<f64> {
        let (biases, weights) = weights.split_last().expect("the last row is the biases");
        let mut errors = vec![0.0; biases.len()];
        for &row in rows {
            for (feature, error) in errors.iter_mut().enumerate() {
                let products = self.inputs[row]
                    .iter()
                    .zip(weights)
                    .map(|(x, w)| x * w[feature]);
                let estimate = biases[feature] + products.sum::<f64>();
                *error += (estimate - self.outputs[row][feature]).powi(2);
            }
        }
        errors
    }
}
