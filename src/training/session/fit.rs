//! One fit of a run: training, validation and evaluation of the kept network.

use super::phase::{EvaluationPass, Phase};
use super::{Epoch, Session, Step, mean};
use crate::Result;
use crate::data::Dataset;
use crate::models::{Network, Normalisation, read, row_logits};
use crate::training::trainer::{
    Checkpoint as TrainerCheckpoint, EpochReport, Trainer, TrainingData,
};

/// Message of `expect`: the trainer exists from the first step of a fit to its last.
const TRAINER_EXISTS: &str = "the trainer exists during a fit";

impl Session {
    /// Does the next step of the current phase.
    pub(super) async fn step_fit(&mut self, rows: &Dataset) -> Result<Step> {
        let data = TrainingData {
            rows,
            teacher: None,
        };
        if let Some(checkpoint) = self.resume_from.take() {
            return self.resume(data, checkpoint);
        }
        match std::mem::take(&mut self.phase) {
            Phase::Training => self.take_step(data).await,
            Phase::Validation(pass) => self.validate(rows, pass).await,
            Phase::Evaluation(pass) => self.evaluate(rows, pass).await,
            Phase::Embedding(pass) => self.embed_for_map(rows, pass).await,
        }
    }

    /// Takes one step of the optimiser.
    async fn take_step(&mut self, data: TrainingData<'_>) -> Result<Step> {
        let mut trainer = match self.trainer.take() {
            Some(trainer) => trainer,
            None => self.begin_fit(data)?,
        };
        let n_steps = trainer.steps_per_epoch();
        let step = trainer.steps_done() % n_steps + 1;
        let loss = trainer.step(data);
        if self.first_loss.is_none() {
            self.first_loss = read(loss).await?.first().copied();
        }
        if step == n_steps {
            self.phase = Phase::Validation(self.validation_pass());
        }
        self.trainer = Some(trainer);
        Ok(Step::Trained { step, of: n_steps })
    }

    /// Evaluates the newest network on the next validation rows; after the last, ends the epoch.
    async fn validate(&mut self, rows: &Dataset, mut pass: EvaluationPass) -> Result<Step> {
        let (network, normalisation) = self.current_trainer().latest();
        let batch = pass.next_batch(self.settings.batch);
        let logits = row_logits(&network, normalisation, rows, batch, &self.device).await?;
        if !pass.append(logits) {
            return Ok(self.continue_pass(Phase::Validation, pass));
        }
        let truth = rows.truth(&pass.rows);
        let labels = &self.manifest.classes;
        let trainer = self.trainer.as_mut().expect(TRAINER_EXISTS);
        let report = trainer.end_epoch_by(&pass.values, &truth, labels).await?;
        if report.is_last || self.stopped {
            self.phase = Phase::Evaluation(self.validation_pass());
        }
        Ok(Step::Epoch(self.epoch(&report)))
    }

    /// Evaluates the kept network on the next validation rows; after the last, starts the next fit,
    /// if any.
    async fn evaluate(&mut self, rows: &Dataset, mut pass: EvaluationPass) -> Result<Step> {
        let (network, normalisation) = self.kept_network();
        let batch = pass.next_batch(self.settings.batch);
        let logits = row_logits(&network, normalisation, rows, batch, &self.device).await?;
        if !pass.append(logits) {
            return Ok(self.continue_pass(Phase::Evaluation, pass));
        }
        let n_segments = self.task.n_segments();
        for (rows, logits) in pass.by_window(n_segments) {
            self.held_out[rows[0] / n_segments] = Some(mean(logits));
        }
        if self.fit + 1 < self.fits.len() && !self.stopped {
            self.kept_epochs.push(self.kept_epoch());
            self.trainer = None;
            self.fit += 1;
        } else if self.task.backbone().is_none() {
            self.phase = Phase::Embedding(EvaluationPass::new((0..rows.len()).collect()));
        } else {
            self.finished = true;
        }
        Ok(pass.step())
    }

