//! A training run on a project, from its files to a weights file, one piece of work at a time.

mod outcome;
mod stage;
mod state;
mod task;

use burn::tensor::Device;
use serde::Serialize;

use crate::Result;
use crate::data::Dataset;
use crate::models::{Network, Normalisation, read, row_logits};
use crate::training::project::{GroupSplit, Manifest, Parts, Project, Sample, Settings};
use crate::training::trainer::{
    Checkpoint as TrainerCheckpoint, EpochReport, Trainer, TrainingData,
};
use crate::weights::Weights;
pub use outcome::{FileAnswer, Note, Outcome, Report};
use stage::{Pass, Stage};
use task::TrainingTask;

/// Windows that the backbone hears in one piece of work: short enough for a page to breathe.
const EMBED_BATCH: usize = 4;

/// Why there is a trainer.
const FITTED: &str = "a fit is under way";

/// A run. The host calls [`step`](Session::step) until it says that it is over, and may keep
/// [`state`](Session::state) after each epoch.
pub struct Session {
    manifest: Manifest,
    settings: Settings,
    task: TrainingTask,
    /// The rows of the windows.
    rows: Dataset,
    /// Embeddings of the windows heard so far: `[n_windows][n_features]`
    embedded: Vec<Vec<f32>>,
    /// The embeddings as rows to train on; none before all windows are heard.
    table: Option<Dataset>,
    /// The fits of the folds, if there are any; then the one that is kept.
    fits: Vec<Parts>,
    /// Classes whose files are of one artist.
    classes_with_leakage: Vec<usize>,
    /// The fit that runs, or ran last.
    fit: usize,
    stage: Stage,
    trainer: Option<Trainer>,
    /// Epochs that the fits kept that are over.
    kept_epochs: Vec<usize>,
    /// Logits of the windows that were kept back, by networks that had not seen them: `[n_windows]`
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    /// How often the optimiser started anew, since its moments were not kept.
    restarts: usize,
    /// Where a run that was stopped goes on.
    resumes: Option<TrainerCheckpoint>,
    /// The fit that runs is to be the last, as soon as it has an epoch to keep.
    stopped: bool,
    over: bool,
    device: Device,
}

