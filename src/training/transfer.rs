//! Transfer learning: linear probe and fine-tuning of a pretrained CNN.

use burn::tensor::Device;

use crate::data::{Dataset, Matrix, Values};
use crate::features::FeatureConfig;
use crate::models::cnn::CnnConfig;
use crate::models::mlp::MlpConfig;
use crate::models::{ModelConfig, Network, row_embeddings};
use crate::weights::{Metadata, NetworkSpec, Weights};
use crate::{Error, Result};

/// A pretrained CNN, as a frozen feature extractor or as the start of fine-tuning.
pub struct Backbone {
    weights: Weights,
    name: String,
    config: CnnConfig,
    part: NetworkSpec,
    network: Network,
    /// Mean of each feature over the training tracks of the CNN: `[n_features]`
    mean: Vec<f32>,
    /// Standard deviation of each feature over these tracks: `[n_features]`
    deviation: Vec<f32>,
    device: Device,
}

impl Backbone {
    /// Takes the CNN of a weights file, which is its main network or one of its parts.
    ///
    /// # Errors
    /// [`Error::NotABackbone`] if the file has no CNN, or no map of its training tracks, whose embedding
    /// statistics cannot be estimated from a few files; [`Error::FeatureMismatch`] if the CNN reads
    /// other features than projects hold.
    pub fn new(weights: &Weights, device: &Device) -> Result<Self> {
        let lacks = |needed| Error::NotABackbone { needed };
        let (name, part) = weights.metadata.embedding().ok_or_else(|| lacks("a CNN"))?;
        let ModelConfig::Cnn(config) = &part.model else {
            return Err(lacks("a CNN"));
        };
        let (expected, got) = (part.input.fingerprint(), FeatureConfig::mel().fingerprint());
        if expected != got {
            return Err(Error::FeatureMismatch { expected, got });
        }
        let pca = match &weights.map {
            Some(map) => &map.pca,
            None => return Err(lacks("a map of its training tracks")),
        };
        Ok(Self {
            weights: weights.clone(),
            name: name.to_owned(),
            config: config.clone(),
            part: part.clone(),
            network: weights.named(name, device)?,
            mean: pca.mean.clone(),
            deviation: pca.deviation.clone(),
            device: device.clone(),
        })
    }

    /// The CNN with its input and normalisation.
    pub fn part(&self) -> &NetworkSpec {
        &self.part
    }

    /// Metadata of the weights file that holds the CNN.
    pub fn metadata(&self) -> &Metadata {
        &self.weights.metadata
    }

    /// Architecture of the linear layer to train on the embeddings.
    pub fn head(&self, n_labels: usize) -> MlpConfig {
        MlpConfig::new(self.mean.len(), n_labels)
    }

    /// Standardised embeddings of some windows, by the statistics of the CNN's training tracks.
    ///
    /// # Shapes
    /// - returns `[n_rows][n_features]`
    ///
    /// # Errors
    /// [`Error::Device`] if the embeddings cannot be read from the device.
    pub async fn embed(&self, patches: &Dataset, rows: &[usize]) -> Result<Matrix> {
        let (network, normalisation) = (&self.network, &self.part.normalisation);
        let embeddings =
            row_embeddings(network, normalisation, patches, rows, &self.device).await?;
        let standardise = |row: &[f32]| -> Vec<f32> {
            let values = row.iter().zip(&self.mean).zip(&self.deviation);
            values
                .map(|((value, mean), deviation)| (value - mean) / deviation)
                .collect()
        };
        Ok(embeddings.rows().map(standardise).collect())
    }

    /// Table of the embeddings of all windows in `patches`, with their labels.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there is not one embedding for each window.
    pub fn table(&self, patches: &Dataset, embeddings: &Matrix) -> Result<Dataset> {
        Dataset::new(
            Values::F32(embeddings.values().to_vec()),
            [1, self.mean.len()],
            patches.y.clone(),
            patches.track_id.clone(),
            patches.artist_id.clone(),
        )
    }

    /// Folds the standardisation and a trained linear layer into the CNN's last layer.
    ///
    /// # Errors
    /// [`Error::Device`] if the parameters cannot be read from the device.
    ///
    /// # Panics
    /// Panics if the head is not a linear layer on the embeddings.
    pub async fn with_head(&self, head: &Network) -> Result<(NetworkSpec, Network)> {
        let Network::Mlp(head) = head else {
            panic!("the head is a linear layer");
        };
        let (mut weights, mut biases) = head.linear().await?;
        // (x - mean) / deviation * w + b, as a single layer on x.
        let n_labels = biases.len();
        for (feature, weights) in weights.chunks_exact_mut(n_labels).enumerate() {
            for (weight, bias) in weights.iter_mut().zip(&mut biases) {
                *weight /= self.deviation[feature];
                *bias -= *weight * self.mean[feature];
            }
        }
        let Network::Cnn(cnn) = self.network.clone() else {
            unreachable!("`Backbone::new` only takes CNNs");
        };
        let network = Network::Cnn(cnn.with_head(&weights, &biases, &self.device));
        Ok((self.part_for(n_labels), network))
    }

    /// Description of the CNN with a last layer for `n_labels` classes.
    pub fn part_for(&self, n_labels: usize) -> NetworkSpec {
        let config = CnnConfig {
            n_labels,
            dropout: 0.0,
            ..self.config.clone()
        };
        let (input, normalisation) = (self.part.input.clone(), self.part.normalisation.clone());
        NetworkSpec::new(ModelConfig::Cnn(config), input, normalisation)
    }

    /// Architecture and network for fine-tuning: the last layer is zero, and the first `n_frozen`
    /// blocks are frozen.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, which [`Backbone::new`] has already checked.
    pub fn tail(
        &self,
        n_labels: usize,
        n_frozen: usize,
        device: &Device,
    ) -> Result<(ModelConfig, Network)> {
        let Network::Cnn(cnn) = self.weights.named(&self.name, device)? else {
            unreachable!("`Backbone::new` only takes CNNs");
        };
        let zeros = vec![0.0; self.mean.len() * n_labels];
        let cnn = cnn.with_head(&zeros, &vec![0.0; n_labels], device);
        let model = self.part_for(n_labels).model;
        Ok((model, Network::Cnn(cnn.for_fine_tuning(n_frozen))))
    }
}
