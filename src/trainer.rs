//! Training, one step at a time: the host owns the loop.

mod batch;
mod recipe;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::loss::cross_entropy_with_logits;
use burn::tensor::{Device, Tensor};
use rand_pcg::Pcg64;

use crate::dataset::Dataset;
use crate::metrics::Metrics;
use crate::models::cnn::{Cnn, CnnConfig};
use crate::models::{Normalisation, pool, row_logits, softmax};
use crate::{Error, Result};
use batch::Batcher;
pub use recipe::Recipe;

/// Trains a network one batch at a time, so that a page can paint, pause or stop between two
/// steps and a terminal can print.
pub struct Trainer {
    network: Cnn,
    optimizer: ModuleOptimizer,
    recipe: Recipe,
    batcher: Batcher,
    device: Device,
    step: usize,
    losses: Vec<Tensor<1>>,
    best: Option<Best>,
}

/// The network of the epoch that validated best.
struct Best {
    epoch: usize,
    validation_loss: f64,
    network: Cnn,
}

/// What an epoch came to.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean loss of its steps, in nats, on augmented rows.
    pub train_loss: f64,
    /// Loss on the validation rows, in nats; none where there are no such rows.
    pub validation_loss: Option<f64>,
    /// Figures on the validation rows; none where there are no such rows.
    pub validation: Option<Metrics>,
    /// Whether this is the best epoch so far.
    pub is_best: bool,
    /// Whether training is over: all epochs done, or none of the last few any better.
    pub is_last: bool,
}

impl Trainer {
    /// Prepares to train on `rows`.
    ///
    /// The same data, recipe, device and build give the same network, to the bit.
    ///
    /// # Errors
    /// [`Error::Config`] if a field of the model or the recipe is out of range,
    /// [`Error::Dataset`] if there is no row or the rows do not fit the network.
    pub fn new(
        model: &CnnConfig,
        recipe: Recipe,
        data: &Dataset,
        rows: Vec<usize>,
        device: &Device,
    ) -> Result<Self> {
        model.validate(data.shape[1])?;
        recipe.validate(data.shape[1])?;
        data.check_labels(model.n_labels)?;
        if rows.is_empty() {
            return Err(Error::Dataset("there is no row to train on".into()));
        }
        if data.shape[0] != model.n_mels {
            return Err(Error::Dataset(format!(
                "rows have {} mel bands, the network reads {}",
                data.shape[0], model.n_mels
            )));
        }
        let device = device.clone().autodiff();
        device.seed(recipe.seed);
        let normalisation = Normalisation::measure(data, &rows);
        Ok(Self {
            network: model.init(&device),
            optimizer: AdamWConfig::new()
                .with_weight_decay(recipe.weight_decay as f32)
                .init(),
            batcher: Batcher::new(rows, normalisation, model.n_labels, recipe.seed),
            recipe,
            device,
            step: 0,
            losses: Vec::new(),
            best: None,
        })
    }

    /// Steps that make an epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.batcher.n_rows().div_ceil(self.recipe.batch)
    }

    /// Takes one optimiser step.
    ///
    /// Call [`end_epoch`](Self::end_epoch) after each [`steps_per_epoch`](Self::steps_per_epoch).
    ///
    /// # Shapes
    /// - returns `[1]`, the loss before the step, in nats; reading it waits for the device
    pub fn step(&mut self, data: &Dataset) -> Tensor<1> {
        let position = self.step % self.steps_per_epoch();
        if position == 0 {
            self.begin_epoch();
        }
        let (pictures, targets) = self
            .batcher
            .batch(data, position, &self.recipe, &self.device);
        let logits = pool(self.network.forward(pictures)); // [batch, n_labels]
        let loss = cross_entropy_with_logits(logits, targets);
        let grads = GradientsParams::from_grads(loss.backward(), &self.network);
        let rate = self
            .recipe
            .learning_rate_at(self.step, self.steps_per_epoch());
        self.network = self.optimizer.step(rate, self.network.clone(), grads);
        self.step += 1;
        let loss = loss.inner();
        self.losses.push(loss.clone());
        loss
    }

    /// Seeds everything random from the epoch, so that a run that was cut off can go on from
    /// any epoch.
    fn begin_epoch(&mut self) {
        let epoch = (self.step / self.steps_per_epoch()) as u64;
        self.device.seed(self.recipe.seed.wrapping_add(epoch));
        self.batcher
            .shuffle(Pcg64::new(u128::from(self.recipe.seed), u128::from(epoch)));
    }

    /// Validates the epoch that has just ended, and keeps its network if it is the best so far.
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
        let epoch = self.step / self.steps_per_epoch();
        let train_loss = self.mean_loss().await?;
        let (validation_loss, metrics) = if validation.is_empty() {
            (None, None)
        } else {
            let (loss, metrics) = self.validate(data, validation, labels).await?;
            (Some(loss), Some(metrics))
        };
        let score = validation_loss.unwrap_or(f64::NEG_INFINITY);
        let is_best = match &self.best {
            Some(best) => score <= best.validation_loss,
            None => true,
        };
        if is_best {
            let network = self.network.valid();
            self.best = Some(Best {
                epoch,
                validation_loss: score,
                network,
            });
        }
        let waited = epoch - self.best_epoch();
        Ok(EpochReport {
            epoch,
            train_loss,
            validation_loss,
            validation: metrics,
            is_best,
            is_last: epoch >= self.recipe.stop_at() || waited >= self.recipe.patience,
        })
    }

    /// The settings of the run.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Number of trained numbers.
    pub fn n_parameters(&self) -> usize {
        self.network.num_params()
    }

    /// Number of the best epoch so far, from 1; 0 before the first has ended.
    pub fn best_epoch(&self) -> usize {
        self.best.as_ref().map_or(0, |best| best.epoch)
    }

    /// The network of the best epoch so far, for use on a device without autodiff, with its
    /// normalisation; none before the first epoch has ended.
    pub fn best(&self) -> Option<(&Cnn, &Normalisation)> {
        let best = self.best.as_ref()?;
        Some((&best.network, self.batcher.normalisation()))
    }

    async fn mean_loss(&mut self) -> Result<f64> {
        let losses = std::mem::take(&mut self.losses);
        let n = losses.len().max(1) as f64;
        let values = crate::models::read(Tensor::cat(losses, 0)).await?;
        let mean = values.iter().map(|&loss| f64::from(loss)).sum::<f64>() / n;
        if mean.is_finite() {
            Ok(mean)
        } else {
            Err(Error::Diverged)
        }
    }

    async fn validate(
        &self,
        data: &Dataset,
        rows: &[usize],
        labels: &[String],
    ) -> Result<(f64, Metrics)> {
        let network = self.network.valid();
        let device = self.device.clone().inner();
        let normalisation = self.batcher.normalisation();
        let logits = row_logits(&network, normalisation, data, rows, &device).await?;
        let probabilities: Vec<_> = logits.iter().map(|row| softmax(row, 1.0)).collect();
        let truth: Vec<_> = rows.iter().map(|&row| usize::from(data.y[row])).collect();
        let loss = nats(&probabilities, &truth);
        Ok((loss, Metrics::new(&probabilities, &truth, labels)))
    }
}

/// Mean cross entropy of probabilities, in nats.
pub fn nats(probabilities: &[Vec<f32>], truth: &[usize]) -> f64 {
    let loss = |(row, &label): (&Vec<f32>, &usize)| -f64::from(row[label].max(1e-12)).ln();
    let sum: f64 = probabilities.iter().zip(truth).map(loss).sum();
    sum / truth.len().max(1) as f64
}
