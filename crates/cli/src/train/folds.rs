//! Cross-validation: a fit for each fold, several at once, and one on all rows.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow, bail, ensure};
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::recipe::Recipe;
use tonearm::weights::MeanStd;

use super::file::Evidence;
use super::progress::{Done, Progress};
use super::record::write_logits;
use super::run::{Fitted, Run};
use super::workers;
use crate::output;

/// One fit of a cross-validation.
struct Fold {
    name: String,
    recipe: Recipe,
    split: Split,
}

/// What a cross-validation came to.
#[derive(Default)]
struct Folds {
    splits: Vec<Split>,
    /// Of each fold, the rows that it held out.
    held_out: Vec<HeldOut>,
    /// Of each fold, the epoch that was kept.
    epochs: Vec<usize>,
}

impl Run<'_> {
    /// Figures of a cross-validation alone, their parts named behind `prefix`.
    pub fn figures(&self, prefix: &str) -> Result<Vec<Figures>> {
        // One of the processes of a run has no use for them.
        if self.options.fit.is_some() {
            return Ok(Vec::new());
        }
        let (mut progress, stop) = (Progress::aside(), AtomicBool::new(false));
        let Some(folds) = self.folds(self.options.seed, &mut progress, &stop)? else {
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

    /// Measures the recipe on folds, as often as asked, then fits it on all rows for as many epochs
    /// as the folds needed at the median.
    pub fn cross_validate(
        &self,
        beside: Vec<Figures>,
        progress: &mut Progress,
        stop: &AtomicBool,
    ) -> Result<(Evidence, Fitted)> {
        let mut repeats = Vec::new();
        for repeat in 0..self.options.repeats {
            match self.folds(self.options.seed + repeat, progress, stop)? {
                Some(folds) => repeats.push(folds),
                None => bail!("stopped before all folds were done: --resume goes on from here"),
            }
        }
        let mut figures: Vec<Figures> = Vec::new();
        let tops: Vec<f64> = repeats
            .iter()
            .map(|folds| HeldOut::fold_figures(&folds.held_out, self.labels))
            .map(|mut figures| figures.pop().map_or(0.0, |all| all.top1))
            .collect();
        let first = repeats.swap_remove(0);
        self.record_logits(&first)?;
        figures.extend(HeldOut::fold_figures(&first.held_out, self.labels));
        let part = figures
            .last()
            .map_or_else(String::new, |all| all.part.clone());
        figures.extend(beside);
        for figures in &figures {
            self.report(figures)?;
        }
        let spread = MeanStd::of(&tops);
        if tops.len() > 1 {
            self.report_spread(&spread)?;
        }

        let mut epochs = first.epochs;
        epochs.sort_unstable();
        let recipe = Recipe {
            stop_after: Some(epochs[epochs.len() / 2]),
            ..self.recipe.clone()
        };
        let all = self.thinned(Split {
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
        let learned_from = match self.options.train_share {
            1.0 => "all rows".to_owned(),
            share => format!("{share} of all rows, by whole artists"),
        };
        let evidence = Evidence {
            fitted_on: format!(
                "{learned_from}, for {} epochs{}; the figures are those of the folds before",
                fitted.trainer.best_epoch(),
                // Ctrl-C keeps what there is.
                if fitted.trainer.is_over() {
                    ""
                } else {
                    ", stopped before the end"
                }
            ),
            temperature,
            threshold,
            confident,
            figures,
            repeats: (tops.len() > 1).then_some(spread),
            headline: rows.headline(&part, self.labels),
            artists: self.artists(&all),
        };
        Ok((evidence, fitted))
    }

    /// One cross-validation; none if Ctrl-C ended it.
    fn folds(
        &self,
        seed: u64,
        progress: &mut Progress,
        stop: &AtomicBool,
    ) -> Result<Option<Folds>> {
        let plan = self.plan(seed)?;
        if progress.is_kept() && self.options.jobs() > 1 {
            let mut waiting = Vec::new();
            for fold in &plan {
                if progress.done(&fold.name)?.is_none() {
                    waiting.push(fold.name.clone());
                }
            }
            // One alone has all cores here.
            if waiting.len() > 1 {
                workers::train(waiting, self.options.jobs(), stop, || progress.publish())?;
            }
        }
        let mut folds = Folds::default();
        for fold in plan {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let done = match progress.done(&fold.name)? {
                Some(done) => done,
                None => match self.fold(&fold, progress, stop)? {
                    Some(done) => done,
                    None => return Ok(None),
                },
            };
            let n_rows = fold.split.test.len();
            done.check(n_rows, self.labels.len(), fold.recipe.stop_at())
                .map_err(|reason| anyhow!(progress.broken(&fold.name, &reason)))?;
            folds.epochs.push(done.best_epoch);
            let held_out = HeldOut::new(done.logits, self.data, &fold.split.test);
            folds.held_out.push(held_out);
            folds.splits.push(fold.split);
            progress.add(done.fit);
        }
        Ok(Some(folds))
    }

    /// The folds of one cross-validation.
    fn plan(&self, seed: u64) -> Result<Vec<Fold>> {
        ensure!(!self.options.later(), "there are no folds of --split later");
        let k = self.options.folds.unwrap_or(0);
        let recipe = Recipe {
            seed,
            ..self.recipe.clone()
        };
        let config = SplitConfig {
            seed,
            ..self.options.split(&recipe, self.share)
        };
        let splits = Split::folds(self.data, &config, k)?;
        let fold = |(split, number)| {
            Ok(Fold {
                name: match self.options.repeats {
                    1 => format!("fold {number} of {k}"),
                    _ => format!("seed {seed}, fold {number} of {k}"),
                },
                recipe: recipe.clone(),
                split: self.thinned(split)?,
            })
        };
        splits.into_iter().zip(1..).map(fold).collect()
    }

    /// Trains the one fold of that name, for the process that began the run.
    pub fn take_part(&self, name: &str, progress: &Progress, stop: &AtomicBool) -> Result<()> {
        for repeat in 0..self.options.repeats {
            let plan = self.plan(self.options.seed + repeat)?;
            if let Some(fold) = plan.iter().find(|fold| fold.name == name) {
                self.fold(fold, progress, stop)?;
                return Ok(());
            }
        }
        bail!("the run has no fit of the name {name}")
    }

    /// Trains on a fold and lets it answer for the rows that it held out; none if Ctrl-C ended it.
    fn fold(&self, fold: &Fold, progress: &Progress, stop: &AtomicBool) -> Result<Option<Done>> {
        let Fold {
            name,
            recipe,
            split,
        } = fold;
        let fitted = self.fit(name, recipe, split, progress, stop);
        // What there is of it is in its file.
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
        let done = Done {
            fit,
            best_epoch: trainer.best_epoch(),
            logits: held_out.logits,
        };
        progress.finish(&done)?;
        Ok(Some(done))
    }

    /// Keeps what the folds said of rows that they had not seen, if a record is asked for.
    fn record_logits(&self, folds: &Folds) -> Result<()> {
        let Some(folder) = &self.options.record else {
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
