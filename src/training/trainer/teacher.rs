//! Teacher of a network, for knowledge distillation.

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
    probabilities: Vec<f32>,
    n_labels: usize,
    /// Normalised embeddings: `[n_rows][n_embedding]`
    embeddings: Vec<f32>,
    n_embedding: usize,
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
    pub fn new(probabilities: &[Vec<f32>], embeddings: &[Vec<f32>]) -> Result<Self> {
        let n_labels = probabilities.first().map_or(0, Vec::len);
        let n_embedding = embeddings.first().map_or(0, Vec::len);
        let even = probabilities.iter().all(|row| row.len() == n_labels)
            && embeddings.iter().all(|row| row.len() == n_embedding);
        if !even || n_labels * n_embedding == 0 || probabilities.len() != embeddings.len() {
            let (part, expected) = (
                "the teacher",
                "have probabilities and an embedding for each row",
            );
            let got = format!("{} and {}", probabilities.len(), embeddings.len());
            return Err(Error::dataset(Defect::mismatch(part, expected, got)));
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

    /// Whether there are no rows, which [`Teacher::new`] refuses.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// Number of features of an embedding.
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
