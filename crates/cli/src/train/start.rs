//! Starts or resumes a run: trains on one split or on folds, then writes the results.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use tonearm::data::split::Split;
use tonearm::evaluation::figures::Figures;
use tonearm::training::trainer::Trainer;

use super::card::Evidence;
use super::progress::Progress;
use super::run::Run;
use super::{later, print, workers};
use crate::output;

impl Run<'_> {
    /// Trains and writes the weights file. `extra_figures` go on the card after the run's own.
    pub fn train(&self, extra_figures: Vec<Figures>) -> Result<()> {
        let (out, key) = (&self.options.out, self.key()?);
        let stop = catch_ctrl_c()?;
        if let Some(name) = &self.options.fit {
            workers::exit_with_parent();
            return self.train_one_fold(name, &Progress::open(out, &key)?, &stop);
        }
        let mut progress = match self.options.resume {
            true => {
                let progress = Progress::open(out, &key)?;
                output::note("Resuming the stopped run.");
                progress
            }
            false => Progress::create(out, key)?,
        };
        let (evidence, fitted) = match self.options.folds {
            None => {
                let split = self.single_split()?;
                let fitted = self.fit("training", &self.recipe, &split, &progress, &stop)?;
                (self.measure(&fitted.trainer, &split)?, fitted)
            }
            Some(_) => self.cross_validate(extra_figures, &mut progress, &stop)?,
        };
        self.save(fitted, evidence, progress)
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

    /// Chooses temperature and threshold on the validation set, and measures the test set.
    fn measure(&self, trainer: &Trainer, split: &Split) -> Result<Evidence> {
        let validation = self.held_out(trainer, &split.validation)?;
        let temperature = validation.temperature();
        let threshold = validation.threshold(temperature);
        let test = self.held_out(trainer, &split.test)?;
        let figures = vec![
            validation.figures("validation", temperature, self.labels),
            test.figures("test", temperature, self.labels),
        ];
        print::figures(self.options.json, &figures[1])?;
        let tested_on = match self.options.is_later_split() {
            true => "; tested on the latest tracks",
            false => "",
        };
        Ok(Evidence {
            fitted_on: format!("training rows, epoch {}{tested_on}", trainer.best_epoch()),
            temperature,
            threshold,
            confident: test.confident(temperature, threshold),
            headline: test.headline("test", self.labels),
            figures,
            repeats: None,
            artists: self.artists(split),
        })
    }
}

/// A flag that Ctrl-C sets.
fn catch_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot handle Ctrl-C")?;
    Ok(stop)
}
