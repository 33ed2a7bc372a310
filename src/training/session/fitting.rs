//! One fit of a run: training, validation and evaluation of the kept network.

use super::evaluation_pass::EvaluationPass;
use super::plan::Plan;
use super::{Epoch, Step};
use crate::Result;
use crate::data::{Dataset, Matrix};
use crate::models::Network;
use crate::training::cross_validation::{CrossValidation, Fit, FitResult};
use crate::training::trainer::{EpochReport, Trainer, TrainingData};

/// A fit with its trainer.
pub(super) struct Fitting {
    pub(super) fit: Fit,
    pub(super) trainer: Trainer,
    pub(super) phase: Phase,
}

/// Phase of a fit.
pub(super) enum Phase {
    /// Optimiser steps.
    Training,
    /// After an epoch: evaluation of the newest network on the validation rows.
    Validating(EvaluationPass),
    /// After training: evaluation of the kept network on the test rows.
    Evaluating(Kept, EvaluationPass),
    /// After the last fit: embedding of all rows with the kept network, for the map.
    Mapping(Kept, EvaluationPass),
    /// The run is over; the embeddings are those of the windows, `[n_windows][n_features]`.
    Finished(Kept, Matrix),
}

/// Network that a fit keeps.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) network: Network,
    /// Number of its epoch, from 1.
    pub(super) epoch: usize,
    /// Whether it is the best validation epoch, because the fit stopped early. A completed fit
    /// keeps its last epoch, so that the validation files do not influence the network.
    pub(super) is_best: bool,
}

impl Kept {
    fn of(fit: &Fit, trainer: &Trainer, plan: &Plan) -> Self {
        let stops_early = plan.settings.stops_early() && !fit.split.validation.is_empty();
        match trainer.best() {
            Some((network, _)) if stops_early || !trainer.is_finished() => Self {
                network: network.clone(),
                epoch: trainer.best_epoch(),
                is_best: true,
            },
            _ => Self {
                network: trainer.latest().0,
                epoch: trainer.epochs_done(),
                is_best: false,
            },
        }
    }
}

impl Phase {
    fn evaluating(fit: &Fit, trainer: &Trainer, plan: &Plan) -> Self {
        let pass = EvaluationPass::new(plan.rows_of(&fit.split.test));
        Self::Evaluating(Kept::of(fit, trainer, plan), pass)
    }
}

impl Fitting {
    pub(super) fn new(fit: Fit, trainer: Trainer, plan: &Plan) -> Self {
        let phase = match trainer.is_finished() {
            true => Phase::evaluating(&fit, &trainer, plan),
            false => Phase::Training,
        };
        Self {
            fit,
            trainer,
            phase,
        }
    }

    /// Does the next step. Returns the next fit as well if this one has ended.
    pub(super) async fn step(
        &mut self,
        plan: &Plan,
        fits: &mut CrossValidation,
        rows: &Dataset,
        stopped: bool,
    ) -> Result<(Step, Option<Fit>)> {
        let Self {
            fit,
            trainer,
            phase,
        } = self;
        let batch = (rows, plan.settings.batch);
        let normalisation = trainer.normalisation();
        let step = match phase {
            Phase::Training => self.train(plan, rows),
            Phase::Validating(pass) => {
                let (network, device) = (trainer.latest().0, &plan.device);
                if !pass
                    .evaluate(&network, normalisation, batch, device)
                    .await?
                {
                    return Ok((pass.step(), None));
                }
                let (truth, labels) = (rows.truth(&pass.rows), &plan.manifest.classes);
                let report = trainer.end_epoch_by(&pass.values, &truth, labels).await?;
                *phase = match report.is_last || stopped {
                    true => Phase::evaluating(fit, trainer, plan),
                    false => Phase::Training,
                };
                Step::Epoch(self.epoch(&report, fits))
            }
            Phase::Evaluating(kept, pass) => {
                let device = &plan.device;
                if !pass
                    .evaluate(&kept.network, normalisation, batch, device)
                    .await?
                {
                    return Ok((pass.step(), None));
                }
                let (step, logits) = (pass.step(), pass.window_means(plan.task.n_segments()));
                fits.finish_fit(FitResult::new(trainer, kept.epoch, logits));
                if let Some(next) = fits.next_fit().filter(|_| !stopped) {
                    return Ok((step, Some(next.clone())));
                }
                *phase = match plan.task.embeddings_in(rows) {
                    Some(embeddings) => Phase::Finished(kept.clone(), embeddings),
                    None => {
                        let all = EvaluationPass::new((0..rows.len()).collect());
                        Phase::Mapping(kept.clone(), all)
                    }
                };
                step
            }
            Phase::Mapping(kept, pass) => {
                let network = (&kept.network, normalisation);
                let batch = pass.next_batch(plan.settings.batch);
                let embeddings = plan.task.embed(network, rows, batch, &plan.device).await?;
                let is_last = pass.append(&embeddings);
                let step = pass.step();
                if is_last {
                    let embeddings = pass.window_means(plan.task.n_segments());
                    *phase = Phase::Finished(kept.clone(), embeddings);
                }
                step
            }
            Phase::Finished(..) => Step::Finished,
        };
        Ok((step, None))
    }

    /// Takes one step of the optimiser.
    fn train(&mut self, plan: &Plan, rows: &Dataset) -> Step {
        let n_steps = self.trainer.steps_per_epoch();
        let step = self.trainer.steps_done() % n_steps + 1;
        self.trainer.step(TrainingData {
            rows,
            teacher: None,
        });
        if step == n_steps {
            let pass = EvaluationPass::new(plan.rows_of(&self.fit.split.validation));
            self.phase = Phase::Validating(pass);
        }
        self.trained(step)
    }

    /// Progress after this step of the epoch.
    pub(super) fn trained(&self, step: usize) -> Step {
        Step::Trained {
            step,
            of: self.trainer.steps_per_epoch(),
        }
    }

    /// Ends training with the best epoch so far. Returns false, without effect, if there is none.
    pub(super) fn stop(&mut self, plan: &Plan) -> bool {
        if self.trainer.best().is_none() {
            return false;
        }
        if matches!(self.phase, Phase::Training) {
            self.phase = Phase::evaluating(&self.fit, &self.trainer, plan);
        }
        true
    }

    fn epoch(&self, report: &EpochReport, fits: &CrossValidation) -> Epoch {
        let recipe = self.trainer.recipe();
        let n_steps = self.trainer.steps_per_epoch();
        Epoch {
            fold: fits.ended().count() + 1,
            n_folds: fits.fits().len(),
            epoch: report.epoch,
            epochs: recipe.stop_at(),
            train_loss: report.train_loss,
            train_top1: report.train_top1,
            validation_loss: report.validation_loss,
            validation_top1: report.validation.as_ref().map(|metrics| metrics.top1),
            learning_rate: recipe.learning_rate_at(self.trainer.steps_done() - 1, n_steps),
            is_best: report.is_best,
        }
    }
}
