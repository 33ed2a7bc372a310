//! A training run between two epochs, as bytes: what a host keeps, to go on after a stop.

use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use super::{Best, Trainer, optimizer};
use crate::{Error, Result, parameters};

/// What is kept of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// All: what goes on is the same run, to the bit. The optimiser's moments are read
    /// synchronously, which panics on a browser's GPU.
    All,
    /// All but the optimiser's moments: what goes on starts them anew.
    Networks,
}

/// All that changes from epoch to epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    step: usize,
    student: Vec<u8>,
    /// None where the optimiser starts anew.
    optimizer: Option<Vec<u8>>,
    best: Option<BestState>,
}

impl State {
    /// Whether a run that goes on from here starts its optimiser anew.
    pub fn restarts(&self) -> bool {
        self.optimizer.is_none()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct BestState {
    epoch: usize,
    validation_loss: f64,
    network: Vec<u8>,
}

impl Trainer {
    /// The run as it is after [`end_epoch`](Self::end_epoch).
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub async fn state(&self, keeping: Keeping) -> Result<State> {
        let best = match &self.best {
            Some(best) => Some(BestState {
                epoch: best.epoch,
                validation_loss: best.validation_loss,
                network: parameters::record(&best.network).await?,
            }),
            None => None,
        };
        let optimizer = match keeping {
            Keeping::All => {
                let bytes = self.optimizer.to_record().into_bytes();
                Some(bytes.map_err(|error| Error::Device(error.to_string()))?)
            }
            Keeping::Networks => None,
        };
        Ok(State {
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
    /// [`Error::Dataset`] if the state is broken or of another network.
    pub fn restore(&mut self, state: State) -> Result<()> {
        let foreign = |_| Error::Dataset("the saved run is broken, or of another network".into());
        let record = |bytes| ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes));
        let n_steps = self.steps_per_epoch();
        let epoch = state.step / n_steps;
        let later = |best: &BestState| best.epoch > epoch;
        if !state.step.is_multiple_of(n_steps) || state.best.as_ref().is_some_and(later) {
            return Err(Error::Dataset("the saved run has impossible counts".into()));
        }
        let mut optimizer = optimizer::of(&self.recipe);
        if let Some(bytes) = state.optimizer {
            let record = OptimizerRecord::from_bytes(Bytes::from_bytes_vec(bytes));
            optimizer = optimizer.load_record(record.map_err(foreign)?);
        }
        let student = self.student.clone();
        let student = student.try_load_record(record(state.student).map_err(foreign)?);
        let best = match state.best {
            Some(best) => {
                let network = self.student.network.valid();
                let network = network.try_load_record(record(best.network).map_err(foreign)?);
                Some(Best {
                    epoch: best.epoch,
                    validation_loss: best.validation_loss,
                    network: network.map_err(foreign)?,
                })
            }
            None => None,
        };
        self.student = student.map_err(foreign)?;
        self.optimizer = optimizer;
        self.best = best;
        self.step = state.step;
        self.losses.clear();
        self.right.clear();
        Ok(())
    }
}