/// What a piece of work was.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Step {
    /// Windows were heard.
    Embedded {
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
    /// A network answered for some rows: those kept back, after an epoch or a fit, or all of them for the map.
    Answered {
        /// So far.
        done: usize,
        /// In all.
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
    /// Whether none was better on the validation windows so far: a run that ends early keeps the best.
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
        let group_split = GroupSplit::new(&samples, manifest.classes.len(), settings.seed);
        let fits = match settings.folds {
            0 => vec![group_split.hold_out(settings.validation)],
            k => {
                let mut fits = group_split.folds(k);
                fits.push(Parts {
                    train: (0..samples.len()).collect(),
                    validation: Vec::new(),
                });
                fits
            }
        };
        let task = TrainingTask::new(&settings, project, base, device)?;
        let rows = task.rows(project)?;
        let n_windows = rows.len() / task.n_pieces();
        Ok(Self {
            task,
            embedded: Vec::with_capacity(n_windows),
            table: None,
            held_out: vec![None; n_windows],
            manifest,
            settings,
            rows,
            fits,
            classes_with_leakage: group_split.classes_with_leakage,
            fit: 0,
            stage: Stage::Steps,
            trainer: None,
            kept_epochs: Vec::new(),
            first_loss: None,
            restarts: 0,
            resumes: None,
            stopped: false,
            over: false,
            device: device.clone(),
        })
    }

    /// Does one piece of work.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) if the loss is no longer a number, [`Error::Device`](crate::Error::Device) if the device fails,
    /// [`Error::Config`](crate::Error::Config) if a setting is out of range,
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) if the networks in a
    /// restored state are damaged or others.
    pub async fn step(&mut self) -> Result<Step> {
        if self.over {
            return Ok(Step::Over);
        }
        if self.table.is_none() && self.task.backbone().is_some() {
            return self.embed_windows().await;
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
    async fn embed_windows(&mut self) -> Result<Step> {
        let Some(backbone) = self.task.backbone() else {
            return Ok(Step::Over);
        };
        let n = self.rows.len();
        let start = self.embedded.len();
        let rows: Vec<usize> = (start..n.min(start + EMBED_BATCH)).collect();
        let more = backbone.embed(&self.rows, &rows).await?;
        self.embedded.extend(more);
        if self.embedded.len() == n {
            self.table = Some(backbone.table(&self.rows, &self.embedded)?);
        }
        Ok(Step::Embedded {
            done: self.embedded.len(),
            of: n,
        })
    }

    /// Does one piece of what the fit is at.
    async fn train(&mut self, rows: &Dataset) -> Result<Step> {
        let data = TrainingData {
            rows,
            teacher: None,
        };
        if let Some(state) = self.resumes.take() {
            return self.go_on(data, state);
        }
        match std::mem::take(&mut self.stage) {
            Stage::Steps => self.take_step(data).await,
            Stage::Validation(pass) => self.validate(rows, pass).await,
            Stage::Measurement(pass) => self.measure(rows, pass).await,
            Stage::Embedding(pass) => self.embed_for_map(rows, pass).await,
        }
    }

    /// Takes a step of the optimiser.
    async fn take_step(&mut self, data: TrainingData<'_>) -> Result<Step> {
        let mut trainer = match self.trainer.take() {
            Some(trainer) => trainer,
            None => self.begin_fit(data)?,
        };
        let of = trainer.steps_per_epoch();
        let step = trainer.steps_done() % of + 1;
        let loss = trainer.step(data);
        if self.first_loss.is_none() {
            self.first_loss = read(loss).await?.first().copied();
        }
        if step == of {
            self.stage = Stage::Validation(self.kept_back());
        }
        self.trainer = Some(trainer);
        Ok(Step::Trained { step, of })
    }

    /// Lets the newest network answer for more of the rows kept back; after the last, ends the epoch.
    async fn validate(&mut self, rows: &Dataset, mut pass: Pass) -> Result<Step> {
        let (network, normalisation) = self.fitted().latest();
        let part = pass.part(self.settings.batch);
        let logits = row_logits(&network, normalisation, rows, part, &self.device).await?;
        if !pass.take(logits) {
            return Ok(self.pass_on(Stage::Validation, pass));
        }
        let truth = rows.truth(&pass.rows);
        let labels = &self.manifest.classes;
        let trainer = self.trainer.as_mut().expect(FITTED);
        let report = trainer.end_epoch_by(&pass.values, &truth, labels).await?;
        if report.is_last || self.stopped {
            self.stage = Stage::Measurement(self.kept_back());
        }
        Ok(Step::Epoch(self.epoch(&report)))
    }

    /// Lets the network that is kept answer for more of the rows kept back; after the last, goes on to
    /// the next fit, if there is one.
    async fn measure(&mut self, rows: &Dataset, mut pass: Pass) -> Result<Step> {
        let (network, normalisation) = self.kept();
        let part = pass.part(self.settings.batch);
        let logits = row_logits(&network, normalisation, rows, part, &self.device).await?;
        if !pass.take(logits) {
            return Ok(self.pass_on(Stage::Measurement, pass));
        }
        let n_pieces = self.task.n_pieces();
        for (rows, logits) in pass.by_window(n_pieces) {
            self.held_out[rows[0] / n_pieces] = Some(mean(logits));
        }
        if self.fit + 1 < self.fits.len() && !self.stopped {
            self.kept_epochs.push(self.kept_epoch());
            self.trainer = None;
            self.fit += 1;
        } else if self.task.backbone().is_none() {
            self.stage = Stage::Embedding(Pass::new((0..rows.len()).collect()));
        } else {
            self.over = true;
        }
        Ok(pass.step())
    }

    /// Takes what the network that is kept hears in more of all rows; after the last, the run is over.
    async fn embed_for_map(&mut self, rows: &Dataset, mut pass: Pass) -> Result<Step> {
        let (network, normalisation) = self.kept();
        let part = pass.part(self.settings.batch);
        let kept = (&network, normalisation);
        let embeddings = self.task.embed(kept, rows, part, &self.device).await?;
        if !pass.take(embeddings) {
            return Ok(self.pass_on(Stage::Embedding, pass));
        }
        let windows = pass.by_window(self.task.n_pieces());
        self.embedded = windows.map(|(_, pieces)| mean(pieces)).collect();
        self.over = true;
        Ok(pass.step())
    }

    /// Stays at a stage, with what there is of its pass.
    fn pass_on(&mut self, stage: fn(Pass) -> Stage, pass: Pass) -> Step {
        let step = pass.step();
        self.stage = stage(pass);
        step
    }

    /// Takes up the fit that a saved state was in.
    fn go_on(&mut self, data: TrainingData, state: TrainerCheckpoint) -> Result<Step> {
        let trainer = self.restored(data, state)?;
        let of = trainer.steps_per_epoch();
        if trainer.is_over() {
            self.stage = Stage::Measurement(self.kept_back());
        }
        self.trainer = Some(trainer);
        Ok(Step::Trained { step: 0, of })
    }

    /// Asks the fit that runs to be the last and to keep its best epoch; the host goes on until the run is
    /// over. False where no epoch has ended yet: then nothing was asked.
    pub fn stop(&mut self) -> bool {
        let began = |trainer: &Trainer| trainer.best_epoch() > 0;
        if !self.trainer.as_ref().is_some_and(began) {
            return false;
        }
        self.stopped = true;
        if matches!(self.stage, Stage::Steps) {
            self.stage = Stage::Measurement(self.kept_back());
        }
        true
    }

    fn begin_fit(&self, data: TrainingData) -> Result<Trainer> {
        let parts = &self.fits[self.fit];
        // The fit on all files stops where the folds did, on the whole.
        let stop_after = match (self.fit, self.kept_epochs.len()) {
            (0, _) | (_, 0) => None,
            (_, n) if parts.validation.is_empty() => {
                Some((self.kept_epochs.iter().sum::<usize>() as f64 / n as f64).round() as usize)
            }
            _ => None,
        };
        let recipe = self
            .settings
            .recipe(!parts.validation.is_empty(), stop_after);
        let rows = self.rows_of(&parts.train);
        let n_labels = self.manifest.classes.len();
        self.task.begin(recipe, data, rows, n_labels, &self.device)
    }

    /// The trainer of a fit of which at least one step is done.
    fn fitted(&self) -> &Trainer {
        self.trainer.as_ref().expect(FITTED)
    }

    /// Whether the fit keeps the epoch that was best on the files kept back, since it ended early. One that
    /// goes to its end keeps its last, whatever they say, so that nothing was chosen on what they measure.
    fn chooses(&self) -> bool {
        self.settings.stops_early() || !self.fitted().is_over()
    }

    /// The network that the fit keeps.
    fn kept(&self) -> (Network, &Normalisation) {
        let trainer = self.fitted();
        if !self.chooses() {
            return trainer.latest();
        }
        let (network, normalisation) = trainer.best().expect("an epoch has ended");
        (network.clone(), normalisation)
    }

    /// Number of the epoch whose network the fit keeps, from 1.
    fn kept_epoch(&self) -> usize {
        match self.chooses() {
            true => self.fitted().best_epoch(),
            false => self.fitted().epochs_done(),
        }
    }

    /// The rows that the fit keeps back, before any is answered.
    fn kept_back(&self) -> Pass {
        Pass::new(self.rows_of(&self.fits[self.fit].validation))
    }

    fn epoch(&self, report: &EpochReport) -> Epoch {
        let trainer = self.fitted();
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
        let n_pieces = self.task.n_pieces();
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
