//! The network in training, and its loss.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Device, Tensor};

use super::batch::Batch;
use crate::data::Dataset;
use crate::models::Network;
use crate::recipe::{Loss, Recipe};

/// The network in training, with the layer that only training uses.
#[derive(Module, Debug)]
pub(super) struct Student {
    pub(super) network: Network,
    /// Projects the features of the last layer to the teacher's embedding.
    pub(super) embedding: Option<Linear>,
}

/// Results of a batch; each tensor has one value.
pub(super) struct BatchLoss {
    /// Loss on the targets.
    pub(super) loss: Tensor<1>,
    /// Loss including the distance from the teacher's embedding.
    pub(super) total_loss: Tensor<1>,
    /// Fraction of the rows whose largest target has the largest logit.
    pub(super) accuracy: Tensor<1>,
}

impl Student {
    /// Loss and accuracy of a batch.
    pub(super) fn loss(
        &self,
        batch: Batch,
        class_weights: &Tensor<1>,
        recipe: &Recipe,
    ) -> BatchLoss {
        let (logits, features) = self.network.forward_with_features(batch.rows);
        let logits = match features {
            Some(_) => logits.mean_dim(1), // [batch, 1, n_labels]
            // The members of an MLP ensemble are trained independently.
            None => logits,
        };
        let mean_logits = logits.clone().inner().mean_dim(1).squeeze_dim::<2>(1);
        let target = batch.targets.clone().inner().argmax(1);
        let accuracy = mean_logits.argmax(1).equal(target).float().mean();
        let targets = batch.targets.unsqueeze_dim::<3>(1);
        let weight = (targets.clone() * class_weights.clone().unsqueeze::<3>()).sum_dim(2);
        let distance = match recipe.loss {
            Loss::CrossEntropy => -(targets * log_softmax(logits, 2)),
            // Halved: with two labels, the squared errors of both probabilities are equal.
            Loss::SquaredError => (softmax(logits, 2) - targets).square() * 0.5,
        };
        let loss = (distance.sum_dim(2) * weight).mean();

        let projection = self.embedding.as_ref().zip(features);
        let total_loss = match projection.zip(batch.embeddings) {
            Some(((layer, features), embedding)) if recipe.embedding > 0.0 => {
                let projected = layer.forward(features.mean_dim(1).squeeze_dim::<2>(1));
                loss.clone() + (projected - embedding).square().mean() * recipe.embedding
            }
            _ => loss.clone(),
        };
        BatchLoss {
            loss,
            total_loss,
            accuracy,
        }
    }
}

/// Class weights: inverse label frequency to the power of `strength`, scaled to a mean of 1 over
/// the rows.
///
/// # Shapes
/// - returns `[n_labels]`
pub(super) fn class_weights(
    data: &Dataset,
    rows: &[usize],
    n_labels: usize,
    strength: f64,
    device: &Device,
) -> Tensor<1> {
    let mut counts = vec![0.0_f64; n_labels];
    for &row in rows {
        counts[usize::from(data.y[row])] += 1.0;
    }
    let weight = |count: f64| count.max(1.0).powf(-strength);
    let total: f64 = counts.iter().map(|&count| count * weight(count)).sum();
    let scale = rows.len() as f64 / total;
    let weights = counts.iter().map(|&count| (weight(count) * scale) as f32);
    Tensor::from_floats(&weights.collect::<Vec<_>>()[..], device)
}
