//! A training run between two epochs, as bytes: what a host keeps, to go on after a stop.

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::checkpoint::{self, unusable};
use super::optimizer::{self, Fields};
use super::{Best, Trainer};
use crate::models::parameters;
use crate::{Error, Result};

/// What is kept of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointContents {
    /// All: what goes on is the same run, to the bit. The optimiser's moments are read
    /// synchronously, which panics on a browser's GPU.
    All,
    /// All but the optimiser's moments: what goes on starts them anew.
    Networks,
}

/// All that changes from epoch to epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    step: usize,
    student: Vec<u8>,
    /// None where the optimiser starts anew.
    optimizer: Option<Vec<u8>>,
    best: Option<BestCheckpoint>,
}

impl Checkpoint {
    /// Whether a run that goes on from here starts its optimiser anew.
    pub fn restarts(&self) -> bool {
        self.optimizer.is_none()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct BestCheckpoint {
    epoch: usize,
    validation_loss: f64,
    network: Vec<u8>,
}

impl Trainer {
    /// The run as it is after [`end_epoch`](Self::end_epoch).
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub async fn state(&self, contents: CheckpointContents) -> Result<Checkpoint> {
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
                Some(bytes.map_err(|error| Error::Device(error.to_string()))?)
            }
            CheckpointContents::Networks => None,
        };
        Ok(Checkpoint {
            step: self.step,
            student: parameters::record(&self.student.valid()).await?,
            optimizer: optimizer.map(|bytes| bytes.to_vec()),
            best,
        })
    }

    /// Goes on from a state of a run with the same model, recipe, data and rows: with all of it kept,
    /// it ends with the same network as if it had never stopped.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the state is damaged or of another network; the trainer is then as it
    /// was before.
    pub fn restore(&mut self, state: Checkpoint) -> Result<()> {
        self.check_counts(&state)?;
        let student = checkpoint::load(self.student.clone(), state.student)?;
        let mut optimizer = optimizer::of(&self.recipe);
        if let Some(record) = state.optimizer {
            let (parameters, fields) = (parameters::described(&student), Fields::of(&self.recipe));
            let record = checkpoint::moments(&parameters, fields, state.step, record)?;
            optimizer = optimizer.load_record(record);
        }
        let best = match state.best {
            Some(best) => Some(Best {
                epoch: best.epoch,
                validation_loss: best.validation_loss,
                network: checkpoint::load(self.student.network.valid(), best.network)?,
            }),
            None => None,
        };
        self.student = student;
        self.optimizer = optimizer;
        self.best = best;
        self.step = state.step;
        self.losses.clear();
        self.right.clear();
        Ok(())
    }

    /// Checks that a state is of the end of one of the run's epochs, and its best epoch one of them.
    fn check_counts(&self, state: &Checkpoint) -> Result<()> {
        let n_steps = self.steps_per_epoch();
        let (epoch, last) = (state.step / n_steps, self.recipe.stop_at());
        if !state.step.is_multiple_of(n_steps) || epoch > last {
            return Err(unusable(format!(
                "it is from step {}, and each of the {last} epochs has {n_steps}",
                state.step
            )));
        }
        match &state.best {
            Some(best) if !(1..=epoch).contains(&best.epoch) => Err(unusable(format!(
                "its best epoch is number {}, and {epoch} epochs have ended",
                best.epoch
            ))),
            Some(best) if best.validation_loss.is_nan() => {
                Err(unusable("the loss of its best epoch is not a number"))
            }
            None if epoch > 0 => Err(unusable("it has no best epoch")),
            _ => Ok(()),
        }
    }
}
