//! The options of every training run.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use clap::ValueEnum;
use tonearm::data::split::SplitConfig;
use tonearm::recipe::{EpochSelection, Recipe};
use tonearm::weights::Metadata;

use crate::device::{Backend, cores};
use crate::storage::files;
use crate::storage::records::{DataFile, Record};

/// Options of a network that is trained in epochs. The recipe gives the defaults.
#[derive(clap::Args)]
pub struct Options {
    /// Weights file to write
    #[arg(long, value_name = "W.bpk")]
    pub out: PathBuf,
    /// Network and recipe to train
    #[arg(long, value_enum, default_value = "default")]
    pub recipe: RecipeKind,
    /// How to split the rows into training, validation and test set
    #[arg(long, value_enum, default_value = "artist")]
    split: SplitKind,
    /// Fraction of the training set to use, by whole artists, for learning curves. The validation and
    /// test sets stay the same
    #[arg(long = "train-share", value_name = "FRACTION", default_value_t = 1.0, value_parser = fraction)]
    pub train_fraction: f64,
    /// Maximum number of epochs
    #[arg(long)]
    epochs: Option<usize>,
    /// Batch size
    #[arg(long)]
    batch: Option<usize>,
    /// Peak learning rate
    #[arg(long)]
    lr: Option<f64>,
    /// Weight decay
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Seed of the split and of every random choice in training
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Cross-validate with this many folds, then train on all rows
    #[arg(long, value_name = "K")]
    pub folds: Option<usize>,
    /// Repeat the cross-validation this many times, each with its own seed
    #[arg(long, value_name = "N", default_value_t = 1, requires = "folds", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub repeats: u64,
    /// Number of folds to train in parallel; does not change the result. Each loads its own copy of the
    /// data. Default: the number of cores on the CPU, 1 on a GPU
    #[arg(long, value_name = "N", requires = "folds", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Train only this fold, as a worker process of a run that has started
    #[arg(long, value_name = "NAME", requires = "folds", hide = true)]
    pub fit: Option<String>,
    /// Compute device
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: Backend,
    /// Folder to write the record of the run to: W.json with the figures of every epoch and, with
    /// --folds, W.npz with the logits of each row from the fold that held it out
    // `--record` is the former name; runs/commands.txt and the cards of the shipped weights contain it.
    #[arg(long, alias = "record", value_name = "DIR")]
    pub records: Option<PathBuf>,
    /// Licence of the data, as text for the card
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub licence: String,
    /// Resume a stopped run; all other options must be the same
    #[arg(long)]
    pub resume: bool,
    /// Print each epoch, then the card, as one JSON object per line
    #[arg(long)]
    pub json: bool,
}

/// Options of a regression, which has no epochs.
#[derive(clap::Args)]
pub struct Regression {
    /// Weights file to write
    #[arg(long, value_name = "W.bpk")]
    pub out: PathBuf,
    /// Recipe; only "default" exists, because the study had no such network
    #[arg(long, value_enum, default_value = "default")]
    recipe: RecipeKind,
    /// Seed of the folds
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Compute device
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: Backend,
    /// Print one JSON object per line; the card is the last
    #[arg(long)]
    pub json: bool,
}

impl Regression {
    /// Starts the device.
    ///
    /// # Errors
    /// If the recipe is the study's, or the device is not available.
    pub fn start(&self) -> Result<Device> {
        ensure!(
            self.recipe == RecipeKind::Default,
            "the study had no such network: there is only --recipe default"
        );
        self.device.start()
    }

    /// How the rows are split into folds.
    pub fn split(&self) -> SplitConfig {
        SplitConfig {
            seed: self.seed,
            validation: 0.0,
            ..SplitConfig::default()
        }
    }

    /// The record of a regression that read `files` and started at `started`.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn record(&self, metadata: &Metadata, files: &[&Path], started: Instant) -> Result<Record> {
        Ok(Record {
            command: metadata.card.command.clone(),
            files: files
                .iter()
                .map(|path| DataFile::of(path))
                .collect::<Result<_>>()?,
            seed: self.seed,
            device: self.device.name(),
            model: metadata.network.model.clone(),
            recipe: None,
            fits: Vec::new(),
            seconds: started.elapsed().as_secs_f64(),
            figures: metadata.card.figures.clone(),
        })
    }
}

/// The network and recipe to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecipeKind {
    /// Network and recipe of the study that this project reproduces
    Original,
    /// Network and recipe of this project
    Default,
}

/// How rows are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SplitKind {
    /// Keep all rows by an artist in one set
    Artist,
    /// Split single rows at random, as the study did
    Random,
    /// Test on the latest tracks of each genre (highest ids); rows that share a group with a test track are not used
    Later,
}

impl Options {
    /// The recipe with the options that were given.
    pub fn apply(&self, recipe: Recipe) -> Recipe {
        Recipe {
            epochs: self.epochs.unwrap_or(recipe.epochs),
            batch: self.batch.unwrap_or(recipe.batch),
            learning_rate: self.lr.unwrap_or(recipe.learning_rate),
            weight_decay: self.weight_decay.unwrap_or(recipe.weight_decay),
            seed: self.seed,
            ..recipe
        }
    }

    /// Number of folds to train in parallel.
    pub fn jobs(&self) -> usize {
        match (self.jobs, self.device) {
            (Some(jobs), _) => jobs.into(),
            (None, Backend::Cpu) => cores(),
            (None, _) => 1,
        }
    }

    /// Whether `--split later` was given.
    pub fn is_later_split(&self) -> bool {
        self.split == SplitKind::Later
    }

    /// Name of the weights file without folder and extension; names the record too.
    pub fn name(&self) -> String {
        files::stem(&self.out)
    }

    /// How the rows are split. `fraction` of them go to the validation set and to the test set.
    ///
    /// Folds have no validation set if the recipe keeps the last epoch, because nothing is chosen on it.
    pub fn split(&self, recipe: &Recipe, fraction: f64) -> SplitConfig {
        let without_validation =
            self.folds.is_some() && recipe.epoch_selection == EpochSelection::Last;
        SplitConfig {
            seed: self.seed,
            validation: if without_validation { 0.0 } else { fraction },
            test: fraction,
            random: self.split == SplitKind::Random,
        }
    }
}

fn fraction(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(fraction) if 0.0 < fraction && fraction <= 1.0 => Ok(fraction),
        _ => Err("expected a number above 0 and at most 1".into()),
    }
}
