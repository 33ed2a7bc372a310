//! Model card of a weights file: origin, training data and accuracy.

use serde::{Deserialize, Serialize};

use crate::data::split::SplitConfig;
use crate::evaluation::figures::{Confident, Figures, Headline};
use crate::recipe::Recipe;

/// Model card: where the weights come from and how accurate they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Short description of the weights.
    pub name: String,
    /// Command that trained the weights.
    pub command: String,
    /// Training date, as 2026-11-23; empty if unknown.
    #[serde(default)]
    pub date: String,
    /// Version of Tonearm that wrote the weights; empty if unknown.
    #[serde(default)]
    pub version: String,
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
    /// Number of parameters, including running statistics.
    pub n_parameters: usize,
    /// Multiply-adds for one window.
    pub multiply_adds: usize,
    /// Estimated audio features, in the order of the estimator's outputs.
    #[serde(default)]
    pub estimates: Vec<Estimate>,
    /// Coverage and accuracy of the predictions that reach the threshold.
    pub confident: Confident,
    /// Top-1 accuracy over repeated cross-validation with several seeds.
    #[serde(default)]
    pub repeats: Option<MeanStd>,
    /// Metrics, each on artists outside the training set.
    pub figures: Vec<Figures>,
    /// Confidence interval and confusion matrix of the main figures.
    #[serde(default)]
    pub headline: Option<Headline>,
}

/// Data that the weights were trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// Name of the data file.
    pub file: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of artists or other groups; number of rows if the groups are unknown.
    pub artists: usize,
    /// Unit that is kept on one side of a split.
    #[serde(default)]
    pub grouping: Grouping,
    /// Licence of the data; empty if unknown.
    #[serde(default)]
    pub licence: String,
}

/// Unit that is kept on one side of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// All rows by one artist.
    #[default]
    Artist,
    /// A group of tracks, such as an album.
    Group,
    /// Unknown: every row is its own group.
    None,
}

/// Mean and standard deviation over several seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanStd {
    /// Number of seeds.
    pub n: usize,
    /// Mean over the seeds.
    pub mean: f64,
    /// Sample standard deviation over the seeds.
    pub deviation: f64,
}

impl MeanStd {
    /// Mean and sample standard deviation of one value per seed.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n.max(1) as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            n,
            mean,
            deviation: (squares / n.saturating_sub(1).max(1) as f64).sqrt(),
        }
    }
}

/// Quality of an estimated Echo Nest feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Name of the feature.
    pub name: String,
    /// Coefficient of determination on artists outside the training set.
    pub r2: f64,
    /// Whether the quality suffices to show the estimate.
    pub shown: bool,
}

/// Smallest coefficient of determination of an estimate that is shown.
const SHOWN_R2: f64 = 0.3;

impl Estimate {
    /// Marks an estimate as shown if its coefficient of determination suffices.
    pub fn new(name: &str, r2: f64) -> Self {
        Self {
            name: name.to_owned(),
            r2,
            shown: r2 >= SHOWN_R2,
        }
    }
}
