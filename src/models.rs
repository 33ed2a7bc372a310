//! The networks, one file each, and their common interface.

pub mod attributes;
pub mod cnn;
pub mod fused_cpu;
mod gru;
pub mod mlp;
mod normalisation;
pub mod original;
pub(crate) mod parameters;
pub mod rnn;
mod rows;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::Defect;
use crate::features::Input;
use crate::{Error, Result};
use attributes::{Attributes, AttributesConfig};
use cnn::{Cnn, CnnConfig};
use fused_cpu::FusedCpu;
use mlp::{Mlp, MlpConfig};
pub use normalisation::{Normalisation, Scale};
use original::{OriginalCnn, OriginalCnnConfig, OriginalRnn, OriginalRnnConfig};
use rnn::{Rnn, RnnConfig};
#[cfg(all(test, feature = "train"))]
pub(crate) use rows::interruption;
pub(crate) use rows::read;
pub use rows::{row_embeddings, row_logits};

/// The kind and the shape of a network, as stored in the weights file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ModelConfig {
    /// The convolutional network on log-mel patches.
    Cnn(CnnConfig),
    /// The recurrent network on MFCC segments.
    Rnn(RnnConfig),
    /// The multi-layer perceptron on table columns.
    Mlp(MlpConfig),
    /// The estimator of the Echo Nest audio features.
    Attributes(AttributesConfig),
    /// The CNN of the original study.
    #[serde(rename = "original-cnn")]
    OriginalCnn(OriginalCnnConfig),
    /// The RNN of the original study.
    #[serde(rename = "original-rnn")]
    OriginalRnn(OriginalRnnConfig),
}

/// A network of any kind.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "few networks exist at a time, and their parameters are on the heap"
)]
pub enum Network {
    /// The convolutional network on log-mel patches.
    Cnn(Cnn),
    /// The recurrent network on MFCC segments.
    Rnn(Rnn),
    /// The multi-layer perceptron on table columns.
    Mlp(Mlp),
    /// The estimator of the Echo Nest audio features.
    Attributes(Attributes),
    /// The CNN of the original study.
    OriginalCnn(OriginalCnn),
    /// The RNN of the original study.
    OriginalRnn(OriginalRnn),
}

impl ModelConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> Network {
        match self {
            Self::Cnn(config) => Network::Cnn(config.init(device)),
            Self::Rnn(config) => Network::Rnn(config.init(device)),
            Self::Mlp(config) => Network::Mlp(config.init(device)),
            Self::Attributes(config) => Network::Attributes(config.init(device)),
            Self::OriginalCnn(config) => Network::OriginalCnn(config.init(device)),
            Self::OriginalRnn(config) => Network::OriginalRnn(config.init(device)),
        }
    }

    /// Checks every field against its documented range, and that the network accepts rows of `shape`.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range; [`Error::Dataset`] if the network reads
    /// rows of another shape.
    pub fn validate(&self, shape: [usize; 2]) -> Result<()> {
        let (expected, n_channels) = match self {
            Self::Cnn(config) => {
                config.validate(shape[1])?;
                (config.n_mels, shape[0])
            }
            Self::Rnn(config) => {
                config.validate(shape[0])?;
                (config.n_mfcc, shape[1])
            }
            Self::Mlp(config) => {
                config.validate()?;
                let row = if shape[0] == 1 { shape[1] } else { 0 };
                (config.n_inputs, row)
            }
            Self::Attributes(config) => {
                config.validate(shape[1])?;
                (config.n_mels, shape[0])
            }
            Self::OriginalCnn(config) => {
                config.validate(shape[1])?;
                (config.n_mels, shape[0])
            }
            Self::OriginalRnn(config) => {
                config.validate(shape[0])?;
                (config.n_mfcc, shape[1])
            }
        };
        if expected == n_channels {
            return Ok(());
        }
        let part = "the rows that the network reads";
        let expected = format!("have {expected} values per frame");
        let got = format!("rows of {} x {}", shape[0], shape[1]);
        Err(Error::dataset(Defect::mismatch(part, expected, got)))
    }

    /// Returns the number of classes, or of estimates.
    pub fn n_labels(&self) -> usize {
        match self {
            Self::Cnn(config) => config.n_labels,
            Self::Rnn(config) => config.n_labels,
            Self::Mlp(config) => config.n_labels,
            Self::Attributes(config) => config.n_outputs,
            Self::OriginalCnn(config) => config.n_labels,
            Self::OriginalRnn(config) => config.n_labels,
        }
    }

    /// Returns the number of multiply-adds per window.
    pub fn multiply_adds(&self, input: &Input) -> usize {
        let [height, width] = input.shape();
        let per_row = match self {
            Self::Cnn(config) => config.multiply_adds(width),
            Self::Rnn(config) => config.multiply_adds(height),
            Self::Mlp(config) => config.multiply_adds(),
            Self::Attributes(config) => config.multiply_adds(width),
            Self::OriginalCnn(config) => config.multiply_adds(),
            Self::OriginalRnn(config) => config.multiply_adds(height),
        };
        per_row * input.n_segments()
    }

    /// Returns the number of features of a time step that the last layer reads.
    ///
    /// Returns `None` unless the network is a CNN or an RNN.
    pub fn n_features(&self) -> Option<usize> {
        match self {
            Self::Cnn(config) => Some(config.n_features()),
            Self::Rnn(config) => Some(config.n_features()),
            _ => None,
        }
    }
}

