//! What a training run measured, and the card made of it.

use std::collections::BTreeMap;

use burn::module::Module;

use crate::data::split::SplitConfig;
use crate::evaluation::figures::{Confident, Figures, Headline};
use crate::models::Network;
use crate::recipe::Recipe;
use crate::weights::{Card, DataCard, Estimate, FORMAT_VERSION, MeanStd, Metadata, NetworkSpec};

/// Origin and measurements of a trained network. The rest of its card follows from the network.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Short description of the weights.
    pub name: String,
    /// Command that repeats the run.
    pub command: String,
    /// Training date, as 2026-11-23; empty if unknown.
    pub date: String,
    /// Training data.
    pub data: DataCard,
    /// Description of the training set, for people to read.
    pub fitted_on: String,
    /// Split into training, validation and test rows.
    pub split: SplitConfig,
    /// Number of cross-validation folds; 0 without cross-validation.
    pub folds: usize,
    /// Hyperparameters of the run; `None` for a regression.
    pub recipe: Option<Recipe>,
    /// Softmax temperature; above 0.
    pub temperature: f32,
    /// Lowest confidence of a confident prediction; in 0..=1.
    pub threshold: f32,
    /// Coverage and accuracy of the confident predictions.
    pub confident: Confident,
    /// Top-1 accuracy over repeated cross-validation with several seeds.
    pub repeats: Option<MeanStd>,
    /// Quality of estimated audio features; empty unless the network estimates them.
    pub estimates: Vec<Estimate>,
    /// Metrics, each on artists outside the training set.
    pub figures: Vec<Figures>,
    /// Confidence interval and confusion matrix of the main figures.
    pub headline: Option<Headline>,
}

impl Evidence {
    /// Metadata of a weights file that holds `network` and no other parts.
    pub fn metadata(self, network: &Network, part: NetworkSpec, labels: Vec<String>) -> Metadata {
        Metadata {
            format_version: FORMAT_VERSION,
            parts: BTreeMap::new(),
            labels,
            temperature: self.temperature,
            threshold: self.threshold,
            card: Card {
                name: self.name,
                command: self.command,
                date: self.date,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                data: self.data,
                fitted_on: self.fitted_on,
                split: self.split,
                folds: self.folds,
                recipe: self.recipe,
                n_parameters: network.num_params(),
                multiply_adds: part.model.multiply_adds(&part.input),
                estimates: self.estimates,
                confident: self.confident,
                repeats: self.repeats,
                figures: self.figures,
                headline: self.headline,
            },
            network: part,
        }
    }
}
