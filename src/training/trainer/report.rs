//! Reports on the epochs of a fit.

use serde::{Deserialize, Serialize};

use crate::evaluation::metrics::Metrics;

/// Summary of one epoch.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Loss of the epoch's first step, in the unit of the recipe's loss.
    pub first_loss: f32,
    /// Mean loss over the steps on augmented rows, in the unit of the recipe's loss.
    pub train_loss: f64,
    /// Training accuracy: fraction of the augmented rows whose largest target has the largest
    /// logit.
    pub train_top1: f64,
    /// Validation loss, in nats; `None` without validation rows.
    pub validation_loss: Option<f64>,
    /// Metrics on the validation rows; `None` without validation rows.
    pub validation: Option<Metrics>,
    /// Whether this epoch is the best so far.
    pub is_best: bool,
    /// Whether training is over: all epochs are done, or it stops early.
    pub is_last: bool,
}

/// Figures of one epoch, as checkpoints and records keep them.
///
/// Postcard serialises the fields by position, so their order is part of the checkpoint's format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochFigures {
    /// Loss of the epoch's first step, in the unit of the recipe's loss.
    pub first_loss: f32,
    /// Mean loss over the steps on augmented rows, in the unit of the recipe's loss.
    pub train_loss: f64,
    /// Training accuracy on augmented rows.
    pub train_top1: f64,
    /// Validation loss, in nats; `None` without validation rows.
    pub validation_loss: Option<f64>,
    /// Validation accuracy; `None` without validation rows.
    pub validation_top1: Option<f64>,
}

impl EpochFigures {
    pub(super) fn of(report: &EpochReport) -> Self {
        Self {
            first_loss: report.first_loss,
            train_loss: report.train_loss,
            train_top1: report.train_top1,
            validation_loss: report.validation_loss,
            validation_top1: report.validation.as_ref().map(|metrics| metrics.top1),
        }
    }

    /// Whether the figures are possible: those of training are finite, and none is NaN.
    pub(crate) fn is_valid(&self) -> bool {
        let validation = [self.validation_loss, self.validation_top1];
        self.first_loss.is_finite()
            && self.train_loss.is_finite()
            && self.train_top1.is_finite()
            && !validation.iter().flatten().any(|value| value.is_nan())
    }
}
