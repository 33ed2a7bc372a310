//! The settings of a training run.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::{check, share, within};
use crate::features::Layout;
use crate::models::Scale;

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the training rows that the learning rate is planned for; at least 1.
    pub epochs: usize,
    /// Ends the run after this epoch, though the plan is longer: what a run on all rows does, once
    /// validation has shown where to stop.
    #[serde(default)]
    pub stop_after: Option<usize>,
    /// Epochs without a lower validation loss after which training stops; at least 1.
    pub patience: usize,
    /// Which epoch's network is kept.
    pub keep: Keep,
    /// Rows of a step; at least 2.
    pub batch: usize,
    /// What takes the steps.
    pub optimizer: OptimizerKind,
    /// What they make smaller.
    pub loss: Loss,
    /// How the learning rate goes.
    pub schedule: Schedule,
    /// How channels are brought to one scale.
    pub scale: Scale,
    /// Highest learning rate; above 0.
    pub learning_rate: f64,
    /// Weight decay; at least 0.
    pub weight_decay: f64,
    /// Share of the target spread over all labels; in 0..1.
    pub label_smoothing: f64,
    /// Share of the rows mixed with another row; in 0..=1.
    pub mixup: f64,
    /// Frames of the random cut that a step sees of a row; the whole row if there is none.
    pub crop: Option<usize>,
    /// Widest run of channels (mel bands, coefficients) that is blanked.
    pub mask_channels: usize,
    /// Widest run of frames that is blanked.
    pub mask_frames: usize,
    /// Largest change of the level: of 80 dB for a mel picture, in deviations of the first
    /// coefficient for MFCCs; at least 0.
    pub gain: f64,
    /// Largest change of the spectrum's colour, in the same units; at least 0.
    pub colour: f64,
    /// How much rows of rare labels count for more: 0 all alike, 1 all labels alike; in 0..=1.
    pub balance: f64,
    /// Share of the target that is a teacher's, where there is one; in 0..=1.
    pub distillation: f64,
    /// Weight of the squared distance to the teacher's embedding; at least 0.
    pub embedding: f64,
    /// Seed of everything random.
    pub seed: u64,
}

/// What takes the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Adam with decoupled weight decay.
    AdamW,
    /// Adam with weight decay in the gradient.
    Adam,
    /// Stochastic gradient descent.
    Sgd,
    /// Stochastic gradient descent with momentum 0.9.
    Momentum,
}

/// What training makes smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Cross entropy of the softmax.
    CrossEntropy,
    /// Squared distance of the probabilities from the target.
    SquaredError,
}

/// How the learning rate goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// It rises over the first epoch, then falls along half a cosine to 0.
    Cosine,
}

/// Which epoch's network is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The one with the lowest validation loss.
    Best,
    /// The last.
    Last,
}

impl Recipe {
    /// The default recipe of the CNN on mel pictures.
    pub fn cnn() -> Self {
        Self {
            epochs: 14,
            stop_after: None,
            patience: 14,
            keep: Keep::Last,
            batch: 32,
            optimizer: OptimizerKind::AdamW,
            loss: Loss::CrossEntropy,
            schedule: Schedule::Cosine,
            scale: Scale::Standard,
            learning_rate: 2e-3,
            weight_decay: 0.02,
            label_smoothing: 0.05,
            mixup: 0.0,
            crop: Some(64),
            mask_channels: 20,
            mask_frames: 10,
            gain: 0.08,
            colour: 0.0,
            balance: 0.0,
            distillation: 0.7,
            embedding: 2.0,
            seed: 0,
        }
    }

    /// The default recipe of the RNN on MFCC sequences.
    pub fn rnn() -> Self {
        Self {
            epochs: 40,
            patience: 40,
            crop: Some(112),
            mask_channels: 3,
            mask_frames: 20,
            gain: 0.5,
            colour: 0.35,
            ..Self::cnn()
        }
    }

    /// The default recipe of the MLP on rows of numbers.
    pub fn mlp() -> Self {
        Self {
            epochs: 60,
            patience: 60,
            batch: 128,
            scale: Scale::Rank,
            learning_rate: 3e-3,
            weight_decay: 0.2,
            label_smoothing: 0.0,
            crop: None,
            mask_channels: 0,
            mask_frames: 0,
            gain: 0.0,
            distillation: 0.0,
            embedding: 0.0,
            ..Self::cnn()
        }
    }

