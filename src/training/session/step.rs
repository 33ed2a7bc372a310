//! Progress of a training run.

use serde::Serialize;

/// Work done by one step of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Step {
    /// Some windows were embedded.
    Embedded {
        /// Number of windows done.
        done: usize,
        /// Total number of windows.
        of: usize,
    },
    /// The optimiser took one step.
    Trained {
        /// Number of the step in the epoch, from 1.
        step: usize,
        /// Number of steps per epoch.
        of: usize,
    },
    /// A network was evaluated on some rows: validation rows after an epoch or a fit, or all rows
    /// for the map.
    Evaluated {
        /// Number of rows done.
        done: usize,
        /// Total number of rows.
        of: usize,
    },
    /// An epoch ended.
    Epoch(Epoch),
    /// The run is over.
    Finished,
}

/// Summary of one epoch.
#[derive(Clone, Debug, Serialize)]
pub struct Epoch {
    /// Number of the fit, from 1.
    pub fold: usize,
    /// Number of fits: the folds, if any, and the final fit.
    pub n_folds: usize,
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Maximum number of epochs of the fit.
    pub epochs: usize,
    /// Mean training loss, in nats.
    pub train_loss: f64,
    /// Training accuracy, on augmented windows.
    pub train_top1: f64,
    /// Validation loss, in nats; `None` without validation files.
    pub validation_loss: Option<f64>,
    /// Validation accuracy; `None` without validation files.
    pub validation_top1: Option<f64>,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Whether this epoch has the lowest validation loss so far, in which case stopping early keeps
    /// it.
    pub is_best: bool,
}
