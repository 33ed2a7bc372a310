//! What a network can learn from beside the labels.

use crate::{Error, Result};

/// A teacher's view of each row of a data set.
///
/// A teacher sees what the network does not, a larger network's embedding of the track for
/// instance. Its view of a row must come from a fit that has not seen the row's artist, or the
/// network learns the labels twice.
///
/// # Source
/// Hinton et al., *Distilling the knowledge in a neural network*, 2015 (probabilities); Romero et
/// al., *FitNets*, ICLR 2015 (embeddings).
#[derive(Clone, Debug)]
pub struct Teacher {
    /// Probabilities of each row: `[n_rows][n_labels]`.
    probabilities: Vec<f32>,
    n_labels: usize,
    /// Embedding of each row, normalised: `[n_rows][n_embedding]`.
    embeddings: Vec<f32>,
    n_embedding: usize,
}

impl Teacher {
    /// Joins both views.
    ///
    /// # Shapes
    /// - `probabilities`: `[n_rows][n_labels]`
    /// - `embeddings`: `[n_rows][n_embedding]`, normalised
    ///
    /// # Errors
    /// [`Error::Dataset`] if they differ in their rows, or have none.
    pub fn new(probabilities: &[Vec<f32>], embeddings: &[Vec<f32>]) -> Result<Self> {
        let n_labels = probabilities.first().map_or(0, Vec::len);
        let n_embedding = embeddings.first().map_or(0, Vec::len);
        let even = probabilities.iter().all(|row| row.len() == n_labels)
            && embeddings.iter().all(|row| row.len() == n_embedding);
        if !even || n_labels * n_embedding == 0 || probabilities.len() != embeddings.len() {
            return Err(Error::Dataset("the teacher's views do not fit".into()));
        }
        Ok(Self {
            probabilities: probabilities.concat(),
            n_labels,
            embeddings: embeddings.concat(),
            n_embedding,
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.embeddings.len() / self.n_embedding
    }

    /// Whether there is no row; there always is one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// Numbers of an embedding.
    pub fn n_embedding(&self) -> usize {
        self.n_embedding
    }

    pub(super) fn probabilities(&self, row: usize) -> &[f32] {
        &self.probabilities[row * self.n_labels..][..self.n_labels]
    }

    pub(super) fn embedding(&self, row: usize) -> &[f32] {
        &self.embeddings[row * self.n_embedding..][..self.n_embedding]
    }
}
