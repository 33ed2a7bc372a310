//! Evaluation of rows in batches, so that no step takes longer than one of the optimiser.

use burn::tensor::Device;

use super::Step;
use crate::Result;
use crate::data::{Dataset, Matrix};
use crate::models::{Network, Normalisation, row_logits};

/// Evaluation of rows in batches.
pub(super) struct EvaluationPass {
    pub(super) rows: Vec<usize>,
    /// Results for the rows so far: `[n_done][n_values]`
    pub(super) values: Matrix,
}

impl EvaluationPass {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        Self {
            rows,
            values: Matrix::default(),
        }
    }

    /// Computes the logits of at most `n` more rows. Returns whether all rows are done.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device cannot be read.
    pub(super) async fn evaluate(
        &mut self,
        network: &Network,
        normalisation: &Normalisation,
        (data, n): (&Dataset, usize),
        device: &Device,
    ) -> Result<bool> {
        let batch = self.next_batch(n);
        let logits = row_logits(network, normalisation, data, batch, device).await?;
        Ok(self.append(&logits))
    }

    /// Next batch of at most `n` rows.
    pub(super) fn next_batch(&self, n: usize) -> &[usize] {
        let rest = &self.rows[self.values.n_rows()..];
        &rest[..n.min(rest.len())]
    }

    /// Appends the results for a batch. Returns whether it was the last.
    pub(super) fn append(&mut self, values: &Matrix) -> bool {
        self.values.append(values);
        self.values.n_rows() == self.rows.len()
    }

    /// Mean result of each window, which has `n_segments` rows: `[n_windows][n_values]`
    pub(super) fn window_means(&self, n_segments: usize) -> Matrix {
        self.values.group_means(n_segments)
    }

    /// Progress of the pass.
    pub(super) fn step(&self) -> Step {
        Step::Evaluated {
            done: self.values.n_rows(),
            of: self.rows.len(),
        }
    }
}
