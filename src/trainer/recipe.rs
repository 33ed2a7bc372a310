//! The settings of a training run.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the training rows that the learning rate is planned for; at least 1.
    /// Default: 30.
    pub epochs: usize,
    /// Ends the run after this epoch, though the plan is longer: what a run on all rows does, once
    /// validation has shown where to stop. Default: none.
    pub stop_after: Option<usize>,
    /// Epochs without a lower validation loss after which training stops; at least 1.
    /// Default: 8.
    pub patience: usize,
    /// Rows of a step; at least 2. Default: 32.
    pub batch: usize,
    /// Highest learning rate; above 0. Default: 0.002.
    pub learning_rate: f64,
    /// Decoupled weight decay of AdamW; at least 0. Default: 0.02.
    pub weight_decay: f64,
    /// Share of the target spread over all labels; in 0..1. Default: 0.05.
    pub label_smoothing: f64,
    /// Share of the rows mixed with another row; in 0..=1. Default: 0.5.
    pub mixup: f64,
    /// Columns of the random cut that a step sees of a picture; a multiple of 8. Default: 64.
    pub crop_columns: usize,
    /// Widest band of mel bands that is blanked; at least 0. Default: 20.
    pub mask_mels: usize,
    /// Widest run of columns that is blanked; at least 0. Default: 10.
    pub mask_columns: usize,
    /// Largest change of the level, of 80 dB; in 0..1. Default: 0.08.
    pub gain: f64,
    /// Seed of everything random. Default: 0.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            epochs: 30,
            stop_after: None,
            patience: 8,
            batch: 32,
            learning_rate: 2e-3,
            weight_decay: 0.02,
            label_smoothing: 0.05,
            mixup: 0.5,
            crop_columns: 64,
            mask_mels: 20,
            mask_columns: 10,
            gain: 0.08,
            seed: 0,
        }
    }
}

impl Recipe {
    /// Checks every field against its documented range, for pictures of `n_columns`.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<()> {
        let crop = self.crop_columns;
        let rules = [
            ("epochs", self.epochs >= 1, "at least 1", self.epochs as f64),
            (
                "patience",
                self.patience >= 1,
                "at least 1",
                self.patience as f64,
            ),
            ("batch", self.batch >= 2, "at least 2", self.batch as f64),
            (
                "lr",
                self.learning_rate > 0.0,
                "above 0",
                self.learning_rate,
            ),
            (
                "weight_decay",
                self.weight_decay >= 0.0,
                "at least 0",
                self.weight_decay,
            ),
            (
                "label_smoothing",
                (0.0..1.0).contains(&self.label_smoothing),
                "in 0..1",
                self.label_smoothing,
            ),
            (
                "mixup",
                (0.0..=1.0).contains(&self.mixup),
                "in 0..=1",
                self.mixup,
            ),
            (
                "gain",
                (0.0..1.0).contains(&self.gain),
                "in 0..1",
                self.gain,
            ),
            (
                "crop_columns",
                crop >= 8 && crop.is_multiple_of(8) && crop <= n_columns,
                "a multiple of 8, up to the columns of a picture",
                crop as f64,
            ),
        ];
        match rules.into_iter().find(|(_, holds, _, _)| !holds) {
            Some((field, _, rule, got)) => Err(Error::Config { field, rule, got }),
            None => Ok(()),
        }
    }

    /// Epoch that ends the run at the latest.
    pub fn stop_at(&self) -> usize {
        self.stop_after.unwrap_or(self.epochs).min(self.epochs)
    }

    /// Learning rate of a step: rising over the first epoch, then half a cosine down to 0.
    pub fn learning_rate_at(&self, step: usize, steps_per_epoch: usize) -> f64 {
        let epoch = (step as f64 + 0.5) / steps_per_epoch as f64;
        if epoch < 1.0 {
            return self.learning_rate * epoch;
        }
        let done = (epoch - 1.0) / (self.epochs as f64 - 1.0).max(1.0);
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
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
            ..Recipe::default()
        };
        let rates: Vec<f64> = (0..1000)
            .map(|step| recipe.learning_rate_at(step, 100))
            .collect();
        let peak =
            crate::metrics::argmax(&rates.iter().map(|&rate| rate as f32).collect::<Vec<_>>());
        assert!((99..=101).contains(&peak), "peak at step {peak}");
        assert!(rates[..99].is_sorted());
        assert!(rates[101..].iter().rev().is_sorted());
        assert!(rates[999] < 1e-4);
    }

    #[test]
    fn a_crop_wider_than_the_picture_is_refused() {
        let error = Recipe::default()
            .validate(32)
            .expect_err("64 columns of 32");
        assert!(
            error.to_string().starts_with("`crop_columns` must be"),
            "{error}"
        );
    }
}
