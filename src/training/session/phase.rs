//! Phases of a fit, divided into steps no longer than one of the optimiser.

use super::Step;

/// Phase of a fit.
#[derive(Default)]
pub(super) enum Phase {
    /// Optimiser steps.
    #[default]
    Training,
    /// After an epoch: evaluation of the newest network on the validation rows.
    Validation(EvaluationPass),
    /// After a fit: evaluation of the kept network on the validation rows.
    Evaluation(EvaluationPass),
    /// After the last fit: embedding of all rows with the kept network, for the map.
    Embedding(EvaluationPass),
}

/// Evaluation of rows in batches.
pub(super) struct EvaluationPass {
    pub(super) rows: Vec<usize>,
    /// Results for the rows so far: `[n_done][n_values]`
    pub(super) values: Vec<Vec<f32>>,
}

impl EvaluationPass {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        let values = Vec::with_capacity(rows.len());
        Self { rows, values }
    }

    /// Next batch of at most `n` rows.
    pub(super) fn next_batch(&self, n: usize) -> &[usize] {
        let rest = &self.rows[self.values.len()..];
        &rest[..n.min(rest.len())]
    }

    /// Appends the results for a batch. Returns whether it was the last.
    pub(super) fn append(&mut self, mut values: Vec<Vec<f32>>) -> bool {
        self.values.append(&mut values);
        self.values.len() == self.rows.len()
    }

    /// Rows and results of each window, which has `n_segments` rows.
    pub(super) fn by_window(
        &self,
        n_segments: usize,
    ) -> impl Iterator<Item = (&[usize], &[Vec<f32>])> {
        self.rows
            .chunks(n_segments)
            .zip(self.values.chunks(n_segments))
    }

    /// Progress of the pass.
    pub(super) fn step(&self) -> Step {
        Step::Evaluated {
            done: self.values.len(),
            of: self.rows.len(),
        }
    }
}
