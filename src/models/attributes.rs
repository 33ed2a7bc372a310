//! The estimator of the Echo Nest audio features: a linear regression on log-mel statistics.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{check, within};
use crate::{Error, Result};

/// Settings of the estimator on log-mel patches.
#[derive(Config, Debug, PartialEq)]
pub struct AttributesConfig {
    /// Number of mel bands of a patch. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of estimates. Default: 8.
    #[config(default = 8)]
    pub n_outputs: usize,
}

/// Number of statistics per band: mean, standard deviation, mean absolute difference of adjacent
/// columns, and maximum.
const N_STATISTICS: usize = 4;

impl AttributesConfig {
    /// Initialises an estimator whose weights are zero.
    pub fn init(&self, device: &Device) -> Attributes {
        let zeros = vec![0.0; (self.n_statistics() + 1) * self.n_outputs];
        self.with_weights(zeros, device)
    }

    /// Creates an estimator from the weights of a regression.
    ///
    /// # Shapes
    /// - `weights`: `[n_statistics + 1][n_outputs]`, the last row holds the biases
    ///
    /// # Panics
    /// If the number of weights differs.
    pub fn with_weights(&self, mut weights: Vec<f32>, device: &Device) -> Attributes {
        let biases = weights.split_off(self.n_statistics() * self.n_outputs);
        let weights = TensorData::new(weights, [self.n_statistics(), self.n_outputs]);
        let biases = TensorData::new(biases, [self.n_outputs]);
        Attributes {
            regression: Linear {
                weight: Param::from_data(weights, device),
                bias: Some(Param::from_data(biases, device)),
            },
        }
    }

    /// Checks every field against its documented range, for patches of `n_columns` columns.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<(), Error> {
        check([
            within("n_mels", self.n_mels, 1..=512, "in 1..=512"),
            within("n_outputs", self.n_outputs, 1..=255, "in 1..=255"),
            within("n_columns", n_columns, 2..=1024, "in 2..=1024"),
        ])
    }

    /// Returns the number of statistics of a patch.
    pub fn n_statistics(&self) -> usize {
        N_STATISTICS * self.n_mels
    }

    /// Returns the number of multiply-adds for a patch of `n_columns` columns.
    pub fn multiply_adds(&self, n_columns: usize) -> usize {
        self.n_statistics() * (n_columns + self.n_outputs)
    }
}

/// A linear regression on statistics of each mel band over a window.
#[derive(Module, Debug)]
pub struct Attributes {
    regression: Linear,
}

impl Attributes {
    /// Returns the estimates, in the units of the Echo Nest features.
    ///
    /// # Shapes
    /// - `patches`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, n_outputs]`
    pub fn forward(&self, patches: Tensor<3>) -> Tensor<3> {
        self.regression.forward(statistics(patches))
    }
}

/// Limits an estimate to the range of its feature: `0..=1`, or for the tempo at least 0.
///
/// A linear regression extrapolates beyond it for audio unlike its training set.
pub(crate) fn limit_to_range(name: &str, estimate: f32) -> f32 {
    match name {
        "tempo" => estimate.max(0.0),
        _ => estimate.clamp(0.0, 1.0),
    }
}

/// Computes the statistics of log-mel patches.
///
/// # Shapes
/// - `patches`: `[batch, n_mels, n_columns]`
/// - returns `[batch, 1, n_statistics]`
pub fn statistics(patches: Tensor<3>) -> Tensor<3> {
    let [n_batch, n_mels, n_columns] = patches.dims();
    let mean = patches.clone().mean_dim(2);
    let deviation = (patches.clone() - mean.clone()).square().mean_dim(2).sqrt();
    let part = |from, to| patches.clone().slice([0..n_batch, 0..n_mels, from..to]);
    let change = (part(1, n_columns) - part(0, n_columns - 1))
        .abs()
        .mean_dim(2);
    let maximum = patches.max_dim(2);
    Tensor::cat(vec![mean, deviation, change, maximum], 1).swap_dims(1, 2)
}
