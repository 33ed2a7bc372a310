//! The card of a weights file: where it comes from, and how good it is.

use serde::{Deserialize, Serialize};

use crate::metrics::Metrics;
use crate::split::SplitConfig;
use crate::trainer::Recipe;

/// Where weights come from and how good they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What the weights are, in a few words.
    pub name: String,
    /// The command that made them.
    pub command: String,
    /// The data that they were made from.
    pub data: DataCard,
    /// What the parameters were fitted on, in words.
    pub fitted_on: String,
    /// How rows were shared out.
    pub split: SplitConfig,
    /// Number of folds of the cross-validation; 0 without one.
    pub folds: usize,
    /// How the network was trained.
    pub recipe: Recipe,
    /// Number of trained numbers.
    pub n_parameters: usize,
    /// Multiply-adds that one window costs.
    pub multiply_adds: usize,
    /// How good it was, each on rows of artists that the network had not seen.
    pub figures: Vec<Figures>,
}

/// The data that weights were made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// Name of the file.
    pub file: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of artists.
    pub artists: usize,
}

/// Figures on one part of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The part, in words.
    pub part: String,
    /// Rows.
    pub n: usize,
    /// Share right.
    pub top1: f64,
    /// Share with the truth among the first three.
    pub top3: f64,
    /// Mean F1 of the labels.
    pub macro_f1: f64,
    /// Expected calibration error.
    pub ece: f64,
}

impl Figures {
    /// The headline of an evaluation.
    pub fn new(part: &str, metrics: &Metrics) -> Self {
        Self {
            part: part.to_owned(),
            n: metrics.n,
            top1: metrics.top1,
            top3: metrics.top3,
            macro_f1: metrics.macro_f1,
            ece: metrics.ece,
        }
    }
}
