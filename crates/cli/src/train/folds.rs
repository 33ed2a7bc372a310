//! Cross-validation: one fit per fold, several in parallel, then one fit on all rows.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow, bail, ensure};
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::recipe::Recipe;
use tonearm::weights::MeanStd;

use super::card::Evidence;
use super::fit::Fitted;
use super::progress::{Finished, Progress};
use super::run::Run;
use super::{print, workers};
use crate::output;
use crate::storage::records::write_logits;

/// One fold to train.
struct Fold {
    name: String,
    recipe: Recipe,
    split: Split,
}

/// Results of a cross-validation; every vector has one element per fold.
#[derive(Default)]
struct FoldResults {
    splits: Vec<Split>,
    /// Logits of the test rows.
    held_out: Vec<HeldOut>,
    /// The epochs whose weights were kept.
    best_epochs: Vec<usize>,
}

impl Run<'_> {
    /// Figures over all rows of a cross-validation that is not saved; `prefix` starts their part names.
    pub fn cross_validation_figures(&self, prefix: &str) -> Result<Vec<Figures>> {
        // Worker processes train a single fold and do not write a card.
        if self.options.fit.is_some() {
            return Ok(Vec::new());
        }
        let (mut progress, stop) = (Progress::unsaved(), AtomicBool::new(false));
        let Some(folds) = self.train_folds(self.options.seed, &mut progress, &stop)? else {
            return Ok(Vec::new());
        };
        let all = HeldOut::fold_figures(&folds.held_out, self.labels).pop();
        Ok(all
            .into_iter()
            .map(|figures| Figures {
                part: format!("{prefix}{}", figures.part),
                ..figures
            })
            .collect())
    }

    /// Cross-validates `--repeats` times, then trains on all rows for the median of the folds' best
    /// epochs.
    pub fn cross_validate(
        &self,
        extra_figures: Vec<Figures>,
        progress: &mut Progress,
        stop: &AtomicBool,
    ) -> Result<(Evidence, Fitted)> {
        let mut repeats = Vec::new();
        for repeat in 0..self.options.repeats {
            match self.train_folds(self.options.seed + repeat, progress, stop)? {
                Some(folds) => repeats.push(folds),
                None => bail!(
                    "training was stopped before all folds were done; repeat the command with --resume to continue"
                ),
            }
        }
        let accuracies: Vec<f64> = repeats
            .iter()
            .map(|folds| HeldOut::fold_figures(&folds.held_out, self.labels))
            .map(|mut figures| figures.pop().map_or(0.0, |all| all.top1))
            .collect();
        let first = repeats.swap_remove(0);
        self.record_logits(&first)?;
        let mut figures = HeldOut::fold_figures(&first.held_out, self.labels);
        let part = figures
            .last()
            .map_or_else(String::new, |all| all.part.clone());
        figures.extend(extra_figures);
        for figures in &figures {
            print::figures(self.options.json, figures)?;
        }
        let accuracy = MeanStd::of(&accuracies);
        if accuracies.len() > 1 {
            print::accuracy_over_seeds(self.options.json, &accuracy)?;
        }

        let mut best_epochs = first.best_epochs;
        best_epochs.sort_unstable();
        let recipe = Recipe {
            stop_after: Some(best_epochs[best_epochs.len() / 2]),
            ..self.recipe.clone()
        };
        let all = self.reduce_training_set(Split {
            train: (0..self.data.len()).collect(),
            ..Split::default()
        })?;
        let fitted = self.fit("all rows", &recipe, &all, progress, stop)?;
        let confident = HeldOut::fold_confident(&first.held_out);
        let mut rows = HeldOut::default();
        first
            .held_out
            .into_iter()
            .for_each(|fold| rows.append(fold));
        let temperature = rows.temperature();
        let threshold = rows.threshold(temperature);
        let evidence = Evidence {
            fitted_on: self.fitted_on(&fitted),
            temperature,
            threshold,
            confident,
            figures,
            repeats: (accuracies.len() > 1).then_some(accuracy),
            headline: rows.headline(&part, self.labels),
            artists: self.artists(&all),
        };
        Ok((evidence, fitted))
    }

    /// What the final fit was trained on, for the card.
    fn fitted_on(&self, fitted: &Fitted) -> String {
        let rows = match self.options.train_fraction {
            1.0 => "all rows".to_owned(),
            fraction => format!("{fraction} of all rows, by whole artists"),
        };
        let stopped = match fitted.trainer.is_finished() {
            true => "",
            false => ", stopped early",
        };
        format!(
            "{rows}, for {} epochs{stopped}; the figures are from the cross-validation",
            fitted.trainer.best_epoch()
        )
    }

    /// One cross-validation; `None` if Ctrl-C stopped it.
    fn train_folds(
        &self,
        seed: u64,
        progress: &mut Progress,
        stop: &AtomicBool,
    ) -> Result<Option<FoldResults>> {
        let folds = self.folds(seed)?;
        if progress.is_saved() && self.options.jobs() > 1 {
            let mut waiting = Vec::new();
            for fold in &folds {
                if progress.finished(&fold.name)?.is_none() {
                    waiting.push(fold.name.clone());
                }
            }
            // A single fold trains in this process, with all cores.
            if waiting.len() > 1 {
                workers::train(waiting, self.options.jobs(), stop, || {
                    progress.write_header()
                })?;
            }
        }
        let mut results = FoldResults::default();
        for fold in folds {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let finished = match progress.finished(&fold.name)? {
                Some(finished) => finished,
                None => match self.train_fold(&fold, progress, stop)? {
                    Some(finished) => finished,
                    None => return Ok(None),
                },
            };
            let n_rows = fold.split.test.len();
            finished
                .check(n_rows, self.labels.len(), fold.recipe.stop_at())
                .map_err(|reason| anyhow!(progress.damaged(&fold.name, &reason)))?;
            results.best_epochs.push(finished.best_epoch);
            let held_out = HeldOut::new(finished.logits, self.data, &fold.split.test);
            results.held_out.push(held_out);
            results.splits.push(fold.split);
            progress.add(finished.fit);
        }
        Ok(Some(results))
    }

    /// The folds of one cross-validation.
    fn folds(&self, seed: u64) -> Result<Vec<Fold>> {
        ensure!(
            !self.options.is_later_split(),
            "--split later cannot be combined with --folds"
        );
        let k = self.options.folds.unwrap_or(0);
        let recipe = Recipe {
            seed,
            ..self.recipe.clone()
        };
        let config = SplitConfig {
            seed,
            ..self.options.split(&recipe, self.test_fraction)
        };
        let splits = Split::folds(self.data, &config, k)?;
        let fold = |(split, number)| {
            Ok(Fold {
                name: match self.options.repeats {
                    1 => format!("fold {number} of {k}"),
                    _ => format!("seed {seed}, fold {number} of {k}"),
                },
                recipe: recipe.clone(),
                split: self.reduce_training_set(split)?,
            })
        };
        splits.into_iter().zip(1..).map(fold).collect()
    }

    /// Trains one fold, as a worker process of the run that started it.
    pub fn train_one_fold(&self, name: &str, progress: &Progress, stop: &AtomicBool) -> Result<()> {
        for repeat in 0..self.options.repeats {
            let folds = self.folds(self.options.seed + repeat)?;
            if let Some(fold) = folds.iter().find(|fold| fold.name == name) {
                self.train_fold(fold, progress, stop)?;
                return Ok(());
            }
        }
        bail!("the run has no fold named \"{name}\"")
    }

    /// Trains a fold and computes the logits of its test rows; `None` if Ctrl-C stopped it.
    fn train_fold(
        &self,
        fold: &Fold,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<Option<Finished>> {
        let Fold {
            name,
            recipe,
            split,
        } = fold;
        let fitted = self.fit(name, recipe, split, progress, stop);
        // The epochs so far are in the fold's checkpoint.
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Fitted { trainer, fit } = fitted?;
        let held_out = self.held_out(&trainer, &split.test)?;
        let figures = held_out.figures(name, 1.0, self.labels);
        output::note(format_args!(
            "{name}: top-1 {:.2} %, top-3 {:.2} %, balanced {:.2} %",
            figures.top1 * 100.0,
            figures.top3 * 100.0,
            figures.balanced * 100.0
        ));
        let finished = Finished {
            fit,
            best_epoch: trainer.best_epoch(),
            logits: held_out.logits,
        };
        progress.save_result(&finished)?;
        Ok(Some(finished))
    }

    /// Writes the logits of all test rows, if `--records` was given.
    fn record_logits(&self, folds: &FoldResults) -> Result<()> {
        let Some(folder) = &self.options.records else {
            return Ok(());
        };
        let rows: Vec<usize> = folds
            .splits
            .iter()
            .flat_map(|split| split.test.clone())
            .collect();
        let logits: Vec<_> = folds
            .held_out
            .iter()
            .flat_map(|fold| fold.logits.clone())
            .collect();
        write_logits(folder, &self.options.name(), self.data, &rows, &logits)
    }
}
