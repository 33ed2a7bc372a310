//! The settings of a training run on a project.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::{check, share, within};
use crate::models::Scale;
use crate::recipe::{Keep, Loss, OptimizerKind, Recipe, Schedule};

/// How a network is made from a project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeName {
    /// A layer of its own on what a trained CNN hears, which stays as it is.
    Transfer,
    /// The last blocks of that CNN too.
    FineTune,
    /// A small CNN on mel pictures, from nothing.
    Cnn,
    /// An RNN on MFCC sequences, from nothing.
    Rnn,
    /// An MLP on the rows of a table.
    Mlp,
}

/// How long a run may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Soon done.
    Quick,
    /// Three times as long, and cross-validated.
    Better,
}

/// What can be chosen of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How the network is made.
    pub recipe: RecipeName,
    /// Passes over the training windows, at most; at least 1.
    pub epochs: usize,
    /// Windows of a step; at least 2.
    pub batch: usize,
    /// Highest learning rate; above 0.
    pub learning_rate: f64,
    /// What takes the steps.
    pub optimizer: OptimizerKind,
    /// Weight decay; at least 0.
    pub weight_decay: f64,
    /// Share of the features dropped before the last layer; in 0..1. Transfer and fine-tuning have none.
    pub dropout: f64,
    /// Whether windows are cut, blanked in places and made louder or softer, each time another way.
    /// Transfer hears them once, as they are; rows of a table are never changed.
    pub augment: bool,
    /// Share of the files of each class that is kept back to validate; above 0, below 1.
    pub validation: f64,
    /// Cross-validates with so many folds and then fits on all files; 0 for one validation set.
    pub folds: usize,
    /// Epochs without a lower validation loss after which a fit ends; at least 1. Below `epochs`, the
    /// epoch is chosen on the files that measure it, and the report says so.
    pub patience: usize,
    /// Decides who validates, and everything random.
    pub seed: u64,
}

impl Settings {
    /// The settings that need no touching.
    pub fn new(recipe: RecipeName, effort: Effort) -> Self {
        let better = effort == Effort::Better;
        let (epochs, learning_rate, weight_decay) = match recipe {
            RecipeName::Transfer => (40, 0.01, 0.1),
            RecipeName::FineTune => (15, 1e-3, 0.02),
            RecipeName::Cnn => (30, 3e-3, 0.02),
            RecipeName::Rnn => (30, 3e-3, 0.02),
            RecipeName::Mlp => (40, 3e-3, 0.2),
        };
        let epochs = if better { 3 * epochs } else { epochs };
        let from_nothing = !matches!(recipe, RecipeName::Transfer | RecipeName::FineTune);
        let of_audio = recipe != RecipeName::Mlp;
        Self {
            recipe,
            epochs,
            batch: if of_audio { 16 } else { 32 },
            learning_rate,
            optimizer: OptimizerKind::AdamW,
            weight_decay,
            dropout: if from_nothing { 0.3 } else { 0.0 },
            augment: of_audio && recipe != RecipeName::Transfer,
            validation: 0.25,
            folds: if better { 5 } else { 0 },
            patience: epochs,
            seed: 0,
        }
    }

    /// Checks every field that a recipe does not check itself.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        check([
            share("validation", self.validation),
            (
                "validation",
                self.validation > 0.0,
                "above 0",
                self.validation,
            ),
            within("folds", self.folds, 0..=20, "0, or in 2..=20"),
            ("folds", self.folds != 1, "0, or in 2..=20", 1.0),
        ])
    }

    /// Whether a fit may end before its last epoch.
    pub(crate) fn stops_early(&self) -> bool {
        self.patience < self.epochs
    }

    /// The recipe of one fit: one that has nothing to choose by keeps its last epoch.
    pub(crate) fn recipe(&self, validates: bool, stop_after: Option<usize>) -> Recipe {
        let plain = Recipe {
            scale: Scale::None,
            ..Recipe::linear()
        };
        let recipe = match self.recipe {
            RecipeName::Transfer => plain,
            RecipeName::Mlp => Recipe::mlp(),
            RecipeName::FineTune | RecipeName::Cnn if self.augment => Recipe::cnn(),
            RecipeName::Rnn if self.augment => Recipe::rnn(),
            RecipeName::FineTune | RecipeName::Cnn | RecipeName::Rnn => Recipe {
                scale: Scale::Standard,
                ..plain
            },
        };
        Recipe {
            epochs: self.epochs,
            stop_after,
            patience: if validates { self.patience } else { usize::MAX },
            keep: if validates { Keep::Best } else { Keep::Last },
            batch: self.batch,
            optimizer: self.optimizer,
            loss: Loss::CrossEntropy,
            schedule: Schedule::Cosine,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            label_smoothing: 0.0,
            balance: 1.0,
            distillation: 0.0,
            embedding: 0.0,
            seed: self.seed,
            ..recipe
        }
    }
}
