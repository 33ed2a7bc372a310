//! Hyperparameters of a training run.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::{check, fraction, within};
use crate::features::Layout;
use crate::models::Scale;

/// Hyperparameters of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Number of epochs that the learning rate schedule is planned for; at least 1.
    pub epochs: usize,
    /// Epoch after which training stops, if before the end of the schedule. A run on all rows uses
    /// it, once validation has shown when to stop.
    #[serde(default)]
    pub stop_after: Option<usize>,
    /// Early stopping: number of epochs without a lower validation loss after which training stops;
    /// at least 1.
    pub patience: usize,
    /// Epoch whose network is kept.
    #[serde(rename = "keep")]
    pub epoch_selection: EpochSelection,
    /// Batch size, in rows; at least 2.
    pub batch: usize,
    /// Optimiser.
    pub optimizer: OptimizerKind,
    /// Loss function.
    pub loss: Loss,
    /// Learning rate schedule.
    pub schedule: Schedule,
    /// Normalisation of the input channels.
    pub scale: Scale,
    /// Peak learning rate; above 0.
    pub learning_rate: f64,
    /// Weight decay; at least 0.
    pub weight_decay: f64,
    /// Label smoothing: fraction of the target spread evenly over all labels; in 0..1.
    pub label_smoothing: f64,
    /// Mixup: fraction of the rows that are mixed with another row; in 0..=1.
    pub mixup: f64,
    /// Length of the random crop, in frames; `None` for the whole row.
    pub crop: Option<usize>,
    /// SpecAugment: largest number of adjacent channels (mel bands or coefficients) that are
    /// masked.
    pub mask_channels: usize,
    /// SpecAugment: largest number of adjacent frames that are masked.
    pub mask_frames: usize,
    /// Largest random gain; at least 0. In units of 80 dB for log-mel patches, of the first
    /// coefficient's standard deviation for MFCCs.
    pub gain: f64,
    /// Largest random change of the spectral envelope, in the same units; at least 0.
    pub colour: f64,
    /// Strength of the class weights: 0 weighs all rows alike, 1 weighs all labels alike; in 0..=1.
    #[serde(rename = "balance")]
    pub class_weight: f64,
    /// Distillation: fraction of the target that comes from the teacher, if there is one; in 0..=1.
    pub distillation: f64,
    /// Weight of the mean squared error against the teacher's embedding; at least 0.
    pub embedding: f64,
    /// Seed of all random numbers; below 2^53, so that JavaScript can read it.
    pub seed: u64,
}

/// Optimiser of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Adam with decoupled weight decay.
    AdamW,
    /// Adam with weight decay added to the gradient.
    Adam,
    /// Stochastic gradient descent.
    Sgd,
    /// Stochastic gradient descent with momentum 0.9.
    Momentum,
}

/// Loss function of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Cross entropy of the softmax probabilities.
    CrossEntropy,
    /// Half the squared error of the softmax probabilities, summed over the labels.
    SquaredError,
}

/// Learning rate schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Constant learning rate.
    Constant,
    /// Linear warm-up over the first epoch, then cosine decay to 0.
    Cosine,
}

/// Epoch whose network a run keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EpochSelection {
    /// The epoch with the lowest validation loss.
    Best,
    /// The last epoch.
    Last,
}

impl Recipe {
    /// Default recipe of the CNN on log-mel patches, with which the shipped CNN was trained.
    pub fn cnn() -> Self {
        Self {
            epochs: 24,
            stop_after: None,
            // Without effect where the last epoch is kept; the cards of the shipped weights have it.
            patience: 14,
            epoch_selection: EpochSelection::Last,
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
            class_weight: 0.0,
            distillation: 0.7,
            embedding: 2.0,
            seed: 0,
        }
    }

    /// Default recipe of the RNN on MFCC sequences, with which the shipped RNN was trained.
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

    /// Default recipe of the MLP on tabular rows, which weights all labels alike.
    pub fn mlp() -> Self {
        Self {
            epochs: 60,
            patience: 60,
            batch: 128,
            scale: Scale::Rank,
            learning_rate: 3e-3,
            weight_decay: 0.2,
            label_smoothing: 0.0,
            class_weight: 1.0,
            crop: None,
            mask_channels: 0,
            mask_frames: 0,
            gain: 0.0,
            distillation: 0.0,
            embedding: 0.0,
            ..Self::cnn()
        }
    }

