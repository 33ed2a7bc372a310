//! A training run on a project, from its files to a weights file, one piece of work at a time.

mod lesson;
mod outcome;
mod state;

use burn::tensor::Device;
use serde::Serialize;

use crate::Result;
use crate::dataset::Dataset;
use crate::models::{read, row_logits};
use crate::project::{Deal, Manifest, Parts, Project, Sample, Settings};
use crate::trainer::{EpochReport, State as TrainerState, Trainer, TrainingData};
use crate::weights::Weights;
use lesson::Lesson;
pub use outcome::{FileAnswer, Note, Outcome, Report};

/// Windows that the backbone hears in one piece of work: short enough for a page to breathe.
const HEARD_AT_ONCE: usize = 4;

/// A run. The host calls [`step`](Session::step) until it says that it is over, and may keep
/// [`state`](Session::state) after each epoch.
pub struct Session {
    manifest: Manifest,
    settings: Settings,
    lesson: Lesson,
    /// The rows of the windows.
    rows: Dataset,
    /// Embeddings of the windows heard so far: `[n_windows][n_features]`
    heard: Vec<Vec<f32>>,
    /// The embeddings as rows to train on; none before all windows are heard.
    table: Option<Dataset>,
    /// The fits of the folds, if there are any; then the one that is kept.
    fits: Vec<Parts>,
    /// Classes whose files are of one artist.
    torn: Vec<usize>,
    /// The fit that runs, or ran last.
    fit: usize,
    trainer: Option<Trainer>,
    /// Best epochs of the fits that are over.
    best_epochs: Vec<usize>,
    /// Logits of the windows that were kept back, by networks that had not seen them: `[n_windows]`
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    /// How often the optimiser started anew, since its moments were not kept.
    restarts: usize,
    /// Where a run that was stopped goes on.
    resumes: Option<TrainerState>,
    over: bool,
    device: Device,
}

/// What a piece of work was.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Step {
    /// Windows were heard.
    Heard {
        /// So far.
        done: usize,
        /// In all.
        of: usize,
    },
    /// The optimiser took a step.
    Trained {
        /// Which of the epoch, from 1.
        step: usize,
        /// Of so many.
        of: usize,
    },
    /// An epoch ended.
    Epoch(Epoch),
    /// There is nothing left to do.
    Over,
}

/// What an epoch of a run came to.
#[derive(Clone, Debug, Serialize)]
pub struct Epoch {
    /// Number of the fit, from 1.
    pub fold: usize,
    /// Fits in all: those of the folds, and one on all files.
    pub n_folds: usize,
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Epochs of the fit, at most.
    pub epochs: usize,
    /// Mean loss of its steps, in nats.
    pub train_loss: f64,
    /// Share of the training windows that is right.
    pub train_top1: f64,
    /// Loss on the validation windows, in nats; none where nothing is kept back.
    pub validation_loss: Option<f64>,
    /// Share of the validation windows that is right.
    pub validation_top1: Option<f64>,
    /// Learning rate of its last step.
    pub learning_rate: f64,
    /// Whether this epoch's network is kept.
    pub is_best: bool,
}

impl Session {
    /// Plans a run; nothing is computed yet.
    ///
    /// # Errors
    /// [`Error::Project`](crate::Error::Project) if there is too little to train on, [`Error::Config`](crate::Error::Config) if a setting is out
    /// of range, [`Error::Weights`](crate::Error::Weights) if nothing can be learnt from `base`.
    pub fn new(
        project: &Project,
        settings: Settings,
        base: &Weights,
        device: &Device,
    ) -> Result<Self> {
        project.check_trainable()?;
        settings.validate()?;
        let manifest = project.manifest.clone();
        let samples: Vec<Sample> = manifest
            .files
            .iter()
            .map(|file| Sample {
                class: file.class,
                artist: file.artist.clone(),
            })
            .collect();
        let deal = Deal::new(&samples, manifest.classes.len(), settings.seed);
        let fits = match settings.folds {
            0 => vec![deal.hold_out(settings.validation)],
            k => {
                let mut fits = deal.folds(k);
                fits.push(Parts {
                    train: (0..samples.len()).collect(),
                    validation: Vec::new(),
                });
                fits
            }
        };
        let lesson = Lesson::new(&settings, project, base, device)?;
        let rows = lesson.rows(project)?;
        let n_windows = rows.len() / lesson.n_pieces();
        Ok(Self {
            lesson,
            heard: Vec::with_capacity(n_windows),
            table: None,
            held_out: vec![None; n_windows],
            manifest,
            settings,
            rows,
            fits,
            torn: deal.torn,
            fit: 0,
            trainer: None,
            best_epochs: Vec::new(),
            first_loss: None,
            restarts: 0,
            resumes: None,
            over: false,
            device: device.clone(),
        })
    }

