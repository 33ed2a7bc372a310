//! Checkpoint of a trainer between two epochs, for resuming it later.

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::optimizer::{self, Fields};
use super::record_check::{self, mismatch};
use super::{Best, EpochFigures, Trainer};
use crate::error::Defect;
use crate::models::parameters;
use crate::{Error, Result};

/// Contents of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointContents {
    /// Networks and optimiser state: the resumed run is bit-identical. The state is read back
    /// synchronously, which panics on a browser's GPU.
    All,
    /// Networks only: the resumed run resets the optimiser.
    Networks,
}

/// State of a trainer after an epoch.
///
/// Postcard serialises the fields by position, so their order is part of the format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainerCheckpoint {
    step: usize,
    history: Vec<EpochFigures>,
    optimizer_resets: usize,
    student: Vec<u8>,
    /// State of the optimiser; `None` if a resumed run has to reset it.
    optimizer: Option<Vec<u8>>,
    best: Option<BestCheckpoint>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct BestCheckpoint {
    epoch: usize,
    validation_loss: f64,
    network: Vec<u8>,
}

impl Trainer {
    /// Saves the state after [`end_epoch`](Self::end_epoch).
    ///
    /// # Errors
    /// [`Error::Device`] if the parameters cannot be read from the device.
    pub async fn checkpoint(&self, contents: CheckpointContents) -> Result<TrainerCheckpoint> {
        let best = match &self.best {
            Some(best) => Some(BestCheckpoint {
                epoch: best.epoch,
                validation_loss: best.validation_loss,
                network: parameters::record(&best.network).await?,
            }),
            None => None,
        };
        let optimizer = match contents {
            CheckpointContents::All => {
                let bytes = self.optimizer.to_record().into_bytes();
                Some(bytes.map_err(Error::device)?)
            }
            CheckpointContents::Networks => None,
        };
        Ok(TrainerCheckpoint {
            step: self.step,
            history: self.history.clone(),
            optimizer_resets: self.optimizer_resets,
            student: parameters::record(&self.student.valid()).await?,
            optimizer: optimizer.map(|bytes| bytes.to_vec()),
            best,
        })
    }

    /// Restores a checkpoint of a run with the same model, recipe, data and rows.
    ///
    /// With [`CheckpointContents::All`], the resumed run produces the same network as an
    /// uninterrupted one.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the checkpoint is damaged or of another network; the trainer is
    /// then unchanged.
    pub fn restore(&mut self, checkpoint: &TrainerCheckpoint) -> Result<()> {
        self.check_counts(checkpoint)?;
        let student = record_check::load(self.student.clone(), &checkpoint.student)?;
        let mut optimizer = optimizer::of(&self.recipe);
        // Before the first step and after the last, nothing depends on the optimiser's state.
        let best_epoch = checkpoint.best.as_ref().map_or(0, |best| best.epoch);
        let is_over = self.is_finished_after(checkpoint.history.len(), best_epoch);
        let is_reset = checkpoint.optimizer.is_none() && checkpoint.step > 0 && !is_over;
        let resets = usize::from(is_reset);
        let optimizer_resets = checkpoint.optimizer_resets.checked_add(resets);
        let too_many = || mismatch("its number of optimiser resets", "be lower", usize::MAX);
        let optimizer_resets = optimizer_resets.ok_or_else(too_many)?;
        if let Some(record) = &checkpoint.optimizer {
            let (parameters, fields) = (parameters::describe(&student), Fields::of(&self.recipe));
            let record =
                record_check::optimizer_record(&parameters, fields, checkpoint.step, record)?;
            optimizer = optimizer.load_record(record);
        }
        let best = match &checkpoint.best {
            Some(best) => Some(Best {
                epoch: best.epoch,
                validation_loss: best.validation_loss,
                network: record_check::load(self.student.network.valid(), &best.network)?,
            }),
            None => None,
        };
        self.student = student;
        self.optimizer = optimizer;
        self.best = best;
        self.step = checkpoint.step;
        self.history = checkpoint.history.clone();
        self.optimizer_resets = optimizer_resets;
        self.losses.clear();
        self.accuracies.clear();
        Ok(())
    }

    /// Checks that the checkpoint was saved at the end of one of the run's epochs, and that its
    /// best epoch is one of them.
    fn check_counts(&self, checkpoint: &TrainerCheckpoint) -> Result<()> {
        let n_steps = self.steps_per_epoch();
        let (epoch, last) = (checkpoint.step / n_steps, self.recipe.stop_at());
        if !checkpoint.step.is_multiple_of(n_steps) || epoch > last {
            let expected = format!("be at the end of one of {last} epochs of {n_steps} steps");
            return Err(mismatch("its step", expected, checkpoint.step));
        }
        let history = &checkpoint.history;
        if history.len() != epoch {
            let expected = format!("be those of {epoch} epochs");
            return Err(mismatch("its figures", expected, history.len()));
        }
        if let Some(figures) = history.iter().find(|figures| !figures.is_valid()) {
            return Err(mismatch("its figures", "be finite", format!("{figures:?}")));
        }
        match &checkpoint.best {
            Some(best) if !(1..=epoch).contains(&best.epoch) => {
                let expected = format!("be in 1..={epoch}, the epochs that have ended");
                Err(mismatch("its best epoch", expected, best.epoch))
            }
            Some(best) if best.validation_loss.is_nan() => {
                Err(mismatch("the loss of its best epoch", "be a number", "NaN"))
            }
            None if epoch > 0 => Err(Error::checkpoint(Defect::missing("its best epoch"))),
            _ => Ok(()),
        }
    }
}
