//! Teacher of a network, for knowledge distillation.

use crate::data::Matrix;
use crate::error::Defect;
use crate::{Error, Result};

/// Predictions and embeddings of a teacher for each row of a data set.
///
/// The teacher may read other inputs than the network, such as a larger network's embedding of the
/// track. Its prediction for a row must come from a fit without the row's artist; otherwise it only
/// repeats the labels.
///
/// # Source
/// Hinton et al., *Distilling the knowledge in a neural network*, 2015 (probabilities); Romero et
/// al., *FitNets*, ICLR 2015 (embeddings).
#[derive(Clone, Debug)]
pub struct Teacher {
    /// Probabilities: `[n_rows][n_labels]`
    probabilities: Matrix,
    /// Normalised embeddings: `[n_rows][n_embedding]`
    embeddings: Matrix,
}

impl Teacher {
    /// Combines the probabilities and embeddings of a teacher.
    ///
    /// # Shapes
    /// - `probabilities`: `[n_rows][n_labels]`
    /// - `embeddings`: `[n_rows][n_embedding]`, normalised
    ///
    /// # Errors
    /// [`Error::Dataset`] if they differ in the number of rows, or are empty.
    pub fn new(probabilities: Matrix, embeddings: Matrix) -> Result<Self> {
        let n_rows = [probabilities.n_rows(), embeddings.n_rows()];
        if n_rows[0] == 0 || n_rows[0] != n_rows[1] {
            let (part, expected) = (
                "the teacher",
                "have probabilities and an embedding for each row",
            );
            let got = format!("{} and {} rows", n_rows[0], n_rows[1]);
            return Err(Error::dataset(Defect::mismatch(part, expected, got)));
        }
        Ok(Self {
            probabilities,
            embeddings,
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.embeddings.n_rows()
    }

    /// Whether there are no rows, which [`Teacher::new`] refuses.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.probabilities.n_columns()
    }

    /// Number of features of an embedding.
    pub fn n_embedding(&self) -> usize {
        self.embeddings.n_columns()
    }

    pub(super) fn probabilities(&self, row: usize) -> &[f32] {
        self.probabilities.row(row)
    }

    pub(super) fn embedding(&self, row: usize) -> &[f32] {
        self.embeddings.row(row)
    }
}
