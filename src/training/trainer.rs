//! Training, one step at a time: the host owns the loop.

mod batch;
mod checkpoint;
mod ensemble_weights;
mod optimizer;
mod ridge;
mod state;
mod teacher;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{log_softmax, softmax as tensor_softmax};
use burn::tensor::{Device, Tensor};
use rand_pcg::Pcg64;

use crate::data::Dataset;
use crate::evaluation::metrics::{Metrics, nats};
use crate::models::{ModelConfig, Network, Normalisation, row_logits, softmax};
use crate::recipe::{Keep, Loss, Recipe};
use crate::{Error, Result};
use batch::{Batch, Batcher};
pub use ensemble_weights::ensemble_weights;
pub use ridge::ridge;
pub use state::{Checkpoint, CheckpointContents};
pub use teacher::Teacher;

/// Rows to train on, and what to learn of them.
#[derive(Clone, Copy)]
pub struct TrainingData<'a> {
    /// The rows.
    pub rows: &'a Dataset,
    /// What to learn of them beside their labels.
    pub teacher: Option<&'a Teacher>,
}

/// Trains a network one batch at a time, so that a page can paint, pause or stop between two
/// steps and a terminal can print.
pub struct Trainer {
    student: Student,
    optimizer: ModuleOptimizer,
    recipe: Recipe,
    batcher: Batcher,
    /// How much a row counts, by its label.
    weights: Tensor<1>,
    device: Device,
    step: usize,
    losses: Vec<Tensor<1>>,
    /// Of each step, the share of its rows that was right.
    right: Vec<Tensor<1>>,
    best: Option<Best>,
}

/// The network in training, and what only training needs of it.
#[derive(Module, Debug)]
struct Student {
    network: Network,
    /// From the features of the last layer to the teacher's embedding.
    embedding: Option<Linear>,
}

/// The network of the epoch that is kept.
struct Best {
    epoch: usize,
    validation_loss: f64,
    network: Network,
}

/// What an epoch came to.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean loss of its steps on augmented rows, in the unit of the recipe's loss.
    pub train_loss: f64,
    /// Share of its rows, as they were augmented, whose largest target got the largest logit.
    pub train_top1: f64,
    /// Loss on the validation rows, in nats; none where there are no such rows.
    pub validation_loss: Option<f64>,
    /// Figures on the validation rows; none where there are no such rows.
    pub validation: Option<Metrics>,
    /// Whether this epoch's network is kept.
    pub is_best: bool,
    /// Whether training is over: all epochs done, or none of the last few any better.
    pub is_last: bool,
}

