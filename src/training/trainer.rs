//! Trainer of a network, one batch at a time: the host owns the loop.

mod batch;
mod checkpoint;
mod ensemble_weights;
#[cfg(test)]
mod gradient_check;
mod optimizer;
mod record_check;
mod report;
mod ridge;
mod student;
mod teacher;

use burn::module::Module;
use burn::nn::LinearConfig;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use rand_pcg::Pcg64;

use crate::data::{Dataset, Matrix};
use crate::error::Defect;
use crate::evaluation::metrics::{Metrics, nats};
use crate::models::{ModelConfig, Network, Normalisation, read, row_logits, softmax};
use crate::recipe::{EpochSelection, Recipe};
use crate::{Error, Result};
use batch::Batcher;
pub use checkpoint::{CheckpointContents, TrainerCheckpoint};
pub use ensemble_weights::ensemble_weights;
pub use report::{EpochFigures, EpochReport};
pub use ridge::ridge;
use student::{BatchLoss, Student, class_weights};
pub use teacher::Teacher;

/// Training rows, with an optional teacher.
#[derive(Clone, Copy)]
pub struct TrainingData<'a> {
    /// Features and labels.
    pub rows: &'a Dataset,
    /// Targets for distillation; `None` to train on the labels alone.
    pub teacher: Option<&'a Teacher>,
}

/// Trains a network one batch at a time; the host owns the loop, so a page can paint, pause or stop
/// between steps and a terminal can print.
pub struct Trainer {
    student: Student,
    optimizer: ModuleOptimizer,
    recipe: Recipe,
    batcher: Batcher,
    /// Class weight of each label: `[n_labels]`
    class_weights: Tensor<1>,
    device: Device,
    step: usize,
    /// Loss of each step in the epoch.
    losses: Vec<Tensor<1>>,
    /// Training accuracy of each step in the epoch.
    accuracies: Vec<Tensor<1>>,
    best: Option<Best>,
    /// Figures of the epochs that have ended.
    history: Vec<EpochFigures>,
    /// Number of times the optimiser was reset because a checkpoint lacked its state.
    optimizer_resets: usize,
}

/// Network of the best epoch so far.
struct Best {
    epoch: usize,
    validation_loss: f64,
    network: Network,
}

impl Trainer {
    /// Creates a trainer for `rows` of the data.
    ///
    /// The same data, recipe, device and build give a bit-identical network.
    ///
    /// # Errors
    /// [`Error::Config`] if a field of the model or the recipe is out of range, [`Error::Dataset`]
    /// if there are no rows, or the rows do not match the network or the teacher.
    pub fn new(
        model: &ModelConfig,
        recipe: Recipe,
        data: TrainingData,
        rows: Vec<usize>,
        device: &Device,
    ) -> Result<Self> {
        model.validate(data.rows.shape)?;
        recipe.validate(data.rows.layout())?;
        let n_labels = model.n_labels();
        data.rows.check_labels(n_labels)?;
        if rows.is_empty() {
            let defect = Defect::mismatch("the training set", "have at least one row", 0);
            return Err(Error::dataset(defect));
        }
        let fits = |t: &Teacher| t.len() == data.rows.len() && t.n_labels() == n_labels;
        if let Some(teacher) = data.teacher.filter(|teacher| !fits(teacher)) {
            let expected = format!("have {} rows and {n_labels} labels", data.rows.len());
            let got = format!("{} rows and {} labels", teacher.len(), teacher.n_labels());
            return Err(Error::dataset(Defect::mismatch(
                "the teacher",
                expected,
                got,
            )));
        }
        let device = device.clone().autodiff();
        device.seed(recipe.seed);
        let normalisation = Normalisation::fit(data.rows, &rows, recipe.scale);
        let embedding = data
            .teacher
            .zip(model.n_features())
            .map(|(teacher, from)| LinearConfig::new(from, teacher.n_embedding()).init(&device));
        let strength = recipe.class_weight;
        let class_weights = class_weights(data.rows, &rows, n_labels, strength, &device);
        Ok(Self {
            student: Student {
                network: model.init(&device),
                embedding,
            },
            optimizer: optimizer::of(&recipe),
            batcher: Batcher::new(rows, normalisation, n_labels, recipe.seed),
            class_weights,
            recipe,
            device,
            step: 0,
            losses: Vec::new(),
            accuracies: Vec::new(),
            best: None,
            history: Vec::new(),
            optimizer_resets: 0,
        })
    }

    /// Replaces the randomly initialised network, and optionally the normalisation it was trained
    /// with. The network must be on the device with autodiff.
    pub fn starting_from(mut self, network: Network, normalisation: Option<Normalisation>) -> Self {
        self.student.network = network;
        if let Some(normalisation) = normalisation {
            self.batcher.set_normalisation(normalisation);
        }
        self
    }

