//! What a fit is at, so that a piece of work is never longer than a step of the optimiser.

use super::Step;

/// What a fit is at.
#[derive(Default)]
pub(super) enum Stage {
    /// The optimiser takes steps.
    #[default]
    Steps,
    /// An epoch has ended: the newest network answers for the rows kept back.
    Validation(Pass),
    /// The fit has ended: so does the network that is kept.
    Measurement(Pass),
    /// The last fit has ended: what the network that is kept hears is taken, for the map.
    Embedding(Pass),
}

/// Rows that are gone through, some at a time.
pub(super) struct Pass {
    pub(super) rows: Vec<usize>,
    /// What came of the rows so far: `[n_done][n_values]`
    pub(super) values: Vec<Vec<f32>>,
}

impl Pass {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        let values = Vec::with_capacity(rows.len());
        Self { rows, values }
    }

    /// The rows that come next, at most `n`.
    pub(super) fn part(&self, n: usize) -> &[usize] {
        let rest = &self.rows[self.values.len()..];
        &rest[..n.min(rest.len())]
    }

    /// Takes what came of the part; whether it was the last.
    pub(super) fn take(&mut self, mut values: Vec<Vec<f32>>) -> bool {
        self.values.append(&mut values);
        self.values.len() == self.rows.len()
    }

    /// Rows and values of each window, of which each has `n_pieces`.
    pub(super) fn by_window(
        &self,
        n_pieces: usize,
    ) -> impl Iterator<Item = (&[usize], &[Vec<f32>])> {
        self.rows.chunks(n_pieces).zip(self.values.chunks(n_pieces))
    }

    /// How far it is.
    pub(super) fn step(&self) -> Step {
        Step::Answered {
            done: self.values.len(),
            of: self.rows.len(),
        }
    }
}
