//! Estimates of the Echo Nest's features, from statistics of a mel picture.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{check, within};
use crate::{Error, Result};

/// Shape of the estimator on `mel`.
#[derive(Config, Debug, PartialEq)]
pub struct AttributesConfig {
    /// Mel bands of a picture. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of estimates. Default: 8.
    #[config(default = 8)]
    pub n_outputs: usize,
}

/// Statistics of a band: mean, standard deviation, mean change from column to column, maximum.
const N_STATISTICS: usize = 4;

impl AttributesConfig {
    /// Initialises an estimator that answers 0.
    pub fn init(&self, device: &Device) -> Attributes {
        let zeros = vec![0.0; (self.n_statistics() + 1) * self.n_outputs];
        self.with_weights(zeros, device)
    }

    /// An estimator with the weights of a regression.
    ///
    /// # Shapes
    /// - `weights`: `[n_statistics + 1][n_outputs]`, the last row the biases
    ///
    /// # Panics
    /// If there are not as many weights.
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

    /// Checks every field against its documented range, for pictures of `n_columns`.
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

    /// Numbers that are measured of a picture.
    pub fn n_statistics(&self) -> usize {
        N_STATISTICS * self.n_mels
    }

    /// Multiply-adds of one picture of `n_columns`.
    pub fn multiply_adds(&self, n_columns: usize) -> usize {
        self.n_statistics() * (n_columns + self.n_outputs)
    }
}

/// A linear regression on how each mel band behaves over a window.
#[derive(Module, Debug)]
pub struct Attributes {
    regression: Linear,
}

impl Attributes {
    /// Estimates, in the features' own units.
    ///
    /// # Shapes
    /// - `pictures`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, n_outputs]`
    pub fn forward(&self, pictures: Tensor<3>) -> Tensor<3> {
        self.regression.forward(statistics(pictures))
    }
}

/// What is measured of pictures.
///
/// # Shapes
/// - `pictures`: `[batch, n_mels, n_columns]`
/// - returns `[batch, 1, n_statistics]`
pub fn statistics(pictures: Tensor<3>) -> Tensor<3> {
    let [n_batch, n_mels, n_columns] = pictures.dims();
    let mean = pictures.clone().mean_dim(2);
    let spread = (pictures.clone() - mean.clone())
        .square()
        .mean_dim(2)
        .sqrt();
    let part = |from, to| pictures.clone().slice([0..n_batch, 0..n_mels, from..to]);
    let change = (part(1, n_columns) - part(0, n_columns - 1))
        .abs()
        .mean_dim(2);
    let loudest = pictures.max_dim(2);
    Tensor::cat(vec![mean, spread, change, loudest], 1).swap_dims(1, 2)
}
