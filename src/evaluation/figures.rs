//! Figures that a model card reports.

use serde::{Deserialize, Serialize};

use super::metrics::Metrics;

/// Detail on the main figures of a card: those on the test rows, on all rows under cross-validation,
/// or on the validation files of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Name of the part of the data, as in [`Figures::part`].
    pub part: String,
    /// Bounds of the 95 % confidence interval of the top-1 accuracy: a bootstrap resampled by artist, or
    /// for a project the Wilson interval with the number of artists as sample size.
    pub interval: [f64; 2],
    /// Confusion matrix, as counts: `[true label][predicted label]`
    pub confusion: Vec<Vec<u32>>,
}

/// Coverage and accuracy of the predictions that reach the threshold, on rows outside the training
/// set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Confident {
    /// Fraction of the rows with a confident prediction.
    pub coverage: f64,
    /// Accuracy on those rows.
    pub accuracy: f64,
}

/// Metrics on one part of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Name of the part, for people to read.
    pub part: String,
    /// Number of rows.
    pub n: usize,
    /// Top-1 accuracy.
    pub top1: f64,
    /// Top-3 accuracy.
    pub top3: f64,
    /// Balanced accuracy: the mean recall over the labels.
    pub balanced: f64,
    /// Macro F1: the mean F1 over the labels.
    pub macro_f1: f64,
    /// Expected calibration error, after temperature scaling.
    pub ece: f64,
    /// Expected calibration error before temperature scaling.
    pub raw_ece: f64,
}

impl Figures {
    /// Copies the figures of an evaluation. `raw_ece` is the calibration error of the same rows at
    /// temperature 1.
    pub fn new(part: &str, metrics: &Metrics, raw_ece: f64) -> Self {
        Self {
            part: part.to_owned(),
            n: metrics.n,
            top1: metrics.top1,
            top3: metrics.top3,
            balanced: metrics.balanced,
            macro_f1: metrics.macro_f1,
            ece: metrics.ece,
            raw_ece,
        }
    }
}
