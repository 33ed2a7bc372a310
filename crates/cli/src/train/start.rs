//! Starts or resumes a run: trains its fits, then writes the results.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use tonearm::data::Matrix;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::training::cross_validation::{CrossValidation, Fit};
use tonearm::training::trainer::Trainer;
use tonearm::weights::MeanStd;

use super::card::Measured;
use super::progress::Progress;
use super::run::Run;
use super::{print, workers};
use crate::output;
use crate::storage::records::write_logits;

impl Run<'_> {
    /// Trains and writes the weights file. `extra_figures` go on the card after the run's own.
    pub fn train(&self, extra_figures: Vec<Figures>) -> Result<()> {
        let (out, key) = (&self.options.out, self.key()?);
        let stop = catch_ctrl_c()?;
        if let Some(name) = &self.options.fit {
            workers::exit_with_parent();
            return self.train_one_fold(name, &Progress::open(out, &key)?, &stop);
        }
        let progress = match self.options.resume {
            true => {
                let progress = Progress::open(out, &key)?;
                output::note("Resuming the stopped run.");
                progress
            }
            false => Progress::create(out, key)?,
        };
        let mut fits = self.fits()?;
        self.train_folds(&mut fits, &progress, &stop)?;
        let (measured, fit, trainer) = match self.options.folds {
            Some(_) => {
                let folds = self.measure_folds(&fits, extra_figures)?;
                let (fit, trainer) = self.train_last(&mut fits, &progress, &stop)?;
                let fitted_on = self.fitted_on(&trainer);
                (Measured { fitted_on, ..folds }, fit, trainer)
            }
            None => {
                let (fit, trainer) = self.train_last(&mut fits, &progress, &stop)?;
                (self.measure(&fits, &fit, &trainer)?, fit, trainer)
            }
        };
        self.save(measured, &fit, &trainer, &fits, progress)
    }

    /// Figures over all rows of a cross-validation that is not saved; `prefix` starts their part names.
    pub fn cross_validation_figures(&self, prefix: &str) -> Result<Vec<Figures>> {
        // Worker processes train a single fold and do not write a card.
        if self.options.fit.is_some() {
            return Ok(Vec::new());
        }
        let mut fits = self.fits()?;
        self.train_folds(&mut fits, &Progress::unsaved(), &AtomicBool::new(false))?;
        let folds = self.held_out_by_seed(&fits, self.options.seed);
        let mut all = HeldOut::fold_figures(&folds, self.labels).pop();
        if let Some(figures) = &mut all {
            figures.part.insert_str(0, prefix);
        }
        Ok(all.into_iter().collect())
    }

    /// The held-out rows of the folds with this seed, one set per fold.
    fn held_out_by_seed(&self, fits: &CrossValidation, seed: u64) -> Vec<HeldOut> {
        let folds = fits.folds().iter().zip(fits.ended());
        folds
            .filter(|(fold, _)| fold.seed == seed)
            .map(|(fold, (_, result))| {
                HeldOut::new(result.logits.clone(), self.data, &fold.split.test)
            })
            .collect()
    }

    /// Chooses temperature and threshold on the held-out rows of the folds, and measures them.
    fn measure_folds(
        &self,
        fits: &CrossValidation,
        extra_figures: Vec<Figures>,
    ) -> Result<Measured> {
        let seeds = self.options.seed..self.options.seed + self.options.repeats;
        let accuracy = |seed| {
            let folds = self.held_out_by_seed(fits, seed);
            let all = HeldOut::fold_figures(&folds, self.labels).pop();
            all.map_or(0.0, |all| all.top1)
        };
        let accuracies: Vec<f64> = seeds.map(accuracy).collect();
        let folds = self.held_out_by_seed(fits, self.options.seed);
        self.record_logits(fits)?;
        let mut figures = HeldOut::fold_figures(&folds, self.labels);
        let part = figures
            .last()
            .map_or_else(String::new, |all| all.part.clone());
        figures.extend(extra_figures);
        for figures in &figures {
            print::figures(self.options.json, figures)?;
        }
        let repeats = (accuracies.len() > 1).then(|| MeanStd::of(&accuracies));
        if let Some(accuracy) = &repeats {
            print::accuracy_over_seeds(self.options.json, accuracy)?;
        }
        let confident = HeldOut::fold_confident(&folds);
        let mut rows = HeldOut::default();
        folds.into_iter().for_each(|fold| rows.append(fold));
        let temperature = rows.temperature();
        Ok(Measured {
            fitted_on: String::new(),
            temperature,
            threshold: rows.threshold(temperature),
            confident,
            headline: rows.headline(&part, self.labels),
            figures,
            repeats,
        })
    }

    /// What the final fit was trained on, for the card.
    fn fitted_on(&self, trainer: &Trainer) -> String {
        let rows = match self.options.train_fraction {
            1.0 => "all rows".to_owned(),
            fraction => format!("{fraction} of all rows, by whole artists"),
        };
        let stopped = match trainer.is_finished() {
            true => "",
            false => ", stopped early",
        };
        format!(
            "{rows}, for {} epochs{stopped}; the figures are from the cross-validation",
            trainer.best_epoch()
        )
    }

    /// Chooses temperature and threshold on the validation set, and measures the test set.
    fn measure(&self, fits: &CrossValidation, fit: &Fit, trainer: &Trainer) -> Result<Measured> {
        let rows = &fit.split.validation;
        let validation = HeldOut::new(self.logits(trainer, rows)?, self.data, rows);
        let temperature = validation.temperature();
        let threshold = validation.threshold(temperature);
        let (_, result) = fits.ended().last().context("no fit has ended")?;
        let test = HeldOut::new(result.logits.clone(), self.data, &fit.split.test);
        let figures = vec![
            validation.figures("validation", temperature, self.labels),
            test.figures("test", temperature, self.labels),
        ];
        print::figures(self.options.json, &figures[1])?;
        let tested_on = match self.options.is_later_split() {
            true => "; tested on the latest tracks",
            false => "",
        };
        Ok(Measured {
            fitted_on: format!("training rows, epoch {}{tested_on}", trainer.best_epoch()),
            temperature,
            threshold,
            confident: test.confident(temperature, threshold),
            headline: test.headline("test", self.labels),
            figures,
            repeats: None,
        })
    }

    /// Writes the logits of the test rows of all folds with the first seed, if `--records` was given.
    fn record_logits(&self, fits: &CrossValidation) -> Result<()> {
        let Some(folder) = &self.options.records else {
            return Ok(());
        };
        let (mut rows, mut logits) = (Vec::new(), Matrix::default());
        for (fold, result) in fits.ended() {
            if fold.seed == self.options.seed {
                rows.extend(&fold.split.test);
                logits.append(&result.logits);
            }
        }
        write_logits(folder, &self.options.name(), self.data, &rows, &logits)
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
