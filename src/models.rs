//! The networks, one file each, and what all of them share.

pub mod attributes;
pub mod cnn;
pub mod fused_cpu;
mod gru;
pub mod mlp;
mod normalisation;
pub mod original;
pub(crate) mod parameters;
pub mod rnn;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::features::Input;
use crate::{Error, Result};
use attributes::{Attributes, AttributesConfig};
use cnn::{Cnn, CnnConfig};
use fused_cpu::FusedCpu;
use mlp::{Mlp, MlpConfig};
pub use normalisation::{Normalisation, Scale};
use original::{OriginalCnn, OriginalCnnConfig, OriginalRnn, OriginalRnnConfig};
use rnn::{Rnn, RnnConfig};

/// Kind and shape of a network, as the weights file names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ModelConfig {
    /// The convolutional network on mel pictures.
    Cnn(CnnConfig),
    /// The recurrent network on MFCC sequences.
    Rnn(RnnConfig),
    /// The multi-layer perceptron on rows of numbers.
    Mlp(MlpConfig),
    /// The estimator of the Echo Nest's features.
    Attributes(AttributesConfig),
    /// The study's CNN.
    #[serde(rename = "original-cnn")]
    OriginalCnn(OriginalCnnConfig),
    /// The study's RNN.
    #[serde(rename = "original-rnn")]
    OriginalRnn(OriginalRnnConfig),
}

/// A network of any kind.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are a few of them, and the parameters are elsewhere"
)]
pub enum Network {
    /// The convolutional network on mel pictures.
    Cnn(Cnn),
    /// The recurrent network on MFCC sequences.
    Rnn(Rnn),
    /// The multi-layer perceptron on rows of numbers.
    Mlp(Mlp),
    /// The estimator of the Echo Nest's features.
    Attributes(Attributes),
    /// The study's CNN.
    OriginalCnn(OriginalCnn),
    /// The study's RNN.
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

    /// Checks every field against its documented range, and that the network reads rows of
    /// `shape`.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range; [`Error::Dataset`] if the rows are
    /// of another shape.
    pub fn validate(&self, shape: [usize; 2]) -> Result<()> {
        let (reads, channels) = match self {
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
        if reads == channels {
            return Ok(());
        }
        Err(Error::Dataset(format!(
            "rows are {} x {}, and the network reads {reads} numbers at a time",
            shape[0], shape[1]
        )))
    }

    /// Number of classes, or of estimates.
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

    /// Multiply-adds of a window of this input.
    pub fn multiply_adds(&self, input: &Input) -> usize {
        let [height, width] = input.shape();
        let once = match self {
            Self::Cnn(config) => config.multiply_adds(width),
            Self::Rnn(config) => config.multiply_adds(height),
            Self::Mlp(config) => config.multiply_adds(),
            Self::Attributes(config) => config.multiply_adds(width),
            Self::OriginalCnn(config) => config.multiply_adds(),
            Self::OriginalRnn(config) => config.multiply_adds(height),
        };
        once * input.n_pieces()
    }

    /// Numbers of a step that the last layer reads; none for a network that has no such steps.
    pub fn n_features(&self) -> Option<usize> {
        match self {
            Self::Cnn(config) => Some(config.n_features()),
            Self::Rnn(config) => Some(config.n_features()),
            _ => None,
        }
    }
}

impl Network {
    /// Logits of each step in time; an MLP's are its members'.
    ///
    /// # Shapes
    /// - `rows`: `[batch, height, width]`, normalised
    /// - returns `[batch, n_steps, n_labels]`
    pub fn forward(&self, rows: Tensor<3>) -> Tensor<3> {
        self.forward_with_features(rows).0
    }

    /// The CNN and the RNN up to their last layers without Burn, with the parameters that they have
    /// now; none for the others.
    ///
    /// # Errors
    /// Those of [`Cnn::direct`].
    pub async fn fused_cpu(&self) -> Result<Option<FusedCpu>> {
        match self {
            Self::Cnn(cnn) => cnn.fused_cpu().await.map(Some),
            Self::Rnn(rnn) => rnn.fused_cpu().await.map(Some),
            _ => Ok(None),
        }
    }

    /// Logits of each step in time, from what [`Direct::features`] gives.
    ///
    /// # Shapes
    /// - `features`: `[batch, n_steps, n_features]`
    /// - returns `[batch, n_steps, n_labels]`
    ///
    /// # Panics
    /// If [`Network::direct`] is none.
    pub fn answer(&self, features: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Cnn(cnn) => cnn.answer(features),
            Self::Rnn(rnn) => rnn.answer(features),
            _ => panic!("this network has no features"),
        }
    }

    /// Logits of each step in time, and the features that the last layer read.
    ///
    /// # Shapes
    /// - `rows`: `[batch, height, width]`, normalised
    /// - returns `[batch, n_steps, n_labels]` and, from the CNN and the RNN, `[batch, n_steps, n_features]`
    pub fn forward_with_features(&self, rows: Tensor<3>) -> (Tensor<3>, Option<Tensor<3>>) {
        match self {
            Self::Cnn(cnn) => {
                let features = cnn.features(rows);
                (cnn.answer(features.clone()), Some(features))
            }
            Self::Rnn(rnn) => {
                let features = rnn.features(rows);
                (rnn.answer(features.clone()), Some(features))
            }
            Self::Mlp(mlp) => (mlp.forward(rows), None),
            Self::Attributes(attributes) => (attributes.forward(rows), None),
            Self::OriginalCnn(cnn) => (cnn.forward(rows), None),
            Self::OriginalRnn(rnn) => (rnn.forward(rows), None),
        }
    }
}

/// What a window is, from what its steps are: the mean of logits or features.
///
/// # Shapes
/// - `steps`: `[batch, n_steps, n_values]`
/// - returns `[batch, n_values]`
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
    network: &Network,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    let answer = |rows| pool(network.forward(rows));
    in_batches(answer, normalisation, data, rows, device).await
}

/// Embeddings of rows of a data set, computed in batches: what the last layer reads, the mean over the
/// steps where there are several.
///
/// # Shapes
/// - returns `[n_rows][n_features]`
///
/// # Errors
/// [`Error::Device`] if the device cannot be read.
pub async fn row_embeddings(
    network: &Network,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    let features = |rows| match network {
        Network::Cnn(cnn) => cnn.features(rows),
        Network::Rnn(rnn) => rnn.features(rows),
        Network::Mlp(mlp) => mlp.features(rows),
        Network::Attributes(_) => attributes::statistics(rows),
        Network::OriginalCnn(cnn) => cnn.features(rows),
        Network::OriginalRnn(rnn) => rnn.features(rows),
    };
    let answer = |rows| pool(features(rows));
    in_batches(answer, normalisation, data, rows, device).await
}

async fn in_batches(
    answer: impl Fn(Tensor<3>) -> Tensor<2>,
    normalisation: &Normalisation,
    data: &Dataset,
    rows: &[usize],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    const BATCH: usize = 32;
    let [height, width] = data.shape;
    let mut answers = Vec::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        let mut values = vec![0.0; batch.len() * data.row_len()];
        for (values, &row) in values.chunks_exact_mut(data.row_len()).zip(batch) {
            data.row_into(row, values);
        }
        normalisation.apply(&mut values, data.layout());
        let values = TensorData::new(values, [batch.len(), height, width]);
        let answer = answer(Tensor::from_data(values, device));
        let [_, n_values] = answer.dims();
        let values = read(answer).await?;
        answers.extend(values.chunks_exact(n_values).map(<[f32]>::to_vec));
    }
    Ok(answers)
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
