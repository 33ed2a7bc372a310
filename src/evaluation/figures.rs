//! The figures of a network that a card states.

use serde::{Deserialize, Serialize};

use super::metrics::Metrics;

/// More about the figures that count: those of the test rows, or of all rows by the folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Part of the figures that it belongs to.
    pub part: String,
    /// Bounds of the middle 95 % of the share right, by a bootstrap of the artists.
    pub interval: [f64; 2],
    /// Rows by true label (outer) and answer (inner).
    pub confusion: Vec<Vec<u32>>,
}

/// Answers that reach the threshold, among rows that the network had not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Confident {
    /// Share of the rows that get one.
    pub coverage: f64,
    /// Share of those that are right.
    pub accuracy: f64,
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
    /// Mean recall of the labels.
    pub balanced: f64,
    /// Mean F1 of the labels.
    pub macro_f1: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// The same before the temperature was fitted.
    pub raw_ece: f64,
}

impl Figures {
    /// The headline of an evaluation, and the calibration error of the same rows at temperature 1.
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
