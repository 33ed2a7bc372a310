//! A training run between two epochs, as bytes: what a host keeps, to go on after a stop.

use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use super::{Best, Trainer, optimizer};
use crate::{Error, Result};

/// All that changes from epoch to epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    step: usize,
    student: Vec<u8>,
    optimizer: Vec<u8>,
    best: Option<BestState>,
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
    /// It waits for the device, which a browser's GPU does not allow.
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub fn state(&self) -> Result<State> {
        let lost = |error: &dyn std::fmt::Display| Error::Device(error.to_string());
        let bytes = |record: ModuleRecord| {
            let bytes = record.into_bytes().map_err(|error| lost(&error))?;
            Ok::<_, Error>(bytes.to_vec())
        };
        let optimizer = self.optimizer.to_record().into_bytes();
        let best = match &self.best {
            Some(best) => Some(BestState {
                epoch: best.epoch,
                validation_loss: best.validation_loss,
                network: bytes(best.network.clone().into_record())?,
            }),
            None => None,
        };
        Ok(State {
            step: self.step,
            student: bytes(self.student.clone().into_record())?,
            optimizer: optimizer.map_err(|error| lost(&error))?.to_vec(),
            best,
        })
    }

    /// Goes on from a state of a run with the same model, recipe, data and rows: it ends with the
    /// same network as if it had never stopped.
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
        let optimizer = OptimizerRecord::from_bytes(Bytes::from_bytes_vec(state.optimizer));
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
        self.optimizer = optimizer::of(&self.recipe).load_record(optimizer.map_err(foreign)?);
        self.best = best;
        self.step = state.step;
        self.losses.clear();
        self.right.clear();
        Ok(())
    }
}
