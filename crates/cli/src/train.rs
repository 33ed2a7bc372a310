//! `tonearm train`: fits a network and writes its weights file.

mod calibrate;
mod file;
mod run;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Subcommand;
use tonearm::dataset::Dataset;
use tonearm::features::FeatureConfig;
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::Recipe;

use crate::device::Backend;
use crate::{evaluate, labels};
use run::Run;

/// Train a network
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    network: Network,
}

#[derive(Subcommand)]
enum Network {
    /// The convolutional network on mel pictures
    ///
    /// Rows are split 70/15/15 by artist; the epoch with the lowest validation loss is kept, and
    /// the figures come from the test rows. With --folds, the recipe is cross-validated first and
    /// the file is then fitted on all rows, for as many epochs as the folds needed; its card
    /// gives the figures of the folds. Ctrl-C keeps the best so far.
    Cnn(CnnArgs),
}

#[derive(clap::Args)]
struct CnnArgs {
    /// Mel features, as `tonearm extract --features mel` writes them
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// JSON list of the label names
    #[arg(long, value_name = "genres.json")]
    labels: PathBuf,
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk")]
    out: PathBuf,
    /// Passes over the training rows, at most
    #[arg(long, default_value_t = Recipe::default().epochs)]
    epochs: usize,
    /// Rows of a step
    #[arg(long, default_value_t = Recipe::default().batch)]
    batch: usize,
    /// Highest learning rate
    #[arg(long, default_value_t = Recipe::default().learning_rate)]
    lr: f64,
    /// Seed of the split and of everything random
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Cross-validate with this many folds, then fit on all rows
    #[arg(long, value_name = "K")]
    folds: Option<usize>,
    /// Where it is computed
    #[arg(long, value_enum, default_value = "cpu")]
    device: Backend,
    /// Write a JSON object a line on standard output: each epoch, then the card
    #[arg(long)]
    json: bool,
}

/// Trains what was asked for.
///
/// # Errors
/// If the data cannot be read or does not fit, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let Network::Cnn(args) = &args.network;
    let data = read_data(args)?;
    let labels = labels::read(&args.labels)?;
    data.check_labels(labels.len())?;

    let recipe = Recipe {
        epochs: args.epochs,
        batch: args.batch,
        learning_rate: args.lr,
        seed: args.seed,
        ..Recipe::default()
    };
    let split = SplitConfig {
        seed: args.seed,
        ..SplitConfig::default()
    };
    let splits = match args.folds {
        None => vec![Split::new(&data, &split)?],
        Some(k) => Split::folds(&data, &split, k)?,
    };
    let device = args.device.start()?;
    Run {
        args,
        data: &data,
        labels: &labels,
        recipe,
        split,
        device,
    }
    .train(splits)
}

/// Reads the rows; they must be the mel pictures that the network will be given.
fn read_data(args: &CnnArgs) -> Result<Dataset> {
    let path = args.data.display();
    let data = evaluate::read_data(&args.data)?;
    let [height, width] = FeatureConfig::mel().shape();
    ensure!(
        data.shape == [height, width],
        "{path} has rows of {} x {}, and the CNN reads mel pictures of {height} x {width}: \
         make them with `tonearm extract --features mel`",
        data.shape[0],
        data.shape[1]
    );
    Ok(data)
}
