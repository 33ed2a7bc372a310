//! Transfer: a new last layer on what a trained CNN hears, which stays as it is.

use burn::tensor::Device;

use crate::data::{Dataset, Values};
use crate::features::FeatureConfig;
use crate::models::cnn::CnnConfig;
use crate::models::mlp::MlpConfig;
use crate::models::{ModelConfig, Network, row_embeddings};
use crate::weights::{Part, Weights};
use crate::{Error, Result};

/// A trained CNN without its last layer.
pub struct Backbone {
    weights: Weights,
    name: String,
    config: CnnConfig,
    part: Part,
    network: Network,
    /// Mean of each number of an embedding, over the tracks that the CNN was trained on.
    mean: Vec<f32>,
    /// Their standard deviation.
    deviation: Vec<f32>,
    device: Device,
}

impl Backbone {
    /// Takes the CNN of a weights file, be it alone or a part.
    ///
    /// # Errors
    /// [`Error::Weights`] if the file has no CNN, or no map of the tracks that it was trained on:
    /// from a few tracks of one's own the spread of the embeddings cannot be measured;
    /// [`Error::FeatureMismatch`] if the CNN reads other pictures than projects hold.
    pub fn new(weights: &Weights, device: &Device) -> Result<Self> {
        let lacks = |what: &str| Error::Weights(format!("to learn from it, it would need {what}"));
        let (name, part) = weights.metadata.embedding().ok_or_else(|| lacks("a CNN"))?;
        let ModelConfig::Cnn(config) = &part.model else {
            return Err(lacks("a CNN"));
        };
        let (expected, got) = (part.input.fingerprint(), FeatureConfig::mel().fingerprint());
        if expected != got {
            return Err(Error::FeatureMismatch { expected, got });
        }
        let axes = match &weights.map {
            Some(map) => &map.axes,
            None => return Err(lacks("a map of its tracks")),
        };
        Ok(Self {
            weights: weights.clone(),
            name: name.to_owned(),
            config: config.clone(),
            part: part.clone(),
            network: weights.named(name, device)?,
            mean: axes.mean.clone(),
            deviation: axes.deviation.clone(),
            device: device.clone(),
        })
    }

    /// The CNN and what it reads.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// The layer to be trained on the embeddings: it starts from nothing known.
    pub fn head(&self, n_labels: usize) -> MlpConfig {
        MlpConfig::new(self.mean.len(), n_labels)
    }

    /// What the CNN hears in some windows, in units of its spread over the tracks that it was
    /// trained on.
    ///
    /// # Shapes
    /// - returns `[n_rows][n_features]`
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub async fn embed(&self, pictures: &Dataset, rows: &[usize]) -> Result<Vec<Vec<f32>>> {
        let (network, normalisation) = (&self.network, &self.part.normalisation);
        let mut embeddings =
            row_embeddings(network, normalisation, pictures, rows, &self.device).await?;
        for row in &mut embeddings {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = (*value - mean) / deviation;
            }
        }
        Ok(embeddings)
    }

    /// The windows of `pictures` as rows of a table, from their embeddings.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there is not one of each.
    pub fn table(&self, pictures: &Dataset, embeddings: &[Vec<f32>]) -> Result<Dataset> {
        Dataset::new(
            Values::F32(embeddings.concat()),
            [1, self.mean.len()],
            pictures.y.clone(),
            pictures.track_id.clone(),
            pictures.artist_id.clone(),
        )
    }

    /// The CNN with a last layer that answers as `head` does on the embeddings.
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    ///
    /// # Panics
    /// If the head is not a linear layer on the embeddings.
    pub async fn with_head(&self, head: &Network) -> Result<(Part, Network)> {
        let Network::Mlp(head) = head else {
            panic!("the head is a linear layer");
        };
        let (mut weights, mut biases) = head.linear().await?;
        // (x - mean) / deviation * w + b, as one layer on x.
        let n_labels = biases.len();
        for (feature, weights) in weights.chunks_exact_mut(n_labels).enumerate() {
            for (weight, bias) in weights.iter_mut().zip(&mut biases) {
                *weight /= self.deviation[feature];
                *bias -= *weight * self.mean[feature];
            }
        }
        let Network::Cnn(cnn) = self.network.clone() else {
            unreachable!("it was checked when it was taken");
        };
        let network = Network::Cnn(cnn.with_answer(&weights, &biases, &self.device));
        Ok((self.part_for(n_labels), network))
    }

    /// What a weights file says of the CNN with a last layer of other labels.
    pub fn part_for(&self, n_labels: usize) -> Part {
        let config = CnnConfig {
            n_labels,
            dropout: 0.0,
            ..self.config.clone()
        };
        let (input, normalisation) = (self.part.input.clone(), self.part.normalisation.clone());
        Part::new(ModelConfig::Cnn(config), input, normalisation)
    }

    /// The CNN with a last layer that knows nothing, of which training leaves the first blocks as they
    /// are.
    ///
    /// # Errors
    /// [`Error::Weights`] if a parameter is missing, which was checked when it was taken.
    pub fn tail(
        &self,
        n_labels: usize,
        n_frozen: usize,
        device: &Device,
    ) -> Result<(ModelConfig, Network)> {
        let Network::Cnn(cnn) = self.weights.named(&self.name, device)? else {
            unreachable!("it was checked when it was taken");
        };
        let nothing = vec![0.0; self.mean.len() * n_labels];
        let cnn = cnn.with_answer(&nothing, &vec![0.0; n_labels], device);
        let model = self.part_for(n_labels).model;
        Ok((model, Network::Cnn(cnn.tuned(n_frozen))))
    }
}
