//! One fit: the training loop, which the core leaves to its host.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use pollster::block_on;
use tonearm::data::Matrix;
use tonearm::models::row_logits;
use tonearm::recipe::Recipe;
use tonearm::training::checkpoint::FitProgress;
use tonearm::training::cross_validation::Fit;
use tonearm::training::trainer::{CheckpointContents, Trainer, TrainingData};

use super::print;
use super::progress::Progress;
use super::run::Run;
use crate::output;

impl Run<'_> {
    /// Trains on the training set of `fit` until the recipe or Ctrl-C (`stop`) ends it.
    pub fn fit(
        &self,
        fit: &Fit,
        recipe: Recipe,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<Trainer> {
        let (name, split) = (&fit.name, &fit.split);
        let teacher = match &self.embeddings {
            Some(embeddings) => {
                Some(embeddings.teach(&split.train, self.labels.len(), &self.device)?)
            }
            None => None,
        };
        let data = TrainingData {
            rows: self.data,
            teacher: teacher.as_ref(),
        };
        let monitored_rows = fit.monitored_rows(recipe.epoch_selection);
        let mut trainer =
            Trainer::new(&self.model, recipe, data, split.train.clone(), &self.device)?;
        if let Some(FitProgress::Unfinished(checkpoint)) = progress.saved(name)? {
            let restored = trainer.restore(&checkpoint);
            restored.map_err(|error| progress.explain(name, error))?;
        }
        output::note(format_args!(
            "{name}: {} training rows, {} validation rows, {} test rows",
            split.train.len(),
            split.validation.len(),
            split.test.len()
        ));
        while !trainer.is_finished() {
            let started = Instant::now();
            let bar = self.progress_bar(trainer.steps_per_epoch() as u64);
            for _ in 0..trainer.steps_per_epoch() {
                if stop.load(Ordering::Relaxed) {
                    bar.finish_and_clear();
                    ensure!(
                        trainer.best().is_some(),
                        "training was stopped before the end of the first epoch, so there is nothing to save"
                    );
                    return Ok(trainer);
                }
                trainer.step(data);
                bar.inc(1);
            }
            bar.finish_and_clear();
            let report = block_on(trainer.end_epoch(self.data, monitored_rows, self.labels))?;
            if self.options.fit.is_none() {
                progress.write_header()?;
            }
            progress.save(name, || {
                let checkpoint = block_on(trainer.checkpoint(CheckpointContents::All))?;
                Ok(FitProgress::Unfinished(checkpoint))
            })?;
            let seconds = started.elapsed().as_secs_f64();
            print::epoch(self.options.json, name, &report, seconds)?;
        }
        Ok(trainer)
    }

    /// A bar for the steps of an epoch; hidden in worker processes, which share the terminal.
    fn progress_bar(&self, steps: u64) -> ProgressBar {
        match self.options.fit {
            None => ProgressBar::new(steps),
            Some(_) => ProgressBar::hidden(),
        }
    }

    /// The kept network's logits for rows outside its training set.
    pub fn logits(&self, trainer: &Trainer, rows: &[usize]) -> Result<Matrix> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, self.data, rows, &self.device);
        Ok(block_on(logits)?)
    }
}
