//! Training run on a project, from its files to a weights file, in small steps.

mod checkpoint;
mod fit;
mod outcome;
mod phase;
mod step;
mod task;

use burn::tensor::Device;

use crate::Result;
use crate::data::Dataset;
use crate::training::project::{FileSplit, GroupSplit, Manifest, Project, Sample, Settings};
use crate::training::trainer::{Checkpoint as TrainerCheckpoint, Trainer};
use crate::weights::Weights;
pub use outcome::{FilePrediction, Note, Outcome, Report};
use phase::Phase;
pub use step::{Epoch, Step};
use task::TrainingTask;

/// Number of windows embedded in one step; small enough to keep a page responsive.
const EMBED_BATCH: usize = 4;

/// Training run on a project.
///
/// The host calls [`step`](Session::step) until it returns [`Step::Finished`], and can save a
/// [`checkpoint`](Session::checkpoint) after each epoch.
pub struct Session {
    manifest: Manifest,
    settings: Settings,
    task: TrainingTask,
    /// Features of all windows.
    rows: Dataset,
    /// Embeddings of the windows so far: `[n_windows][n_features]`
    embeddings: Vec<Vec<f32>>,
    /// Embeddings as training rows; `None` until all windows are embedded.
    embedding_table: Option<Dataset>,
    /// Training and validation files of each fit: the folds, if any, then the final fit.
    fits: Vec<FileSplit>,
    /// Classes with files of an artist who is on both sides of a split.
    classes_with_leakage: Vec<usize>,
    /// Index of the current fit.
    fit: usize,
    phase: Phase,
    trainer: Option<Trainer>,
    /// Kept epoch of each finished fit.
    kept_epochs: Vec<usize>,
    /// Logits of the windows that are held out, from the fit that does not train on them:
    /// `[n_windows]`
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    /// Number of times the optimiser was reset because a checkpoint lacked its state.
    optimizer_resets: usize,
    /// Checkpoint to continue from in the next step.
    resume_from: Option<TrainerCheckpoint>,
    /// Whether the current fit is the last one, because the user stopped the run.
    stopped: bool,
    finished: bool,
    device: Device,
}

impl Session {
    /// Plans a run without computing anything yet.
    ///
    /// # Errors
    /// [`Error::Project`](crate::Error::Project) if there are too few files,
    /// [`Error::Config`](crate::Error::Config) if a setting is out of range,
    /// [`Error::Weights`](crate::Error::Weights) if `base` has no CNN for transfer learning.
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
                fits.push(FileSplit {
                    train: (0..samples.len()).collect(),
                    validation: Vec::new(),
                });
                fits
            }
        };
        let task = TrainingTask::new(&settings, project, base, device)?;
        let rows = task.rows(project)?;
        let n_windows = rows.len() / task.n_segments();
        Ok(Self {
            task,
            embeddings: Vec::with_capacity(n_windows),
            embedding_table: None,
            held_out: vec![None; n_windows],
            manifest,
            settings,
            rows,
            fits,
            classes_with_leakage: group_split.classes_with_leakage,
            fit: 0,
            phase: Phase::Training,
            trainer: None,
            kept_epochs: Vec::new(),
            first_loss: None,
            optimizer_resets: 0,
            resume_from: None,
            stopped: false,
            finished: false,
            device: device.clone(),
        })
    }

    /// Does the next small step of work.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) if the loss is not finite,
    /// [`Error::Device`](crate::Error::Device) if the device fails,
    /// [`Error::Config`](crate::Error::Config) if a setting is out of range,
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) if the networks in a restored checkpoint are
    /// damaged or do not match.
    pub async fn step(&mut self) -> Result<Step> {
        if self.finished {
            return Ok(Step::Finished);
        }
        if self.embedding_table.is_none() && self.task.backbone().is_some() {
            return self.embed_windows().await;
        }
        // Taken out so that `self` can be borrowed mutably while the data is read.
        let data = self.take_training_rows();
        let stepped = self.step_fit(&data).await;
        self.return_training_rows(data);
        stepped
    }

    /// Takes the training data out of `self`: the embeddings, or the features themselves.
    fn take_training_rows(&mut self) -> Dataset {
        let rows = self.embedding_table.as_mut().unwrap_or(&mut self.rows);
        let empty = rows.select(&[]);
        std::mem::replace(rows, empty)
    }

    fn return_training_rows(&mut self, data: Dataset) {
        *self.embedding_table.as_mut().unwrap_or(&mut self.rows) = data;
    }

    /// Embeds the next windows; after the last, builds the table of embeddings.
    async fn embed_windows(&mut self) -> Result<Step> {
        let Some(backbone) = self.task.backbone() else {
            return Ok(Step::Finished);
        };
        let n = self.rows.len();
        let start = self.embeddings.len();
        let rows: Vec<usize> = (start..n.min(start + EMBED_BATCH)).collect();
        let embeddings = backbone.embed(&self.rows, &rows).await?;
        self.embeddings.extend(embeddings);
        if self.embeddings.len() == n {
            self.embedding_table = Some(backbone.table(&self.rows, &self.embeddings)?);
        }
        Ok(Step::Embedded {
            done: self.embeddings.len(),
            of: n,
        })
    }

    /// Makes the current fit the last one and keeps its best epoch; the host calls
    /// [`step`](Session::step) until the run is over. Returns false, without effect, if no epoch
    /// has ended yet.
    pub fn stop(&mut self) -> bool {
        let has_epoch = |trainer: &Trainer| trainer.best_epoch() > 0;
        if !self.trainer.as_ref().is_some_and(has_epoch) {
            return false;
        }
        self.stopped = true;
        if matches!(self.phase, Phase::Training) {
            self.phase = Phase::Evaluation(self.validation_pass());
        }
        true
    }
}

/// Mean of at least one row, all of equal length.
fn mean(rows: &[Vec<f32>]) -> Vec<f32> {
    let n = rows.len() as f32;
    let mut sums = vec![0.0; rows[0].len()];
    for row in rows {
        let pairs = sums.iter_mut().zip(row);
        pairs.for_each(|(sum, value)| *sum += value / n);
    }
    sums
}
