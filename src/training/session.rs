//! Training run on a project, from its files to a weights file, in small steps.

mod checkpoint;
mod evaluation_pass;
mod fitting;
mod outcome;
mod plan;
mod report;
mod stage;
mod step;
mod task;
#[cfg(test)]
mod tests;

use burn::tensor::Device;

use crate::data::Dataset;
use crate::training::cross_validation::CrossValidation;
use crate::training::project::{Project, Settings};
use crate::weights::Weights;
use crate::{Error, Result};
pub use outcome::Outcome;
use plan::Plan;
pub use report::{FilePrediction, Note, Report};
use stage::{Embedding, Stage, Waiting};
pub use step::{Epoch, Step};

/// Training run on a project.
///
/// The host calls [`step`](Session::step) until it returns [`Step::Finished`], and can save a
/// [`checkpoint`](Session::checkpoint) after each epoch.
pub struct Session {
    plan: Plan,
    fits: CrossValidation,
    /// Rows that the networks read: features of the windows, or their embeddings once all are
    /// computed.
    rows: Dataset,
    stage: Stage,
    /// Whether the current fit is the last one, because the user stopped the run.
    stopped: bool,
}

impl Session {
    /// Plans a run without computing anything yet.
    ///
    /// # Errors
    /// - [`Error::ClassCount`], [`Error::TooFewFiles`], [`Error::UnnamedClass`],
    ///   [`Error::DuplicateClass`] if the project cannot be trained
    /// - [`Error::Config`] if a setting is out of range, [`Error::RecipeKind`] if the recipe is not
    ///   one for the project's kind
    /// - [`Error::NotABackbone`], [`Error::FeatureMismatch`] if `base` has no CNN for transfer
    ///   learning on the project's features
    pub fn new(
        project: &Project,
        settings: Settings,
        base: &Weights,
        device: &Device,
    ) -> Result<Self> {
        let (plan, fits) = Plan::new(project, settings, base, device)?;
        let fit = fits.next_fit().cloned();
        let fit = fit.ok_or(Error::EmptyProject)?;
        let next = Waiting::new(fit);
        Ok(Self {
            rows: plan.task.rows(project)?,
            stage: match plan.task.embeds_first() {
                Some(backbone) => Stage::Embedding(Embedding::new(backbone, next)),
                None => Stage::Waiting(next),
            },
            plan,
            fits,
            stopped: false,
        })
    }

    /// Does the next small step of work.
    ///
    /// If a step fails or its future is dropped, the session is as before, and the host can call
    /// this again.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the loss is not finite, [`Error::Device`] if the device fails,
    /// [`Error::Config`] if a setting is out of range, [`Error::Checkpoint`] if the networks in a
    /// restored checkpoint are damaged or do not match.
    pub async fn step(&mut self) -> Result<Step> {
        loop {
            match &mut self.stage {
                Stage::Embedding(embedding) => {
                    let step = embedding.step(&self.rows).await?;
                    if let Some((table, next)) = embedding.finish(&self.rows)? {
                        self.rows = table;
                        self.stage = Stage::Waiting(next);
                    }
                    return Ok(step);
                }
                Stage::Waiting(waiting) => {
                    let fitting = waiting.begin(&self.plan, &self.fits, &self.rows)?;
                    let resumed = waiting.checkpoint.is_some().then(|| fitting.trained(0));
                    self.stage = Stage::Fitting(Box::new(fitting));
                    if let Some(step) = resumed {
                        return Ok(step);
                    }
                }
                Stage::Fitting(fitting) => {
                    let (plan, fits) = (&self.plan, &mut self.fits);
                    let (step, next) = fitting.step(plan, fits, &self.rows, self.stopped).await?;
                    if let Some(fit) = next {
                        self.stage = Stage::Waiting(Waiting::new(fit));
                    }
                    return Ok(step);
                }
            }
        }
    }

    /// Makes the current fit the last one and keeps its best epoch; the host calls
    /// [`step`](Session::step) until the run is over. Returns false, without effect, if the current
    /// fit has no epoch that has ended.
    pub fn stop(&mut self) -> bool {
        let Stage::Fitting(fitting) = &mut self.stage else {
            return false;
        };
        self.stopped = fitting.stop(&self.plan);
        self.stopped
    }
}