    /// Does one piece of work.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) if the loss is no longer a number, [`Error::Device`](crate::Error::Device) if the device fails,
    /// [`Error::Config`](crate::Error::Config) if a setting is out of range.
    pub async fn step(&mut self) -> Result<Step> {
        if self.over {
            return Ok(Step::Over);
        }
        if self.table.is_none() && self.lesson.listener().is_some() {
            return self.hear().await;
        }
        // Away while it is read, as the rest of the run changes meanwhile.
        let data = self.take_data();
        let stepped = self.train(&data).await;
        self.put_data(data);
        stepped
    }

    /// What is trained on: the embeddings, or the rows themselves.
    fn take_data(&mut self) -> Dataset {
        let rows = self.table.as_mut().unwrap_or(&mut self.rows);
        let nothing = rows.select(&[]);
        std::mem::replace(rows, nothing)
    }

    fn put_data(&mut self, data: Dataset) {
        *self.table.as_mut().unwrap_or(&mut self.rows) = data;
    }

    /// Hears some more windows; after the last, makes the table.
    async fn hear(&mut self) -> Result<Step> {
        let Some(backbone) = self.lesson.listener() else {
            return Ok(Step::Over);
        };
        let n = self.rows.len();
        let start = self.heard.len();
        let rows: Vec<usize> = (start..n.min(start + HEARD_AT_ONCE)).collect();
        let more = backbone.embed(&self.rows, &rows).await?;
        self.heard.extend(more);
        if self.heard.len() == n {
            self.table = Some(backbone.table(&self.rows, &self.heard)?);
        }
        Ok(Step::Heard {
            done: self.heard.len(),
            of: n,
        })
    }

    /// Takes a step of the optimiser, or ends an epoch, or a fit.
    async fn train(&mut self, rows: &Dataset) -> Result<Step> {
        let data = TrainingData {
            rows,
            teacher: None,
        };
        if let Some(state) = self.resumes.take() {
            if self.restored(data, state)? {
                self.close(rows).await?;
            }
            return Ok(self.stand());
        }
        let mut trainer = match self.trainer.take() {
            Some(trainer) => trainer,
            None => self.begin_fit(data)?,
        };
        let of = trainer.steps_per_epoch();
        let done = trainer.steps_done() % of;
        let loss = trainer.step(data);
        if self.first_loss.is_none() {
            self.first_loss = read(loss).await?.first().copied();
        }
        if done + 1 < of {
            self.trainer = Some(trainer);
            return Ok(Step::Trained { step: done + 1, of });
        }
        let validation = self.rows_of(&self.fits[self.fit].validation);
        let classes = self.manifest.classes.clone();
        let report = trainer.end_epoch(rows, &validation, &classes).await?;
        let epoch = self.epoch(&trainer, &report);
        self.trainer = Some(trainer);
        if report.is_last {
            self.end_fit(rows).await?;
        }
        Ok(Step::Epoch(epoch))
    }

    /// Where a run stands that goes on.
    fn stand(&self) -> Step {
        let of = self.trainer.as_ref().map_or(0, Trainer::steps_per_epoch);
        match self.over {
            true => Step::Over,
            false => Step::Trained { step: 0, of },
        }
    }