impl Network {
    /// Returns the logits of each time step. The steps of an MLP are its ensemble members.
    ///
    /// # Shapes
    /// - `rows`: `[batch, height, width]`, normalised
    /// - returns `[batch, n_steps, n_labels]`
    pub fn forward(&self, rows: Tensor<3>) -> Tensor<3> {
        self.forward_with_features(rows).0
    }

    /// Copies the parameters of all layers but the last into a [`FusedCpu`] network.
    ///
    /// Returns `None` unless the network is a CNN or an RNN.
    ///
    /// # Errors
    /// Those of [`Cnn::fused_cpu`].
    pub async fn fused_cpu(&self) -> Result<Option<FusedCpu>> {
        match self {
            Self::Cnn(cnn) => cnn.fused_cpu().await.map(Some),
            Self::Rnn(rnn) => rnn.fused_cpu().await.map(Some),
            _ => Ok(None),
        }
    }

    /// Returns the logits of each time step from the output of [`FusedCpu::features`].
    ///
    /// # Shapes
    /// - `features`: `[batch, n_steps, n_features]`
    /// - returns `[batch, n_steps, n_labels]`
    ///
    /// # Panics
    /// Unless the network is a CNN or an RNN.
    pub fn classify_features(&self, features: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Cnn(cnn) => cnn.classify_features(features),
            Self::Rnn(rnn) => rnn.classify_features(features),
            _ => panic!("only a CNN or an RNN classifies features"),
        }
    }

    /// Returns the logits of each time step, and the features that the last layer reads.
    ///
    /// # Shapes
    /// - `rows`: `[batch, height, width]`, normalised
    /// - returns `[batch, n_steps, n_labels]` and, for a CNN or an RNN, `[batch, n_steps, n_features]`
    pub fn forward_with_features(&self, rows: Tensor<3>) -> (Tensor<3>, Option<Tensor<3>>) {
        match self {
            Self::Cnn(cnn) => {
                let features = cnn.features(rows);
                (cnn.classify_features(features.clone()), Some(features))
            }
            Self::Rnn(rnn) => {
                let features = rnn.features(rows);
                (rnn.classify_features(features.clone()), Some(features))
            }
            Self::Mlp(mlp) => (mlp.forward(rows), None),
            Self::Attributes(attributes) => (attributes.forward(rows), None),
            Self::OriginalCnn(cnn) => (cnn.forward(rows), None),
            Self::OriginalRnn(rnn) => (rnn.forward(rows), None),
        }
    }
}

/// Returns the mean of logits or features over the time steps of a window.
///
/// # Shapes
/// - `steps`: `[batch, n_steps, n_values]`
/// - returns `[batch, n_values]`
pub fn pool(steps: Tensor<3>) -> Tensor<2> {
    steps.mean_dim(1).squeeze_dim(1)
}

/// Returns the softmax of `logits / temperature`.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits
        .iter()
        .map(|logit| ((logit - max) / temperature).exp());
    let mut values: Vec<f32> = powers.collect();
    let sum: f32 = values.iter().sum();
    values.iter_mut().for_each(|value| *value /= sum);
    values
}
