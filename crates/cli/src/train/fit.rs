//! One fit: the training loop, which the core leaves to its host.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use indicatif::ProgressBar;
use pollster::block_on;
use tonearm::Error;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::models::row_logits;
use tonearm::recipe::{EpochSelection, Recipe};
use tonearm::training::trainer::{CheckpointContents, Trainer, TrainingData};

use super::print;
use super::progress::Progress;
use super::run::Run;
use crate::output;
use crate::storage::records::{Epoch, Fit};

/// A trained network and the figures of its epochs.
pub struct Fitted {
    pub trainer: Trainer,
    pub fit: Fit,
}

impl Run<'_> {
    /// Trains on the training set of `split` until the recipe or Ctrl-C (`stop`) ends it.
    pub fn fit(
        &self,
        name: &str,
        recipe: &Recipe,
        split: &Split,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<Fitted> {
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
        let rows = split.train.clone();
        let mut trainer = Trainer::new(&self.model, recipe.clone(), data, rows, &self.device)?;
        let mut fit = Fit {
            name: name.to_owned(),
            epochs: Vec::new(),
        };
        if let Some(unfinished) = progress.unfinished(name)? {
            trainer
                .restore(unfinished.checkpoint)
                .map_err(|error| match error {
                    Error::Checkpoint { defect, .. } => {
                        anyhow!(progress.damaged(name, &defect.to_string()))
                    }
                    other => other.into(),
                })?;
            ensure!(
                unfinished.fit.epochs.len() == trainer.epochs_done(),
                progress.damaged(
                    name,
                    "the number of epochs in it differs from the checkpoint's"
                )
            );
            fit = unfinished.fit;
        }
        // The test set may be reported after every epoch here, because no choice depends on it.
        let reported_rows =
            match split.validation.is_empty() && recipe.epoch_selection == EpochSelection::Last {
                true => &split.test,
                false => &split.validation,
            };
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
                    return Ok(Fitted { trainer, fit });
                }
                trainer.step(data);
                bar.inc(1);
            }
            bar.finish_and_clear();
            let report = block_on(trainer.end_epoch(self.data, reported_rows, self.labels))?;
            fit.epochs.push(Epoch::new(&report));
            if self.options.fit.is_none() {
                progress.write_header()?;
            }
            progress.save_checkpoint(&fit, || {
                block_on(trainer.checkpoint(CheckpointContents::All))
            })?;
            let seconds = started.elapsed().as_secs_f64();
            print::epoch(self.options.json, name, &report, seconds)?;
        }
        Ok(Fitted { trainer, fit })
    }

    /// A bar for the steps of an epoch; hidden in worker processes, which share the terminal.
    fn progress_bar(&self, steps: u64) -> ProgressBar {
        match self.options.fit {
            None => ProgressBar::new(steps),
            Some(_) => ProgressBar::hidden(),
        }
    }

    /// The network's logits for rows outside its training set.
    pub fn held_out(&self, trainer: &Trainer, rows: &[usize]) -> Result<HeldOut> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, self.data, rows, &self.device);
        Ok(HeldOut::new(block_on(logits)?, self.data, rows))
    }
}
