//! What can be chosen of every training run.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use clap::ValueEnum;
use tonearm::data::split::SplitConfig;
use tonearm::recipe::{Keep, Recipe};

use super::file;
use crate::device::{Backend, cores};

/// Settings of every run; what is left out, the recipe says.
#[derive(clap::Args)]
pub struct Options {
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk")]
    pub out: PathBuf,
    /// The study's network and recipe, or ours
    #[arg(long, value_enum, default_value = "default")]
    pub recipe: RecipeKind,
    /// What keeps the rows of the test apart
    #[arg(long, value_enum, default_value = "artist")]
    split: Grouping,
    /// Share of the training rows to learn from, by whole artists, as a learning curve wants it; the
    /// rows that validate and test stay the same
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = share)]
    pub train_share: f64,
    /// Passes over the training rows, at most
    #[arg(long)]
    epochs: Option<usize>,
    /// Rows of a step
    #[arg(long)]
    batch: Option<usize>,
    /// Highest learning rate
    #[arg(long)]
    lr: Option<f64>,
    /// Weight decay
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Seed of the split and of everything random
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Cross-validate with this many folds, then fit on all rows
    #[arg(long, value_name = "K")]
    pub folds: Option<usize>,
    /// Cross-validate this many times, each with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 1, requires = "folds", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub repeats: u64,
    /// Folds that are trained at once, which changes no result; each reads the data into memory of its
    /// own. Default: as many as there are cores; on a graphics card, one
    #[arg(long, value_name = "N", requires = "folds", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Only this fit of a run that has begun, as one of its processes
    #[arg(long, value_name = "NAME", requires = "folds", hide = true)]
    pub fit: Option<String>,
    /// Where it is computed
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: Backend,
    /// Folder for the record of the run: NAME.json with every epoch, and with --folds NAME.npz, the
    /// logits of each row by the fold that did not see it
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Licence of the data, in words, for the card
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub licence: String,
    /// Go on with the run that was stopped; the command is otherwise the same
    #[arg(long)]
    pub resume: bool,
    /// Write a JSON object a line on standard output: each epoch, then the card
    #[arg(long)]
    pub json: bool,
}

/// Settings of a fit without epochs.
#[derive(clap::Args)]
pub struct Regression {
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk")]
    pub out: PathBuf,
    /// There is ours alone: the study had no such network
    #[arg(long, value_enum, default_value = "default")]
    recipe: RecipeKind,
    /// Seed of the folds
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Where it is computed
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: Backend,
    /// Write JSON objects a line, the card last
    #[arg(long)]
    pub json: bool,
}

impl Regression {
    /// Starts the device.
    ///
    /// # Errors
    /// If the study's recipe is asked for, or the device cannot be had.
    pub fn start(&self) -> Result<Device> {
        ensure!(
            self.recipe == RecipeKind::Default,
            "the study had no such network: there is only --recipe default"
        );
        self.device.start()
    }

    /// How rows are shared out for the folds.
    pub fn split(&self) -> SplitConfig {
        SplitConfig {
            seed: self.seed,
            validation: 0.0,
            ..SplitConfig::default()
        }
    }
}

/// Whose network and recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecipeKind {
    /// Those of the study that this project grew from
    Original,
    /// Ours
    Default,
}

/// What stays on one side of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Grouping {
    /// All rows of an artist
    Artist,
    /// Each row by itself, as the study had it
    Random,
    /// Of each genre in a table, the tracks with the highest ids test; their groups' others are left out
    Later,
}

impl Options {
    /// The recipe with what was asked for.
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

    /// Folds that are trained at once.
    pub fn jobs(&self) -> usize {
        match (self.jobs, self.device) {
            (Some(jobs), _) => jobs.into(),
            (None, Backend::Cpu) => cores(),
            (None, _) => 1,
        }
    }

    /// Whether the latest tracks test.
    pub fn later(&self) -> bool {
        self.split == Grouping::Later
    }

    /// Name of the weights file, without its folder and ending.
    pub fn name(&self) -> String {
        file::stem(&self.out)
    }

    /// How rows are shared out: the study's MLP had 60/20/20, all others 70/15/15. Folds of a
    /// recipe that keeps the last epoch have nothing to choose on validation rows, and so none.
    pub fn split(&self, recipe: &Recipe, share: f64) -> SplitConfig {
        let folds_alone = self.folds.is_some() && recipe.keep == Keep::Last;
        SplitConfig {
            seed: self.seed,
            validation: if folds_alone { 0.0 } else { share },
            test: share,
            random: self.split == Grouping::Random,
        }
    }
}

fn share(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(share) if 0.0 < share && share <= 1.0 => Ok(share),
        _ => Err("it is a number above 0 and at most 1".into()),
    }
}