    /// Number of steps per epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.batcher.n_rows().div_ceil(self.recipe.batch)
    }

    /// Number of steps taken so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Number of epochs whose steps are all taken.
    pub fn epochs_done(&self) -> usize {
        self.step / self.steps_per_epoch()
    }

    /// Takes one optimiser step.
    ///
    /// Call [`end_epoch`](Self::end_epoch) after each [`steps_per_epoch`](Self::steps_per_epoch).
    ///
    /// # Shapes
    /// - returns `[1]`, the loss before the step; reading it waits for the device
    pub fn step(&mut self, data: TrainingData) -> Tensor<1> {
        let position = self.step % self.steps_per_epoch();
        if position == 0 {
            self.begin_epoch();
        }
        let recipe = &self.recipe;
        let batch = self
            .batcher
            .batch(data.rows, data.teacher, position, recipe, &self.device);
        let BatchLoss {
            loss,
            total_loss,
            accuracy,
        } = self.student.loss(batch, &self.class_weights, recipe);
        let grads = GradientsParams::from_grads(total_loss.backward(), &self.student);
        let rate = self
            .recipe
            .learning_rate_at(self.step, self.steps_per_epoch());
        self.student = self.optimizer.step(rate, self.student.clone(), grads);
        self.step += 1;
        let loss = loss.inner();
        self.losses.push(loss.clone());
        self.accuracies.push(accuracy);
        loss
    }

    /// Seeds all random numbers from the epoch, so that a run can be resumed from any epoch.
    fn begin_epoch(&mut self) {
        let epoch = (self.step / self.steps_per_epoch()) as u64;
        self.device.seed(self.recipe.seed.wrapping_add(epoch));
        self.batcher
            .shuffle(Pcg64::new(u128::from(self.recipe.seed), u128::from(epoch)));
    }

    /// Evaluates the epoch that has just ended, and keeps its network if the recipe says so.
    ///
    /// Without validation rows, the newest network is always kept. If this fails or its future is
    /// dropped, the trainer is unchanged, and the host can call it again.
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read, [`Error::Diverged`] if the loss is not
    /// finite.
    pub async fn end_epoch(
        &mut self,
        data: &Dataset,
        validation: &[usize],
        labels: &[String],
    ) -> Result<EpochReport> {
        let (network, normalisation) = self.latest();
        let device = self.device.clone().inner();
        let logits = row_logits(&network, normalisation, data, validation, &device).await?;
        self.end_epoch_by(&logits, &data.truth(validation), labels)
            .await
    }

    /// Same as [`end_epoch`](Self::end_epoch), for a host that has evaluated the
    /// [`latest`](Self::latest) network on the validation rows itself, for example in batches.
    ///
    /// # Shapes
    /// - `logits`: `[n_rows][n_labels]`
    /// - `truth`: `[n_rows]`, label indices
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read, [`Error::Diverged`] if the loss is not
    /// finite.
    pub async fn end_epoch_by(
        &mut self,
        logits: &Matrix,
        truth: &[usize],
        labels: &[String],
    ) -> Result<EpochReport> {
        let epoch = self.epochs_done();
        let (first_loss, train_loss, train_top1) = self.epoch_means().await?;
        self.losses.clear();
        self.accuracies.clear();
        let (validation_loss, metrics) = if truth.is_empty() {
            (None, None)
        } else {
            let probabilities = logits.rows().map(|row| softmax(row, 1.0)).collect();
            let metrics = Metrics::new(&probabilities, truth, labels);
            (Some(nats(&probabilities, truth)), Some(metrics))
        };
        let score = validation_loss.unwrap_or(f64::NEG_INFINITY);
        let is_best = match &self.best {
            Some(best) => {
                self.recipe.epoch_selection == EpochSelection::Last || score <= best.validation_loss
            }
            None => true,
        };
        if is_best {
            let network = self.student.network.valid();
            self.best = Some(Best {
                epoch,
                validation_loss: score,
                network,
            });
        }
        let report = EpochReport {
            epoch,
            first_loss,
            train_loss,
            train_top1,
            validation_loss,
            validation: metrics,
            is_best,
            is_last: self.is_finished(),
        };
        self.history.push(EpochFigures::of(&report));
        Ok(report)
    }

    /// Whether training is over: all epochs are done, or it stops early.
    pub fn is_finished(&self) -> bool {
        self.is_finished_after(self.epochs_done(), self.best_epoch())
    }

    fn is_finished_after(&self, epoch: usize, best_epoch: usize) -> bool {
        let epochs_since_best = epoch - best_epoch;
        epoch >= self.recipe.stop_at() || epochs_since_best >= self.recipe.patience
    }

    /// Figures of the epochs that have ended.
    pub fn history(&self) -> &[EpochFigures] {
        &self.history
    }

    /// Number of times the optimiser was reset because a checkpoint lacked its state.
    pub fn optimizer_resets(&self) -> usize {
        self.optimizer_resets
    }

    /// Hyperparameters of the run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Number of parameters, including the running statistics of batch norm.
    pub fn n_parameters(&self) -> usize {
        self.student.network.num_params()
    }

    /// Number of the best epoch so far, from 1; 0 before the first epoch has ended.
    pub fn best_epoch(&self) -> usize {
        self.best.as_ref().map_or(0, |best| best.epoch)
    }

    /// Network of the best epoch so far with its normalisation, for a device without autodiff;
    /// `None` before the first epoch has ended.
    pub fn best(&self) -> Option<(&Network, &Normalisation)> {
        let best = self.best.as_ref()?;
        Some((&best.network, self.batcher.normalisation()))
    }

    /// Newest network with its normalisation, for a device without autodiff.
    pub fn latest(&self) -> (Network, &Normalisation) {
        (self.student.network.valid(), self.batcher.normalisation())
    }

    /// Normalisation of the input.
    pub fn normalisation(&self) -> &Normalisation {
        self.batcher.normalisation()
    }

    /// First loss, mean loss and mean training accuracy of the epoch's steps.
    async fn epoch_means(&self) -> Result<(f32, f64, f64)> {
        let tensors = self.losses.iter().chain(&self.accuracies);
        // A single read back, because each one waits for the GPU.
        let values = read(Tensor::cat(tensors.cloned().collect(), 0)).await?;
        let (losses, accuracies) = values.split_at(values.len() / 2);
        let mean = |values: &[f32]| {
            let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
            sum / values.len().max(1) as f64
        };
        match losses {
            [first, ..] if mean(losses).is_finite() => Ok((*first, mean(losses), mean(accuracies))),
            _ => Err(Error::Diverged),
        }
    }
}