    /// Ends the fit that runs and keeps its best epoch, if one has ended; with folds, none of those left
    /// is fitted. False where there is nothing to keep yet, and the run goes on.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub async fn stop(&mut self) -> Result<bool> {
        let began = |trainer: &Trainer| trainer.best_epoch() > 0;
        if !self.trainer.as_ref().is_some_and(began) {
            return Ok(false);
        }
        let data = self.take_data();
        let ended = self.close(&data).await;
        self.put_data(data);
        ended.map(|()| true)
    }

    fn begin_fit(&self, data: TrainingData) -> Result<Trainer> {
        let parts = &self.fits[self.fit];
        // The fit on all files stops where the folds did, on the whole.
        let stop_after = match (self.fit, self.best_epochs.len()) {
            (0, _) | (_, 0) => None,
            (_, n) if parts.validation.is_empty() => {
                Some((self.best_epochs.iter().sum::<usize>() as f64 / n as f64).round() as usize)
            }
            _ => None,
        };
        let recipe = self
            .settings
            .recipe(!parts.validation.is_empty(), stop_after);
        let rows = self.rows_of(&parts.train);
        let n_labels = self.manifest.classes.len();
        self.lesson
            .begin(recipe, data, rows, n_labels, &self.device)
    }

    /// Measures the fit that has ended and goes on to the next.
    async fn end_fit(&mut self, rows: &Dataset) -> Result<()> {
        if self.fit + 1 == self.fits.len() {
            return self.close(rows).await;
        }
        self.measure(rows).await?;
        if let Some(trainer) = self.trainer.take() {
            self.best_epochs.push(trainer.best_epoch());
        }
        self.fit += 1;
        Ok(())
    }

    /// Measures the fit that is kept, and takes what it hears in each window.
    async fn close(&mut self, rows: &Dataset) -> Result<()> {
        self.measure(rows).await?;
        let best = self.trainer.as_ref().and_then(Trainer::best);
        if let (None, Some(best)) = (self.lesson.listener(), best) {
            let pieces = self.lesson.embed(best, rows, &self.device).await?;
            self.heard = pieces.chunks(self.lesson.n_pieces()).map(mean).collect();
        }
        self.over = true;
        Ok(())
    }

    /// Keeps what the best network says of the windows that it has not seen.
    async fn measure(&mut self, data: &Dataset) -> Result<()> {
        let n_pieces = self.lesson.n_pieces();
        let rows = self.rows_of(&self.fits[self.fit].validation);
        let best = self.trainer.as_ref().and_then(Trainer::best);
        if let Some((network, normalisation)) = best {
            let logits = row_logits(network, normalisation, data, &rows, &self.device).await?;
            for (rows, logits) in rows.chunks(n_pieces).zip(logits.chunks(n_pieces)) {
                self.held_out[rows[0] / n_pieces] = Some(mean(logits));
            }
        }
        Ok(())
    }

    fn epoch(&self, trainer: &Trainer, report: &EpochReport) -> Epoch {
        let recipe = trainer.recipe();
        let of = trainer.steps_per_epoch();
        Epoch {
            fold: self.fit + 1,
            n_folds: self.fits.len(),
            epoch: report.epoch,
            epochs: recipe.stop_at(),
            train_loss: report.train_loss,
            train_top1: report.train_top1,
            validation_loss: report.validation_loss,
            validation_top1: report.validation.as_ref().map(|metrics| metrics.top1),
            learning_rate: recipe.learning_rate_at(trainer.steps_done() - 1, of),
            is_best: report.is_best,
        }
    }

    /// The rows of files: the pieces of their windows.
    fn rows_of(&self, files: &[usize]) -> Vec<usize> {
        let windows = self.manifest.windows();
        let n_pieces = self.lesson.n_pieces();
        let rows = |&file: &usize| windows[file].start * n_pieces..windows[file].end * n_pieces;
        files.iter().flat_map(rows).collect()
    }
}

/// Mean of rows of one length; there is at least one.
fn mean(rows: &[Vec<f32>]) -> Vec<f32> {
    let n = rows.len() as f32;
    let mut sums = vec![0.0; rows[0].len()];
    for row in rows {
        let pairs = sums.iter_mut().zip(row);
        pairs.for_each(|(sum, value)| *sum += value / n);
    }
    sums
}