    /// Embeds the next rows with the kept network; after the last, the run is over.
    async fn embed_for_map(&mut self, rows: &Dataset, mut pass: EvaluationPass) -> Result<Step> {
        let (network, normalisation) = self.kept_network();
        let batch = pass.next_batch(self.settings.batch);
        let kept = (&network, normalisation);
        let embeddings = self.task.embed(kept, rows, batch, &self.device).await?;
        if !pass.append(embeddings) {
            return Ok(self.continue_pass(Phase::Embedding, pass));
        }
        let windows = pass.by_window(self.task.n_segments());
        self.embeddings = windows.map(|(_, segments)| mean(segments)).collect();
        self.finished = true;
        Ok(pass.step())
    }

    /// Stores an unfinished pass for the next step.
    fn continue_pass(&mut self, phase: fn(EvaluationPass) -> Phase, pass: EvaluationPass) -> Step {
        let step = pass.step();
        self.phase = phase(pass);
        step
    }

    /// Continues the fit of a checkpoint.
    fn resume(&mut self, data: TrainingData, checkpoint: TrainerCheckpoint) -> Result<Step> {
        let trainer = self.restored(data, checkpoint)?;
        let n_steps = trainer.steps_per_epoch();
        if trainer.is_finished() {
            self.phase = Phase::Evaluation(self.validation_pass());
        }
        self.trainer = Some(trainer);
        Ok(Step::Trained {
            step: 0,
            of: n_steps,
        })
    }

    pub(super) fn begin_fit(&self, data: TrainingData) -> Result<Trainer> {
        let parts = &self.fits[self.fit];
        // The final fit trains for the mean number of epochs that the folds kept.
        let stop_after = match (self.fit, self.kept_epochs.len()) {
            (0, _) | (_, 0) => None,
            (_, n) if parts.validation.is_empty() => {
                Some((self.kept_epochs.iter().sum::<usize>() as f64 / n as f64).round() as usize)
            }
            _ => None,
        };
        let recipe = self
            .settings
            .recipe(!parts.validation.is_empty(), stop_after);
        let rows = self.rows_of(&parts.train);
        let n_labels = self.manifest.classes.len();
        self.task.begin(recipe, data, rows, n_labels, &self.device)
    }

    /// Trainer of the current fit, after its first step.
    pub(super) fn current_trainer(&self) -> &Trainer {
        self.trainer.as_ref().expect(TRAINER_EXISTS)
    }

    /// Whether the fit keeps its best validation epoch, because it stopped early. A completed fit
    /// keeps its last epoch, so that the validation files do not influence the network.
    pub(super) fn keeps_best_epoch(&self) -> bool {
        self.settings.stops_early() || !self.current_trainer().is_finished()
    }

    /// Network that the fit keeps.
    pub(super) fn kept_network(&self) -> (Network, &Normalisation) {
        let trainer = self.current_trainer();
        if !self.keeps_best_epoch() {
            return trainer.latest();
        }
        let (network, normalisation) = trainer.best().expect("an epoch has ended");
        (network.clone(), normalisation)
    }

    /// Number of the epoch that the fit keeps, from 1.
    pub(super) fn kept_epoch(&self) -> usize {
        match self.keeps_best_epoch() {
            true => self.current_trainer().best_epoch(),
            false => self.current_trainer().epochs_done(),
        }
    }

    /// Pass over the validation rows of the current fit.
    pub(super) fn validation_pass(&self) -> EvaluationPass {
        EvaluationPass::new(self.rows_of(&self.fits[self.fit].validation))
    }

    fn epoch(&self, report: &EpochReport) -> Epoch {
        let trainer = self.current_trainer();
        let recipe = trainer.recipe();
        let n_steps = trainer.steps_per_epoch();
        Epoch {
            fold: self.fit + 1,
            n_folds: self.fits.len(),
            epoch: report.epoch,
            epochs: recipe.stop_at(),
            train_loss: report.train_loss,
            train_top1: report.train_top1,
            validation_loss: report.validation_loss,
            validation_top1: report.validation.as_ref().map(|metrics| metrics.top1),
            learning_rate: recipe.learning_rate_at(trainer.steps_done() - 1, n_steps),
            is_best: report.is_best,
        }
    }

    /// Row indices of files: the segments of all their windows.
    fn rows_of(&self, files: &[usize]) -> Vec<usize> {
        let windows = self.manifest.windows();
        let n_segments = self.task.n_segments();
        let rows = |&file: &usize| windows[file].start * n_segments..windows[file].end * n_segments;
        files.iter().flat_map(rows).collect()
    }
}
