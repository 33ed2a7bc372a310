//! Trainer of a network, one batch at a time: the host owns the loop.

mod batch;
mod checkpoint;
mod ensemble_weights;
mod optimizer;
mod record_check;
mod ridge;
mod teacher;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{log_softmax, softmax as tensor_softmax};
use burn::tensor::{Device, Tensor};
use rand_pcg::Pcg64;

use crate::data::Dataset;
use crate::error::Defect;
use crate::evaluation::metrics::{Metrics, nats};
use crate::models::{ModelConfig, Network, Normalisation, row_logits, softmax};
use crate::recipe::{EpochSelection, Loss, Recipe};
use crate::{Error, Result};
use batch::{Batch, Batcher};
pub use checkpoint::{Checkpoint, CheckpointContents};
pub use ensemble_weights::ensemble_weights;
pub use ridge::ridge;
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
    losses: Vec<Tensor<1>>,
    /// Training accuracy of each step in the epoch.
    accuracies: Vec<Tensor<1>>,
    best: Option<Best>,
}

/// The network in training, with the layer that only training uses.
#[derive(Module, Debug)]
struct Student {
    network: Network,
    /// Projects the features of the last layer to the teacher's embedding.
    embedding: Option<Linear>,
}

/// Network of the best epoch so far.
struct Best {
    epoch: usize,
    validation_loss: f64,
    network: Network,
}

/// Summary of one epoch.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean loss over the steps on augmented rows, in the unit of the recipe's loss.
    pub train_loss: f64,
    /// Training accuracy: fraction of the augmented rows whose largest target has the largest
    /// logit.
    pub train_top1: f64,
    /// Validation loss, in nats; `None` without validation rows.
    pub validation_loss: Option<f64>,
    /// Metrics on the validation rows; `None` without validation rows.
    pub validation: Option<Metrics>,
    /// Whether this epoch is the best so far.
    pub is_best: bool,
    /// Whether training is over: all epochs are done, or it stops early.
    pub is_last: bool,
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
        let weights = class_weights(data.rows, &rows, n_labels, recipe.class_weight);
        Ok(Self {
            student: Student {
                network: model.init(&device),
                embedding,
            },
            optimizer: optimizer::of(&recipe),
            batcher: Batcher::new(rows, normalisation, n_labels, recipe.seed),
            class_weights: Tensor::from_floats(&weights[..], &device),
            recipe,
            device,
            step: 0,
            losses: Vec::new(),
            accuracies: Vec::new(),
            best: None,
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
        let (loss, total_loss, accuracy) = self.loss(batch);
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

    /// Loss on the targets, loss including the teacher's embedding, and accuracy of a batch.
    fn loss(&self, batch: Batch) -> (Tensor<1>, Tensor<1>, Tensor<1>) {
        let (logits, features) = self.student.network.forward_with_features(batch.rows);
        let logits = match features {
            Some(_) => logits.mean_dim(1), // [batch, 1, n_labels]
            // The members of an MLP ensemble are trained independently.
            None => logits,
        };
        let mean_logits = logits.clone().inner().mean_dim(1).squeeze_dim::<2>(1);
        let target = batch.targets.clone().inner().argmax(1);
        let accuracy = mean_logits.argmax(1).equal(target).float().mean();
        let targets = batch.targets.unsqueeze_dim::<3>(1);
        let weight = (targets.clone() * self.class_weights.clone().unsqueeze::<3>()).sum_dim(2);
        let distance = match self.recipe.loss {
            Loss::CrossEntropy => -(targets * log_softmax(logits, 2)),
            // Halved: with two labels, the squared errors of both probabilities are equal.
            Loss::SquaredError => (tensor_softmax(logits, 2) - targets).square() * 0.5,
        };
        let loss = (distance.sum_dim(2) * weight).mean();

        let projection = self.student.embedding.as_ref().zip(features);
        let total_loss = match projection.zip(batch.embeddings) {
            Some(((layer, features), embedding)) if self.recipe.embedding > 0.0 => {
                let projected = layer.forward(features.mean_dim(1).squeeze_dim::<2>(1));
                loss.clone() + (projected - embedding).square().mean() * self.recipe.embedding
            }
            _ => loss.clone(),
        };
        (loss, total_loss, accuracy)
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
    /// Without validation rows, the newest network is always kept.
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
        logits: &[Vec<f32>],
        truth: &[usize],
        labels: &[String],
    ) -> Result<EpochReport> {
        let epoch = self.epochs_done();
        let (train_loss, train_top1) = self.epoch_means().await?;
        let (validation_loss, metrics) = if truth.is_empty() {
            (None, None)
        } else {
            let probabilities: Vec<_> = logits.iter().map(|row| softmax(row, 1.0)).collect();
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
        Ok(EpochReport {
            epoch,
            train_loss,
            train_top1,
            validation_loss,
            validation: metrics,
            is_best,
            is_last: self.is_finished(),
        })
    }

    /// Whether training is over: all epochs are done, or it stops early.
    pub fn is_finished(&self) -> bool {
        let epoch = self.epochs_done();
        let epochs_since_best = epoch - self.best_epoch();
        epoch >= self.recipe.stop_at() || epochs_since_best >= self.recipe.patience
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

    /// Mean loss and mean training accuracy over the steps of the epoch.
    async fn epoch_means(&mut self) -> Result<(f64, f64)> {
        let mut tensors = std::mem::take(&mut self.losses);
        tensors.append(&mut self.accuracies);
        // A single read back, because each one waits for the GPU.
        let values = crate::models::read(Tensor::cat(tensors, 0)).await?;
        let (losses, accuracies) = values.split_at(values.len() / 2);
        let mean = |values: &[f32]| {
            let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
            sum / values.len().max(1) as f64
        };
        if mean(losses).is_finite() {
            Ok((mean(losses), mean(accuracies)))
        } else {
            Err(Error::Diverged)
        }
    }
}

/// Class weights: inverse label frequency to the power of `strength`, scaled to a mean of 1 over
/// the rows.
fn class_weights(data: &Dataset, rows: &[usize], n_labels: usize, strength: f64) -> Vec<f32> {
    let mut counts = vec![0.0_f64; n_labels];
    for &row in rows {
        counts[usize::from(data.y[row])] += 1.0;
    }
    let weight = |count: f64| count.max(1.0).powf(-strength);
    let total: f64 = counts.iter().map(|&count| count * weight(count)).sum();
    let scale = rows.len() as f64 / total;
    counts
        .iter()
        .map(|&count| (weight(count) * scale) as f32)
        .collect()
}
