//! The fits of a run: the folds, several in parallel, and the last fit.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail, ensure};
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::training::checkpoint::FitProgress;
use tonearm::training::cross_validation::{CrossValidation, Fit, FitResult};
use tonearm::training::trainer::Trainer;

use super::progress::Progress;
use super::run::Run;
use super::{later, workers};
use crate::output;

impl Run<'_> {
    /// The fits of the run: with `--folds`, a cross-validation for each of `--repeats` seeds and a fit on all
    /// rows, otherwise a single fit.
    pub fn fits(&self) -> Result<CrossValidation> {
        let seed = self.options.seed;
        let Some(k) = self.options.folds else {
            return Ok(CrossValidation::single(seed, self.single_split()?));
        };
        ensure!(
            !self.options.is_later_split(),
            "--split later cannot be combined with --folds"
        );
        let folds = |seed| {
            let config = SplitConfig {
                seed,
                ..self.split_config()
            };
            let splits = Split::folds(self.data, &config, k)?.into_iter();
            let splits: Result<_> = splits
                .map(|split| self.reduce_training_set(split))
                .collect();
            Ok((seed, splits?))
        };
        let repeats = (seed..seed + self.options.repeats).map(folds);
        let all = self.reduce_training_set(Split {
            train: (0..self.data.len()).collect(),
            ..Split::default()
        })?;
        Ok(CrossValidation::of_folds(
            repeats.collect::<Result<_>>()?,
            all,
        ))
    }

    /// The split of a run without folds.
    fn single_split(&self) -> Result<Split> {
        let config = self.split_config();
        ensure!(
            !config.random || self.options.train_fraction == 1.0,
            "--train-share cannot be combined with --split random unless --folds is given"
        );
        let split = match self.options.is_later_split() {
            true => later::split(self.data, &config)?,
            false => Split::new(self.data, &config)?,
        };
        self.reduce_training_set(split)
    }

    /// Trains all folds that have no saved result, in parallel if `--jobs` says so.
    ///
    /// # Errors
    /// If Ctrl-C stopped it, a fold fails, or saved progress is damaged.
    pub fn train_folds(
        &self,
        fits: &mut CrossValidation,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<()> {
        self.train_in_parallel(fits, progress, stop)?;
        while let Some(fold) = fits.next_fold() {
            let stopped = "training was stopped before all folds were done; repeat the command with --resume \
                           to continue";
            ensure!(!stop.load(Ordering::Relaxed), stopped);
            let result = match progress.saved(&fold.name)? {
                Some(FitProgress::Finished(result)) => result,
                _ => self
                    .train_fold(fits, fold, progress, stop)?
                    .context(stopped)?,
            };
            let n_epochs = fits.recipe(fold, &self.recipe).stop_at();
            result
                .check(fold.split.test.len(), self.labels.len(), n_epochs)
                .map_err(|error| progress.explain(&fold.name, error))?;
            fits.finish_fit(result);
        }
        Ok(())
    }

    /// Trains the folds in worker processes, which save their results. Does nothing unless several folds can
    /// be trained at once.
    fn train_in_parallel(
        &self,
        fits: &CrossValidation,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<()> {
        if !progress.is_saved() || self.options.jobs() == 1 {
            return Ok(());
        }
        let mut waiting = Vec::new();
        for fold in fits.folds() {
            if !matches!(progress.saved(&fold.name)?, Some(FitProgress::Finished(_))) {
                waiting.push(fold.name.clone());
            }
        }
        // A single fold trains in this process, with all cores.
        match waiting.len() {
            0 | 1 => Ok(()),
            _ => workers::train(waiting, self.options.jobs(), stop, || {
                progress.write_header()
            }),
        }
    }

    /// Trains one fold, as a worker process of the run that started it.
    pub fn train_one_fold(&self, name: &str, progress: &Progress, stop: &AtomicBool) -> Result<()> {
        let fits = self.fits()?;
        let Some(fold) = fits.folds().iter().find(|fold| fold.name == name) else {
            bail!("the run has no fold named \"{name}\"");
        };
        self.train_fold(&fits, fold, progress, stop)?;
        Ok(())
    }

    /// Trains a fold, computes the logits of its test rows and saves them; `None` if Ctrl-C stopped it.
    fn train_fold(
        &self,
        fits: &CrossValidation,
        fold: &Fit,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<Option<FitResult>> {
        let trainer = self.fit(fold, fits.recipe(fold, &self.recipe), progress, stop);
        // The epochs so far are in the fold's checkpoint.
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let result = self.result(&trainer?, fold)?;
        let held_out = HeldOut::new(result.logits.clone(), self.data, &fold.split.test);
        let figures = held_out.figures(&fold.name, 1.0, self.labels);
        output::note(format_args!(
            "{}: top-1 {:.2} %, top-3 {:.2} %, balanced {:.2} %",
            fold.name,
            figures.top1 * 100.0,
            figures.top3 * 100.0,
            figures.balanced * 100.0
        ));
        progress.save(&fold.name, || Ok(FitProgress::Finished(result.clone())))?;
        Ok(Some(result))
    }

    /// Trains the last fit, whose network is kept.
    ///
    /// # Errors
    /// If Ctrl-C stopped it before the end of the first epoch, or it fails.
    pub fn train_last(
        &self,
        fits: &mut CrossValidation,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<(Fit, Trainer)> {
        let fit = fits.next_fit().context("all fits have ended")?.clone();
        let trainer = self.fit(&fit, fits.recipe(&fit, &self.recipe), progress, stop)?;
        fits.finish_fit(self.result(&trainer, &fit)?);
        Ok((fit, trainer))
    }

    fn result(&self, trainer: &Trainer, fit: &Fit) -> Result<FitResult> {
        let logits = self.logits(trainer, &fit.split.test)?;
        Ok(FitResult::new(trainer, trainer.best_epoch(), logits))
    }
}
