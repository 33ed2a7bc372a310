//! The card of a weights file: where it comes from, and how good it is.

use serde::{Deserialize, Serialize};

use crate::data::split::SplitConfig;
use crate::evaluation::figures::{Confident, Figures, Headline};
use crate::recipe::Recipe;

/// Where weights come from and how good they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What the weights are, in a few words.
    pub name: String,
    /// The command that made them.
    pub command: String,
    /// The day that they were made on, as 2026-11-23; empty where it was not said.
    #[serde(default)]
    pub date: String,
    /// The version of Tonearm that made them; empty where it was not said.
    #[serde(default)]
    pub version: String,
    /// The data that they were made from.
    pub data: DataCard,
    /// What the parameters were fitted on, in words.
    pub fitted_on: String,
    /// How rows were shared out.
    pub split: SplitConfig,
    /// Number of folds of the cross-validation; 0 without one.
    pub folds: usize,
    /// How the network was trained; none for a regression.
    pub recipe: Option<Recipe>,
    /// Number of trained numbers.
    pub n_parameters: usize,
    /// Multiply-adds that one window costs.
    pub multiply_adds: usize,
    /// What it estimates beside its answer, in the order of the estimator's outputs.
    #[serde(default)]
    pub estimates: Vec<Estimate>,
    /// How often the answer is confident, and how often it is right then.
    pub confident: Confident,
    /// Share right when the cross-validation was repeated with other seeds.
    #[serde(default)]
    pub repeats: Option<MeanStd>,
    /// How good it was, each on rows of artists that the network had not seen.
    pub figures: Vec<Figures>,
    /// More about the figures that count.
    #[serde(default)]
    pub headline: Option<Headline>,
}

/// The data that weights were made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// Name of the file.
    pub file: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of artists, or of groups of tracks; of rows where neither is known.
    pub artists: usize,
    /// What is kept on one side of a split.
    #[serde(default)]
    pub grouping: Grouping,
    /// Their licence, in words; empty where it was not said.
    #[serde(default)]
    pub licence: String,
}

/// What is known of which rows belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// The artist of each.
    #[default]
    Artist,
    /// A group of tracks, such as an album.
    Group,
    /// Nothing: each row counts for itself.
    None,
}

/// How a figure varies from seed to seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanStd {
    /// Number of seeds.
    pub n: usize,
    /// Mean over the seeds.
    pub mean: f64,
    /// Standard deviation over the seeds, that of a sample.
    pub deviation: f64,
}

impl MeanStd {
    /// Mean and deviation of one value a seed.
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

/// How good an estimate of an Echo Nest feature is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Name of the feature.
    pub name: String,
    /// Share of the variance explained on artists that it was not fitted on.
    pub r2: f64,
    /// Whether that is enough to show the estimate.
    pub shown: bool,
}

/// Least share of the variance that makes an estimate worth showing.
const SHOWN_R2: f64 = 0.3;

impl Estimate {
    /// An estimate, shown if it is good enough.
    pub fn new(name: &str, r2: f64) -> Self {
        Self {
            name: name.to_owned(),
            r2,
            shown: r2 >= SHOWN_R2,
        }
    }
}
