//! Stages of a run before its networks are trained.

use std::rc::Rc;

use super::Step;
use super::fitting::Fitting;
use super::plan::Plan;
use crate::Result;
use crate::data::{Dataset, Matrix};
use crate::training::cross_validation::{CrossValidation, Fit};
use crate::training::trainer::TrainerCheckpoint;
use crate::training::transfer::Backbone;

/// Number of windows embedded in one step; small enough to keep a page responsive.
const EMBED_BATCH: usize = 4;

/// Stage of a run. Each owns what the earlier ones have computed.
pub(super) enum Stage {
    /// The backbone embeds all windows.
    Embedding(Embedding),
    /// A fit begins with the next step.
    Waiting(Waiting),
    /// A network is trained and evaluated; after the last fit, the run is over.
    Fitting(Box<Fitting>),
}

/// Embedding of the windows, before the first fit.
pub(super) struct Embedding {
    backbone: Rc<Backbone>,
    /// Embeddings of the windows so far: `[n_done][n_features]`
    embeddings: Matrix,
    pub(super) next: Waiting,
}

impl Embedding {
    pub(super) fn new(backbone: Rc<Backbone>, next: Waiting) -> Self {
        Self {
            backbone,
            embeddings: Matrix::default(),
            next,
        }
    }

    /// Embeds the next windows.
    pub(super) async fn step(&mut self, windows: &Dataset) -> Result<Step> {
        let (start, n) = (self.embeddings.n_rows(), windows.len());
        let batch: Vec<usize> = (start..n.min(start + EMBED_BATCH)).collect();
        let embeddings = self.backbone.embed(windows, &batch).await?;
        self.embeddings.append(&embeddings);
        Ok(Step::Embedded {
            done: self.embeddings.n_rows(),
            of: n,
        })
    }

    /// Table of the embeddings and the next stage, once all windows are embedded.
    pub(super) fn finish(&self, windows: &Dataset) -> Result<Option<(Dataset, Waiting)>> {
        if self.embeddings.n_rows() < windows.len() {
            return Ok(None);
        }
        let table = self.backbone.table(windows, &self.embeddings)?;
        Ok(Some((table, self.next.clone())))
    }
}

/// A fit that has not begun, or continues from a checkpoint.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) fit: Fit,
    pub(super) checkpoint: Option<TrainerCheckpoint>,
}

impl Waiting {
    pub(super) fn new(fit: Fit) -> Self {
        Self {
            fit,
            checkpoint: None,
        }
    }

    /// Creates the trainer.
    pub(super) fn begin(
        &self,
        plan: &Plan,
        fits: &CrossValidation,
        rows: &Dataset,
    ) -> Result<Fitting> {
        let mut trainer = plan.trainer(&self.fit, fits, rows)?;
        if let Some(checkpoint) = &self.checkpoint {
            trainer.restore(checkpoint)?;
        }
        Ok(Fitting::new(self.fit.clone(), trainer, plan))
    }
}
