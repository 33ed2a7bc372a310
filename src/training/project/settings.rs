//! Settings of a training run on a project.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::{Content, check, fraction, within};
use crate::models::Scale;
use crate::recipe::{EpochSelection, Loss, OptimizerKind, Recipe, Schedule};

/// Method of training a network on a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipeName {
    /// Linear probe: a new last layer on the embeddings of a frozen, pretrained CNN.
    Transfer,
    /// Fine-tuning of the last blocks of the pretrained CNN.
    FineTune,
    /// A small CNN on log-mel patches, trained from scratch.
    Cnn,
    /// An RNN on MFCC sequences, trained from scratch.
    Rnn,
    /// An MLP on the rows of a table.
    Mlp,
}

impl RecipeName {
    /// What the recipe trains on.
    pub(crate) fn content(self) -> Content {
        match self {
            Self::Mlp => Content::Table,
            Self::Transfer | Self::FineTune | Self::Cnn | Self::Rnn => Content::Audio,
        }
    }
}

/// Effort of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Short run with a single validation set.
    Quick,
    /// Three times as many epochs, and cross-validation.
    Better,
}

/// Settings of a training run on a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Training method.
    pub recipe: RecipeName,
    /// Maximum number of epochs; at least 1.
    pub epochs: usize,
    /// Batch size, in windows; at least 2.
    pub batch: usize,
    /// Peak learning rate; above 0.
    pub learning_rate: f64,
    /// Optimiser.
    pub optimizer: OptimizerKind,
    /// Weight decay; at least 0.
    pub weight_decay: f64,
    /// Dropout probability before the last layer; in 0..1. Ignored by transfer and fine-tuning.
    pub dropout: f64,
    /// Whether to augment windows by random crops, masks and gain. Ignored by transfer, which
    /// embeds each window once, and for tables.
    pub augment: bool,
    /// Fraction of the files of each class in the validation set; in 0..1, above 0.
    pub validation: f64,
    /// Number of cross-validation folds before the final fit on all files, or 0 for a single
    /// validation set.
    pub folds: usize,
    /// Early stopping: number of epochs without a lower validation loss after which a fit stops; at
    /// least 1. If below `epochs`, the epoch is chosen on the validation files, and the report says
    /// so.
    pub patience: usize,
    /// Seed of the split and of all random numbers.
    pub seed: u64,
}

impl Settings {
    /// Default settings of a training method.
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
        let from_scratch = !matches!(recipe, RecipeName::Transfer | RecipeName::FineTune);
        let is_audio = recipe != RecipeName::Mlp;
        Self {
            recipe,
            epochs,
            batch: if is_audio { 16 } else { 32 },
            learning_rate,
            optimizer: OptimizerKind::AdamW,
            weight_decay,
            dropout: if from_scratch { 0.3 } else { 0.0 },
            augment: is_audio && recipe != RecipeName::Transfer,
            validation: 0.25,
            folds: if better { 5 } else { 0 },
            patience: epochs,
            seed: 0,
        }
    }

    /// Checks the fields that are not checked as part of a recipe.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        check([
            fraction("validation", self.validation),
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

    /// Whether a fit can stop before its last epoch.
    pub(crate) fn stops_early(&self) -> bool {
        self.patience < self.epochs
    }

    /// Recipe of one fit. Without validation rows (`validates` is false) it keeps the last epoch.
    pub(crate) fn recipe(&self, validates: bool) -> Recipe {
        let without_augmentation = Recipe {
            scale: Scale::None,
            ..Recipe::linear()
        };
        let recipe = match self.recipe {
            RecipeName::Transfer => without_augmentation,
            RecipeName::Mlp => Recipe::mlp(),
            RecipeName::FineTune | RecipeName::Cnn if self.augment => Recipe::cnn(),
            RecipeName::Rnn if self.augment => Recipe::rnn(),
            RecipeName::FineTune | RecipeName::Cnn | RecipeName::Rnn => Recipe {
                scale: Scale::Standard,
                ..without_augmentation
            },
        };
        Recipe {
            epochs: self.epochs,
            stop_after: None,
            patience: if validates {
                self.patience
            } else {
                self.epochs
            },
            epoch_selection: if validates {
                EpochSelection::Best
            } else {
                EpochSelection::Last
            },
            batch: self.batch,
            optimizer: self.optimizer,
            loss: Loss::CrossEntropy,
            schedule: Schedule::Cosine,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            label_smoothing: 0.0,
            class_weight: 1.0,
            distillation: 0.0,
            embedding: 0.0,
            seed: self.seed,
            ..recipe
        }
    }
}
