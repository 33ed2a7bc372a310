//! A training run: the loop that the core leaves to its host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use burn::tensor::Device;
use indicatif::ProgressBar;
use pollster::block_on;
use tonearm::Error;
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::features::Input;
use tonearm::models::{ModelConfig, row_logits};
use tonearm::recipe::{Keep, Recipe};
use tonearm::training::trainer::{CheckpointContents, Trainer, TrainingData};
use tonearm::weights::Grouping;

use super::file::{Evidence, hex};
use super::later;
use super::options::Options;
use super::progress::Progress;
use super::record::{DataFile, Epoch, Fit};
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

    /// A split with the share of its training rows that was asked for, by whole artists.
    pub fn thinned(&self, split: Split) -> Result<Split> {
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
        if let Some(current) = progress.current(name)? {
            trainer
                .restore(current.state)
                .map_err(|error| match error {
                    Error::Checkpoint(reason) => anyhow!(progress.broken(name, &reason)),
                    other => other.into(),
                })?;
            ensure!(
                current.fit.epochs.len() == trainer.epochs_done(),
                progress.broken(name, "it does not hold the figures of each epoch")
            );
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
            progress.keep(&fit, || block_on(trainer.state(CheckpointContents::All)))?;
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

    pub fn held_out(&self, trainer: &Trainer, rows: &[usize]) -> Result<HeldOut> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, self.data, rows, &self.device);
        Ok(HeldOut::new(block_on(logits)?, self.data, rows))
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