impl Trainer {
    /// Prepares to train on `rows` of the data.
    ///
    /// The same data, recipe, device and build give the same network, to the bit.
    ///
    /// # Errors
    /// [`Error::Config`] if a field of the model or the recipe is out of range,
    /// [`Error::Dataset`] if there is no row, or the rows do not fit the network or the teacher.
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
            return Err(Error::Dataset("there is no row to train on".into()));
        }
        let fits = |t: &Teacher| t.len() == data.rows.len() && t.n_labels() == n_labels;
        if !data.teacher.is_none_or(fits) {
            return Err(Error::Dataset(
                "the teacher's rows or labels are others".into(),
            ));
        }
        let device = device.clone().autodiff();
        device.seed(recipe.seed);
        let normalisation = Normalisation::measure(data.rows, &rows, recipe.scale);
        let embedding = data
            .teacher
            .zip(model.n_features())
            .map(|(teacher, from)| LinearConfig::new(from, teacher.n_embedding()).init(&device));
        let weights = label_weights(data.rows, &rows, n_labels, recipe.balance);
        Ok(Self {
            student: Student {
                network: model.init(&device),
                embedding,
            },
            optimizer: optimizer::of(&recipe),
            batcher: Batcher::new(rows, normalisation, n_labels, recipe.seed),
            weights: Tensor::from_floats(&weights[..], &device),
            recipe,
            device,
            step: 0,
            losses: Vec::new(),
            right: Vec::new(),
            best: None,
        })
    }

    /// Starts from a network other than one of random parameters, which was made on the device with
    /// autodiff, and from the normalisation that it was trained with.
    pub fn starting_from(mut self, network: Network, normalisation: Option<Normalisation>) -> Self {
        self.student.network = network;
        if let Some(normalisation) = normalisation {
            self.batcher.set_normalisation(normalisation);
        }
        self
    }

    /// Steps that make an epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.batcher.n_rows().div_ceil(self.recipe.batch)
    }

    /// Steps taken so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Epochs whose steps are all taken.
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
        let (loss, full, right) = self.loss(batch);
        let grads = GradientsParams::from_grads(full.backward(), &self.student);
        let rate = self
            .recipe
            .learning_rate_at(self.step, self.steps_per_epoch());
        self.student = self.optimizer.step(rate, self.student.clone(), grads);
        self.step += 1;
        let loss = loss.inner();
        self.losses.push(loss.clone());
        self.right.push(right);
        loss
    }

    /// The loss on the targets, the same with the distance to the teacher's embedding, and the share
    /// of rows that is right.
    fn loss(&self, batch: Batch) -> (Tensor<1>, Tensor<1>, Tensor<1>) {
        let (logits, features) = self.student.network.forward_with_features(batch.rows);
        let logits = match features {
            Some(_) => logits.mean_dim(1), // [batch, 1, n_labels]
            // Members of an MLP learn each for itself.
            None => logits,
        };
        let mean = logits.clone().inner().mean_dim(1).squeeze_dim::<2>(1);
        let wanted = batch.targets.clone().inner().argmax(1);
        let right = mean.argmax(1).equal(wanted).float().mean();
        let targets = batch.targets.unsqueeze_dim::<3>(1);
        let weight = (targets.clone() * self.weights.clone().unsqueeze::<3>()).sum_dim(2);
        let distance = match self.recipe.loss {
            Loss::CrossEntropy => -(targets * log_softmax(logits, 2)),
            // Of the first label alone where there are two: the second's is the same.
            Loss::SquaredError => (tensor_softmax(logits, 2) - targets).square() * 0.5,
        };
        let loss = (distance.sum_dim(2) * weight).mean();

        let learnt = self.student.embedding.as_ref().zip(features);
        let full = match learnt.zip(batch.embeddings) {
            Some(((layer, features), taught)) if self.recipe.embedding > 0.0 => {
                let guess = layer.forward(features.mean_dim(1).squeeze_dim::<2>(1));
                loss.clone() + (guess - taught).square().mean() * self.recipe.embedding
            }
            _ => loss.clone(),
        };
        (loss, full, right)
    }

    /// Seeds everything random from the epoch, so that a run that was cut off can go on from
    /// any epoch.
    fn begin_epoch(&mut self) {
        let epoch = (self.step / self.steps_per_epoch()) as u64;
        self.device.seed(self.recipe.seed.wrapping_add(epoch));
        self.batcher
            .shuffle(Pcg64::new(u128::from(self.recipe.seed), u128::from(epoch)));
    }

    /// Validates the epoch that has just ended, and keeps its network if the recipe says so.
    ///
    /// Without validation rows the newest network is the best.
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read, [`Error::Diverged`] if the loss is no
    /// longer a number.
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

    /// Does what [`end_epoch`](Self::end_epoch) does, for a host that let the [`latest`](Self::latest)
    /// network answer for the validation rows itself, some at a time.
    ///
    /// # Shapes
    /// - `logits`: `[n_rows][n_labels]`
    /// - `truth`: `[n_rows]`, label indices
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read, [`Error::Diverged`] if the loss is no
    /// longer a number.
    pub async fn end_epoch_by(
        &mut self,
        logits: &[Vec<f32>],
        truth: &[usize],
        labels: &[String],
    ) -> Result<EpochReport> {
        let epoch = self.epochs_done();
        let (train_loss, train_top1) = self.means().await?;
        let (validation_loss, metrics) = if truth.is_empty() {
            (None, None)
        } else {
            let probabilities: Vec<_> = logits.iter().map(|row| softmax(row, 1.0)).collect();
            let metrics = Metrics::new(&probabilities, truth, labels);
            (Some(nats(&probabilities, truth)), Some(metrics))
        };
        let score = validation_loss.unwrap_or(f64::NEG_INFINITY);
        let is_best = match &self.best {
            Some(best) => self.recipe.keep == Keep::Last || score <= best.validation_loss,
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
            is_last: self.is_over(),
        })
    }

    /// Whether training is over: all epochs are done, or none of the last few was any better.
    pub fn is_over(&self) -> bool {
        let epoch = self.epochs_done();
        let waited = epoch - self.best_epoch();
        epoch >= self.recipe.stop_at() || waited >= self.recipe.patience
    }

    /// The settings of the run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Number of trained numbers, with the running averages of batch norm.
    pub fn n_parameters(&self) -> usize {
        self.student.network.num_params()
    }

    /// Number of the best epoch so far, from 1; 0 before the first has ended.
    pub fn best_epoch(&self) -> usize {
        self.best.as_ref().map_or(0, |best| best.epoch)
    }

    /// The network of the best epoch so far, for use on a device without autodiff, with its
    /// normalisation; none before the first epoch has ended.
    pub fn best(&self) -> Option<(&Network, &Normalisation)> {
        let best = self.best.as_ref()?;
        Some((&best.network, self.batcher.normalisation()))
    }

    /// The newest network, for use on a device without autodiff, with its normalisation.
    pub fn latest(&self) -> (Network, &Normalisation) {
        (self.student.network.valid(), self.batcher.normalisation())
    }

    /// Means of the loss and of the share that is right, over the steps of an epoch.
    async fn means(&mut self) -> Result<(f64, f64)> {
        let mut tensors = std::mem::take(&mut self.losses);
        tensors.append(&mut self.right);
        // Read together: a GPU is waited for once.
        let values = crate::models::read(Tensor::cat(tensors, 0)).await?;
        let (losses, right) = values.split_at(values.len() / 2);
        let mean = |values: &[f32]| {
            let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
            sum / values.len().max(1) as f64
        };
        if mean(losses).is_finite() {
            Ok((mean(losses), mean(right)))
        } else {
            Err(Error::Diverged)
        }
    }
}

/// How much a row counts by its label: the power `balance` of how rare the label is, of which the
/// mean over the rows is 1.
fn label_weights(data: &Dataset, rows: &[usize], n_labels: usize, balance: f64) -> Vec<f32> {
    let mut counts = vec![0.0_f64; n_labels];
    for &row in rows {
        counts[usize::from(data.y[row])] += 1.0;
    }
    let weight = |count: f64| count.max(1.0).powf(-balance);
    let total: f64 = counts.iter().map(|&count| count * weight(count)).sum();
    let scale = rows.len() as f64 / total;
    counts
        .iter()
        .map(|&count| (weight(count) * scale) as f32)
        .collect()
}