    /// The recipe of a linear layer: on the answers of other networks, or on embeddings.
    pub fn linear() -> Self {
        Self {
            epochs: 30,
            patience: 30,
            scale: Scale::Standard,
            weight_decay: 0.3,
            ..Self::mlp()
        }
    }

    /// How the study trained its MLP.
    pub fn original_mlp() -> Self {
        Self {
            epochs: 20,
            patience: 20,
            batch: 200,
            optimizer: OptimizerKind::Sgd,
            loss: Loss::SquaredError,
            schedule: Schedule::Constant,
            scale: Scale::Standard,
            learning_rate: 0.01,
            weight_decay: 0.0,
            ..Self::mlp()
        }
    }

    /// How the study trained its RNN.
    pub fn original_rnn() -> Self {
        Self {
            keep: Keep::Best,
            batch: 32,
            optimizer: OptimizerKind::Adam,
            loss: Loss::CrossEntropy,
            learning_rate: 1e-4,
            weight_decay: 1e-5,
            ..Self::original_mlp()
        }
    }

    /// How the study trained its CNN.
    pub fn original_cnn() -> Self {
        Self {
            keep: Keep::Best,
            batch: 80,
            optimizer: OptimizerKind::Momentum,
            loss: Loss::CrossEntropy,
            ..Self::original_mlp()
        }
    }

    /// Checks every field against its documented range, for rows of `layout`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, layout: Layout) -> Result<()> {
        let crop = self.crop.unwrap_or(layout.n_frames);
        let at_least_0 = |field, got: f64| {
            let holds = got >= 0.0 && got.is_finite();
            (field, holds, "at least 0", got)
        };
        let whole = |field, got: f64| (field, (0.0..=1.0).contains(&got), "in 0..=1", got);
        check([
            within("epochs", self.epochs, 1..=100_000, "in 1..=100000"),
            within("patience", self.patience, 1..=usize::MAX, "at least 1"),
            within("batch", self.batch, 2..=65_536, "in 2..=65536"),
            (
                "lr",
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "above 0",
                self.learning_rate,
            ),
            at_least_0("weight_decay", self.weight_decay),
            share("label_smoothing", self.label_smoothing),
            whole("mixup", self.mixup),
            within("crop", crop, 1..=layout.n_frames, "in 1..=frames of a row"),
            at_least_0("gain", self.gain),
            at_least_0("colour", self.colour),
            whole("balance", self.balance),
            whole("distillation", self.distillation),
            (
                "balance",
                self.balance == 0.0 || self.has_hard_targets(),
                "0 where targets are mixed or smoothed",
                self.balance,
            ),
            at_least_0("embedding", self.embedding),
        ])
    }

    /// Whether each row has one label and nothing else to learn.
    fn has_hard_targets(&self) -> bool {
        self.mixup == 0.0 && self.label_smoothing == 0.0 && self.distillation == 0.0
    }

    /// Epoch that ends the run at the latest.
    pub fn stop_at(&self) -> usize {
        self.stop_after.unwrap_or(self.epochs).min(self.epochs)
    }

    /// Learning rate of a step.
    pub fn learning_rate_at(&self, step: usize, steps_per_epoch: usize) -> f64 {
        let epoch = (step as f64 + 0.5) / steps_per_epoch as f64;
        let share = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine if epoch < 1.0 => epoch,
            Schedule::Cosine => {
                let done = (epoch - 1.0) / (self.epochs as f64 - 1.0).max(1.0);
                0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
            }
        };
        self.learning_rate * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learning_rate_rises_for_an_epoch_and_falls_to_nothing() {
        let recipe = Recipe {
            epochs: 10,
            learning_rate: 1.0,
            ..Recipe::cnn()
        };
        let rates: Vec<f64> = (0..1000)
            .map(|step| recipe.learning_rate_at(step, 100))
            .collect();
        let peak = crate::evaluation::metrics::argmax(
            &rates.iter().map(|&rate| rate as f32).collect::<Vec<_>>(),
        );
        assert!((99..=101).contains(&peak), "peak at step {peak}");
        assert!(rates[..99].is_sorted());
        assert!(rates[101..].iter().rev().is_sorted());
        assert!(rates[999] < 1e-4);
    }

    #[test]
    fn a_crop_wider_than_the_row_is_refused() {
        let error = Recipe::cnn()
            .validate(Layout::channels_first([128, 32]))
            .expect_err("64 columns of 32");
        assert!(error.to_string().starts_with("`crop` must be"), "{error}");
    }
}
