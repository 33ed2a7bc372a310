//! A training run: the loop that the core leaves to its host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use indicatif::ProgressBar;
use pollster::block_on;
use tonearm::dataset::Dataset;
use tonearm::metrics::Metrics;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::row_logits;
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::{EpochReport, Recipe, Trainer};
use tonearm::weights::Figures;

use super::CnnArgs;
use super::calibrate::HeldOut;
use super::file::Evidence;
use crate::output;

/// One call of `tonearm train`.
pub struct Run<'a> {
    pub args: &'a CnnArgs,
    pub data: &'a Dataset,
    pub labels: &'a [String],
    pub recipe: Recipe,
    pub split: SplitConfig,
    pub device: Device,
}

impl Run<'_> {
    /// Trains on each split; with several, then on all rows. Writes the weights file.
    pub fn train(&self, splits: Vec<Split>) -> Result<()> {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
            .context("Ctrl-C cannot be caught")?;

        match &splits[..] {
            [split] => self.train_once(split, &stop),
            _ => self.cross_validate(&splits, &stop),
        }
    }

    fn train_once(&self, split: &Split, stop: &AtomicBool) -> Result<()> {
        let trainer = self.fit("training", self.recipe.clone(), split, stop)?;
        let evidence = self.evidence(&trainer, split)?;
        self.save(&trainer, evidence)
    }

    /// Measures the recipe on each fold, then fits it on all rows for as many epochs as the folds
    /// needed at the median.
    fn cross_validate(&self, folds: &[Split], stop: &AtomicBool) -> Result<()> {
        let (mut validation, mut tests, mut epochs) = (HeldOut::default(), Vec::new(), Vec::new());
        for (index, fold) in folds.iter().enumerate() {
            let name = format!("fold {} of {}", index + 1, folds.len());
            let trainer = self.fit(&name, self.recipe.clone(), fold, stop)?;
            if stop.load(Ordering::Relaxed) {
                eprintln!("stopped in {name}: keeping its best epoch");
                let evidence = self.evidence(&trainer, fold)?;
                return self.save(&trainer, evidence);
            }
            epochs.push(trainer.best_epoch());
            validation.append(self.held_out(&trainer, &fold.validation)?);
            tests.push(self.held_out(&trainer, &fold.test)?);
            let metrics = self.metrics(&tests[index], validation.temperature());
            eprintln!(
                "{name}: test top-1 {:.2} %, top-3 {:.2} %",
                metrics.top1 * 100.0,
                metrics.top3 * 100.0
            );
        }
        let temperature = validation.temperature();
        let mut figures: Vec<_> = (1..)
            .zip(&tests)
            .map(|(fold, rows)| {
                Figures::new(
                    &format!("test, fold {fold}"),
                    &self.metrics(rows, temperature),
                )
            })
            .collect();
        figures.push(mean(&figures));
        self.report(figures.last().expect("just pushed"))?;

        epochs.sort_unstable();
        let stop_after = epochs[epochs.len() / 2];
        let all = Split {
            train: (0..self.data.len()).collect(),
            ..Split::default()
        };
        let recipe = Recipe {
            stop_after: Some(stop_after),
            ..self.recipe.clone()
        };
        let trainer = self.fit("all rows", recipe, &all, stop)?;
        let evidence = Evidence {
            fitted_on: format!(
                "all rows, for {} epochs; the figures are those of the folds before",
                trainer.best_epoch()
            ),
            temperature,
            threshold: validation.threshold(temperature),
            figures,
            artists: self.artists(&all),
        };
        self.save(&trainer, evidence)
    }

    /// Trains until the recipe or Ctrl-C ends it.
    fn fit(&self, name: &str, recipe: Recipe, split: &Split, stop: &AtomicBool) -> Result<Trainer> {
        let mut trainer = Trainer::new(
            &self.model(),
            recipe,
            self.data,
            split.train.clone(),
            &self.device,
        )?;
        eprintln!(
            "{name}: {} rows to train on, {} to validate, {} to test",
            split.train.len(),
            split.validation.len(),
            split.test.len()
        );
        loop {
            let started = Instant::now();
            let bar = ProgressBar::new(trainer.steps_per_epoch() as u64);
            for _ in 0..trainer.steps_per_epoch() {
                if stop.load(Ordering::Relaxed) {
                    bar.finish_and_clear();
                    return stopped(trainer);
                }
                trainer.step(self.data);
                bar.inc(1);
            }
            bar.finish_and_clear();
            let report = block_on(trainer.end_epoch(self.data, &split.validation, self.labels))?;
            self.print_epoch(name, &report, started.elapsed().as_secs_f64())?;
            if report.is_last {
                return Ok(trainer);
            }
        }
    }

    fn print_epoch(&self, name: &str, report: &EpochReport, seconds: f64) -> Result<()> {
        if self.args.json {
            return output::json(&serde_json::json!({
                "run": name,
                "epoch": report.epoch,
                "train_loss": report.train_loss,
                "validation_loss": report.validation_loss,
                "validation_top1": report.validation.as_ref().map(|metrics| metrics.top1),
                "is_best": report.is_best,
                "seconds": seconds,
            }));
        }
        let validation = match (&report.validation, report.validation_loss) {
            (Some(metrics), Some(loss)) => format!(
                "  validation loss {loss:.4}  top-1 {:5.2} %  top-3 {:5.2} %",
                metrics.top1 * 100.0,
                metrics.top3 * 100.0
            ),
            _ => String::new(),
        };
        let best = if report.is_best { "  best" } else { "" };
        output::line(format_args!(
            "{name}  epoch {:3}  loss {:.4}{validation}  {seconds:.0} s{best}",
            report.epoch, report.train_loss
        ))
    }

    /// Figures of one split, and what is chosen on its validation rows.
    fn evidence(&self, trainer: &Trainer, split: &Split) -> Result<Evidence> {
        let validation = self.held_out(trainer, &split.validation)?;
        let temperature = validation.temperature();
        let test = self.held_out(trainer, &split.test)?;
        let figures = vec![
            Figures::new("validation", &self.metrics(&validation, temperature)),
            Figures::new("test", &self.metrics(&test, temperature)),
        ];
        self.report(&figures[1])?;
        Ok(Evidence {
            fitted_on: format!("training rows, epoch {}", trainer.best_epoch()),
            temperature,
            threshold: validation.threshold(temperature),
            figures,
            artists: self.artists(split),
        })
    }

    fn held_out(&self, trainer: &Trainer, rows: &[usize]) -> Result<HeldOut> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, self.data, rows, &self.device);
        Ok(HeldOut {
            logits: block_on(logits)?,
            truth: rows
                .iter()
                .map(|&row| usize::from(self.data.y[row]))
                .collect(),
        })
    }

    fn metrics(&self, rows: &HeldOut, temperature: f32) -> Metrics {
        Metrics::new(&rows.probabilities(temperature), &rows.truth, self.labels)
    }

    fn report(&self, figures: &Figures) -> Result<()> {
        if self.args.json {
            return output::json(figures);
        }
        output::line(format_args!(
            "{}: {} rows, top-1 {:.2} %, top-3 {:.2} %, macro F1 {:.4}, ECE {:.4}",
            figures.part,
            figures.n,
            figures.top1 * 100.0,
            figures.top3 * 100.0,
            figures.macro_f1,
            figures.ece
        ))
    }

    /// The network that is trained.
    pub fn model(&self) -> CnnConfig {
        CnnConfig::new(self.labels.len()).with_n_mels(self.data.shape[0])
    }
}

/// Keeps what is there after Ctrl-C.
fn stopped(trainer: Trainer) -> Result<Trainer> {
    if trainer.best().is_none() {
        bail!("stopped before the first epoch had ended: nothing to keep");
    }
    Ok(trainer)
}

/// The mean of the folds' figures.
fn mean(folds: &[Figures]) -> Figures {
    let over =
        |value: fn(&Figures) -> f64| folds.iter().map(value).sum::<f64>() / folds.len() as f64;
    Figures {
        part: format!("test, mean of {} folds", folds.len()),
        n: folds.iter().map(|fold| fold.n).sum(),
        top1: over(|fold| fold.top1),
        top3: over(|fold| fold.top3),
        macro_f1: over(|fold| fold.macro_f1),
        ece: over(|fold| fold.ece),
    }
}
