//! The networks, one file each, and what all of them share.

pub mod cnn;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::features::FeatureConfig;
use crate::{Error, Result};
use cnn::{Cnn, CnnConfig};

/// Kind and shape of a network, as the weights file names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ModelConfig {
    /// The convolutional network on mel pictures.
    Cnn(CnnConfig),
}

impl ModelConfig {
    /// Steps in time that a window of these features is answered in.
    pub fn n_steps(&self, features: &FeatureConfig) -> usize {
        let Self::Cnn(config) = self;
        config.n_steps(features.shape()[1])
    }
}

/// What is subtracted from and divided out of each mel band before a network reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// Mean of each band over the training rows.
    pub mean: Vec<f32>,
    /// Standard deviation of each band over the training rows; above 0.
    pub deviation: Vec<f32>,
}

impl Normalisation {
    /// Measures the bands of `rows`.
    pub fn measure(data: &Dataset, rows: &[usize]) -> Self {
        let [n_mels, n_columns] = data.shape;
        let (mut sums, mut squares) = (vec![0.0_f64; n_mels], vec![0.0_f64; n_mels]);
        let mut picture = vec![0.0; data.row_len()];
        for &row in rows {
            data.row_into(row, &mut picture);
            for (mel, band) in picture.chunks_exact(n_columns).enumerate() {
                for value in band {
                    sums[mel] += f64::from(*value);
                    squares[mel] += f64::from(*value) * f64::from(*value);
                }
            }
        }
        let n = (rows.len().max(1) * n_columns) as f64;
        let deviation = |(sum, square): (&f64, &f64)| {
            let mean = sum / n;
            (square / n - mean * mean).max(0.0).sqrt().max(1e-3) as f32
        };
        Self {
            mean: sums.iter().map(|sum| (sum / n) as f32).collect(),
            deviation: sums.iter().zip(&squares).map(deviation).collect(),
        }
    }

    /// Normalises one picture in place.
    ///
    /// # Shapes
    /// - `picture`: `[n_mels][n_columns]`
    pub fn apply(&self, picture: &mut [f32]) {
        let n_columns = picture.len() / self.mean.len();
        for (mel, band) in picture.chunks_exact_mut(n_columns).enumerate() {
            let (mean, scale) = (self.mean[mel], 1.0 / self.deviation[mel]);
            for value in band {
                *value = (*value - mean) * scale;
            }
        }
    }

    /// Checks that there is a usable mean and deviation for each of `n_mels` bands.
    ///
    /// # Errors
    /// [`Error::Weights`] if not.
    pub(crate) fn validate(&self, n_mels: usize) -> Result<()> {
        let lengths_fit = self.mean.len() == n_mels && self.deviation.len() == n_mels;
        let finite = self.mean.iter().all(|mean| mean.is_finite())
            && self.deviation.iter().all(|d| d.is_finite() && *d > 0.0);
        if lengths_fit && finite {
            return Ok(());
        }
        Err(Error::Weights(
            "the normalisation does not fit the mel bands".into(),
        ))
    }
}

/// Logits of whole windows from logits of their steps: the mean.
///
/// # Shapes
/// - `steps`: `[batch, n_steps, n_labels]`
/// - returns `[batch, n_labels]`
pub fn pool(steps: Tensor<3>) -> Tensor<2> {
    steps.mean_dim(1).squeeze_dim(1)
}

/// Probabilities from logits: the softmax of `logits / temperature`.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits
        .iter()
        .map(|logit| ((logit - largest) / temperature).exp());
    let mut values: Vec<f32> = powers.collect();
    let sum: f32 = values.iter().sum();
    values.iter_mut().for_each(|value| *value /= sum);
    values
}

/// Logits of rows of a data set, computed in batches.
///
/// # Shapes
/// - returns `[n_rows][n_labels]`
///
/// # Errors
/// [`Error::Device`] if the device cannot be read.
pub async fn row_logits(
    network: &Cnn,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    const BATCH: usize = 32;
    let mut logits = Vec::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        let mut pictures = vec![0.0; batch.len() * data.row_len()];
        for (picture, &row) in pictures.chunks_exact_mut(data.row_len()).zip(batch) {
            data.row_into(row, picture);
            normalisation.apply(picture);
        }
        let [n_mels, n_columns] = data.shape;
        let pictures = TensorData::new(pictures, [batch.len(), n_mels, n_columns]);
        let answer = pool(network.forward(Tensor::from_data(pictures, device)));
        let [_, n_labels] = answer.dims();
        let values = read(answer).await?;
        logits.extend(values.chunks_exact(n_labels).map(<[f32]>::to_vec));
    }
    Ok(logits)
}

/// Reads a tensor back from its device: the one place where this crate waits for one.
///
/// # Errors
/// [`Error::Device`] if the device is lost or the values are not numbers of 32 bits.
pub(crate) async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::Device(error.to_string()))?;
    data.try_into_vec()
        .map_err(|error| Error::Device(error.to_string()))
}
