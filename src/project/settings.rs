//! The settings of a training run on a project.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::{check, share, within};
use crate::recipe::{Keep, Loss, OptimizerKind, Recipe, Schedule};

/// How a network is made from a project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeName {
    /// A layer of its own on what a trained CNN hears, which stays as it is.
    Transfer,
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
    /// Share of the files of each class that is kept back to validate; above 0, below 1.
    pub validation: f64,
    /// Cross-validates with so many folds and then fits on all files; 0 for one validation set.
    pub folds: usize,
    /// Epochs without a lower validation loss after which a fit ends; at least 1.
    pub patience: usize,
    /// Decides who validates, and everything random.
    pub seed: u64,
}

impl Settings {
    /// The settings that need no touching.
    pub fn new(recipe: RecipeName, effort: Effort) -> Self {
        match recipe {
            RecipeName::Transfer => Self {
                recipe,
                epochs: if effort == Effort::Quick { 40 } else { 120 },
                batch: 16,
                learning_rate: 0.01,
                optimizer: OptimizerKind::AdamW,
                weight_decay: 0.1,
                validation: 0.25,
                folds: if effort == Effort::Quick { 0 } else { 5 },
                patience: if effort == Effort::Quick { 40 } else { 120 },
                seed: 0,
            },
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

    /// The recipe of one fit: one that has nothing to choose by keeps its last epoch.
    pub(crate) fn recipe(&self, validates: bool, stop_after: Option<usize>) -> Recipe {
        let RecipeName::Transfer = self.recipe;
        Recipe {
            epochs: self.epochs,
            stop_after,
            patience: if validates { self.patience } else { usize::MAX },
            keep: if validates { Keep::Best } else { Keep::Last },
            batch: self.batch,
            optimizer: self.optimizer,
            loss: Loss::CrossEntropy,
            schedule: Schedule::Cosine,
            scale: crate::models::Scale::None,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            balance: 1.0,
            seed: self.seed,
            ..Recipe::linear()
        }
    }
}