    /// Default recipe of a linear layer: an ensemble of other networks' logits, or a linear probe
    /// on embeddings.
    pub fn linear() -> Self {
        Self {
            epochs: 30,
            patience: 30,
            scale: Scale::Standard,
            weight_decay: 0.3,
            class_weight: 0.0,
            ..Self::mlp()
        }
    }

    /// Recipe of the MLP in the original study.
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
            class_weight: 0.0,
            ..Self::mlp()
        }
    }

    /// Recipe of the RNN in the original study.
    pub fn original_rnn() -> Self {
        Self {
            epoch_selection: EpochSelection::Best,
            batch: 32,
            optimizer: OptimizerKind::Adam,
            loss: Loss::CrossEntropy,
            learning_rate: 1e-4,
            weight_decay: 1e-5,
            ..Self::original_mlp()
        }
    }

    /// Recipe of the CNN in the original study.
    pub fn original_cnn() -> Self {
        Self {
            epoch_selection: EpochSelection::Best,
            batch: 80,
            optimizer: OptimizerKind::Momentum,
            loss: Loss::CrossEntropy,
            ..Self::original_mlp()
        }
    }

    /// Checks every field against its documented range, for rows with this layout.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, layout: Layout) -> Result<()> {
        let crop = self.crop.unwrap_or(layout.n_frames);
        let at_least_0 = |field, got: f64| {
            let holds = got >= 0.0 && got.is_finite();
            (field, holds, "at least 0", got)
        };
        let fraction_or_one =
            |field, got: f64| (field, (0.0..=1.0).contains(&got), "in 0..=1", got);
        check([
            within("epochs", self.epochs, 1..=100_000, "in 1..=100000"),
            within("patience", self.patience, 1..=usize::MAX, "at least 1"),
            within("batch", self.batch, 2..=65_536, "in 2..=65536"),
            (
                "learning_rate",
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "above 0",
                self.learning_rate,
            ),
            at_least_0("weight_decay", self.weight_decay),
            fraction("label_smoothing", self.label_smoothing),
            fraction_or_one("mixup", self.mixup),
            within("crop", crop, 1..=layout.n_frames, "in 1..=frames of a row"),
            at_least_0("gain", self.gain),
            at_least_0("colour", self.colour),
            fraction_or_one("balance", self.class_weight),
            fraction_or_one("distillation", self.distillation),
            (
                "balance",
                self.class_weight == 0.0 || self.has_hard_targets(),
                "0 where targets are mixed or smoothed",
                self.class_weight,
            ),
            at_least_0("embedding", self.embedding),
            (
                "seed",
                self.seed < 1 << 53,
                "below 2^53, the largest integer that JavaScript represents exactly",
                self.seed as f64,
            ),
        ])
    }

    /// Whether the target of each row is a single label, without mixing, smoothing or distillation.
    fn has_hard_targets(&self) -> bool {
        self.mixup == 0.0 && self.label_smoothing == 0.0 && self.distillation == 0.0
    }

    /// Number of the epoch after which training ends at the latest.
    pub fn stop_at(&self) -> usize {
        self.stop_after.unwrap_or(self.epochs).min(self.epochs)
    }

    /// Learning rate of a step.
    pub fn learning_rate_at(&self, step: usize, steps_per_epoch: usize) -> f64 {
        let epoch = (step as f64 + 0.5) / steps_per_epoch as f64;
        let factor = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine if epoch < 1.0 => epoch,
            Schedule::Cosine => {
                let done = (epoch - 1.0) / (self.epochs as f64 - 1.0).max(1.0);
                0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
            }
        };
        self.learning_rate * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learning_rate_warms_up_for_an_epoch_and_decays_to_zero() {
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
    fn a_crop_longer_than_the_row_is_refused() {
        let error = Recipe::cnn()
            .validate(Layout::channels_first([128, 32]))
            .expect_err("64 columns of 32");
        assert!(error.to_string().starts_with("`crop` must be"), "{error}");
    }

    #[test]
    fn a_seed_that_javascript_cannot_represent_is_refused() {
        let refused = |seed: u64| {
            let recipe = Recipe {
                seed,
                ..Recipe::cnn()
            };
            recipe.validate(Layout::channels_first([128, 128])).is_err()
        };
        assert!(!refused((1 << 53) - 1));
        assert!(refused(1 << 53));
    }
}
