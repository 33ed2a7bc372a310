//! A training run: the loop that the core leaves to its host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use indicatif::ProgressBar;
use pollster::block_on;
use tonearm::calibration::HeldOut;
use tonearm::dataset::Dataset;
use tonearm::features::Input;
use tonearm::models::{ModelConfig, row_logits};
use tonearm::recipe::{Keep, Recipe};
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::{Keeping, Trainer, TrainingData};
use tonearm::weights::{Figures, Grouping, Spread};

use super::file::{Evidence, hex};
use super::later;
use super::options::Options;
use super::progress::{Done, Progress};
use super::record::{DataFile, Epoch, Fit, write_logits};
use super::teacher::Embeddings;
use super::workers;
use crate::output;

/// One call of `tonearm train`.
pub struct Run<'a> {
    pub options: &'a Options,
    pub data: &'a Dataset,
    /// The files that it read, that of the data first.
    pub files: Vec<DataFile>,
    pub labels: &'a [String],
    /// What the rows' artists are.
    pub grouping: Grouping,
    pub model: ModelConfig,
    pub input: Input,
    pub recipe: Recipe,
    /// Share of the rows that validates, and that tests, without folds.
    pub share: f64,
    pub embeddings: Option<Embeddings>,
    pub device: Device,
}

/// A network that was fitted, and how.
pub struct Fitted {
    pub trainer: Trainer,
    pub fit: Fit,
}

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
    /// Trains on each split; with several, then on all rows. Writes the weights file, with the
    /// figures given `beside` its own.
    pub fn train(&self, beside: Vec<Figures>) -> Result<()> {
        let (out, key) = (&self.options.out, self.key()?);
        let stop = catch_ctrl_c()?;
        if let Some(name) = &self.options.fit {
            workers::end_with_parent();
            return self.take_part(name, &Progress::join(out, &key)?, &stop);
        }
        let mut progress = match self.options.resume {
            true => {
                let progress = Progress::join(out, &key)?;
                output::note("Going on with the run that was stopped.");
                progress
            }
            false => Progress::begin(out, key)?,
        };
        let split = self.options.split(&self.recipe, self.share);
        let (evidence, fitted) = match self.options.folds {
            None => {
                ensure!(
                    !split.random || self.options.train_share == 1.0,
                    "--train-share needs artists apart, or --folds"
                );
                let split = match self.options.later() {
                    true => later::split(self.data, &split)?,
                    false => Split::new(self.data, &split)?,
                };
                let split = self.thinned(split)?;
                let fitted = self.fit("training", &self.recipe, &split, &progress, &stop)?;
                (self.evidence(&fitted.trainer, &split)?, fitted)
            }
            Some(_) => self.cross_validate(beside, &mut progress, &stop)?,
        };
        self.save(fitted, evidence, progress)
    }

    /// Names the run: what must be the same for a stopped one to go on.
    fn key(&self) -> Result<String> {
        let settings = serde_json::to_vec(&(
            (&self.model, &self.input, &self.recipe),
            (self.labels, self.options.split(&self.recipe, self.share)),
            (
                self.options.folds,
                self.options.repeats,
                self.options.train_share,
                self.options.later(),
            ),
            &self.files,
            (self.data.len(), self.options.device.name()),
            env!("CARGO_PKG_VERSION"),
        ))?;
        Ok(hex(&settings))
    }

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
    fn cross_validate(
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
        let spread = Spread::of(&tops);
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
            ensure!(
                done.logits.len() == fold.split.test.len(),
                "the stopped run held out other rows"
            );
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
    fn take_part(&self, name: &str, progress: &Progress, stop: &AtomicBool) -> Result<()> {
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

    /// A split with the share of its training rows that was asked for, by whole artists.
    fn thinned(&self, split: Split) -> Result<Split> {
        let share = self.options.train_share;
        if share == 1.0 {
            return Ok(split);
        }
        let config = SplitConfig {
            validation: 0.0,
            test: 1.0 - share,
            ..self.options.split(&self.recipe, self.share)
        };
        let kept = Split::new(&self.data.select(&split.train), &config)?.train;
        Ok(Split {
            train: kept.into_iter().map(|row| split.train[row]).collect(),
            ..split
        })
    }

    /// Trains until the recipe or Ctrl-C ends it.
    fn fit(
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
        if let Some(current) = progress.current(name)? {
            trainer.restore(current.state)?;
            fit = current.fit;
        }
        // Nothing is chosen by rows that are only watched.
        let watched = match split.validation.is_empty() && recipe.keep == Keep::Last {
            true => &split.test,
            false => &split.validation,
        };
        output::note(format_args!(
            "{name}: {} rows to train on, {} to validate, {} to test",
            split.train.len(),
            split.validation.len(),
            split.test.len()
        ));
        while !trainer.is_over() {
            let started = Instant::now();
            let bar = self.bar(trainer.steps_per_epoch() as u64);
            for _ in 0..trainer.steps_per_epoch() {
                if stop.load(Ordering::Relaxed) {
                    bar.finish_and_clear();
                    return stopped(trainer, fit);
                }
                trainer.step(data);
                bar.inc(1);
            }
            bar.finish_and_clear();
            let report = block_on(trainer.end_epoch(self.data, watched, self.labels))?;
            fit.epochs.push(Epoch::new(&report));
            if self.options.fit.is_none() {
                progress.publish()?;
            }
            progress.keep(&fit, || block_on(trainer.state(Keeping::All)))?;
            self.print_epoch(name, &report, started.elapsed().as_secs_f64())?;
        }
        Ok(Fitted { trainer, fit })
    }

    /// Shows the steps of an epoch, unless other processes write on the same terminal.
    fn bar(&self, steps: u64) -> ProgressBar {
        match self.options.fit {
            None => ProgressBar::new(steps),
            Some(_) => ProgressBar::hidden(),
        }
    }

    /// Figures of one split, and what is chosen on its validation rows.
    fn evidence(&self, trainer: &Trainer, split: &Split) -> Result<Evidence> {
        let validation = self.held_out(trainer, &split.validation)?;
        let temperature = validation.temperature();
        let threshold = validation.threshold(temperature);
        let test = self.held_out(trainer, &split.test)?;
        let figures = vec![
            validation.figures("validation", temperature, self.labels),
            test.figures("test", temperature, self.labels),
        ];
        self.report(&figures[1])?;
        Ok(Evidence {
            fitted_on: format!(
                "training rows, epoch {}{}",
                trainer.best_epoch(),
                if self.options.later() {
                    "; tested on the latest tracks"
                } else {
                    ""
                }
            ),
            temperature,
            threshold,
            confident: test.confident(temperature, threshold),
            headline: test.headline("test", self.labels),
            figures,
            repeats: None,
            artists: self.artists(split),
        })
    }

    fn held_out(&self, trainer: &Trainer, rows: &[usize]) -> Result<HeldOut> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, self.data, rows, &self.device);
        Ok(HeldOut::new(block_on(logits)?, self.data, rows))
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

/// A flag that Ctrl-C sets.
fn catch_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be caught")?;
    Ok(stop)
}

/// Keeps what is there after Ctrl-C.
fn stopped(trainer: Trainer, fit: Fit) -> Result<Fitted> {
    if trainer.best().is_none() {
        bail!("stopped before the first epoch had ended: nothing to keep");
    }
    Ok(Fitted { trainer, fit })
}
