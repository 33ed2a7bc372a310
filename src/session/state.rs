//! A run between two epochs, as bytes: what a host keeps, to go on after a stop.

use serde::{Deserialize, Serialize};

use super::Session;
use crate::project::Settings;
use crate::trainer::{Keeping, State as TrainerState, Trainer, TrainingData};
use crate::{Error, Result};

/// All that changes once every window is heard.
#[derive(Serialize, Deserialize)]
struct State {
    settings: Settings,
    classes: Vec<String>,
    /// Class, artist and windows of each file: what decides who is kept back.
    files: Vec<(usize, Option<String>, usize)>,
    fit: usize,
    kept_epochs: Vec<usize>,
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    restarts: usize,
    trainer: Option<TrainerState>,
}

impl Session {
    /// The run as it is after an epoch, for [`restore`](Self::restore).
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub async fn state(&self, keeping: Keeping) -> Result<Vec<u8>> {
        let trainer = match &self.trainer {
            Some(trainer) => Some(trainer.state(keeping).await?),
            None => None,
        };
        let state = State {
            settings: self.settings.clone(),
            classes: self.manifest.classes.clone(),
            files: self.files(),
            fit: self.fit,
            kept_epochs: self.kept_epochs.clone(),
            held_out: self.held_out.clone(),
            first_loss: self.first_loss,
            restarts: self.restarts,
            trainer,
        };
        postcard::to_stdvec(&state).map_err(|error| Error::Project(error.to_string()))
    }

    /// Goes on from the state of a run on the same project with the same settings: with all of it
    /// kept, it ends with the same network as if it had never stopped. The windows are heard again first.
    ///
    /// # Errors
    /// [`Error::Project`] if the state is broken, or of another run.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let state: State = postcard::from_bytes(state).map_err(|_| foreign())?;
        let same = state.settings == self.settings
            && state.classes == self.manifest.classes
            && state.files == self.files()
            && state.fit < self.fits.len()
            && state.kept_epochs.len() == state.fit
            && state.held_out.len() == self.held_out.len();
        if !same {
            return Err(foreign());
        }
        self.fit = state.fit;
        self.kept_epochs = state.kept_epochs;
        self.held_out = state.held_out;
        self.first_loss = state.first_loss;
        let restarts = state.trainer.as_ref().is_some_and(TrainerState::restarts);
        self.restarts = state.restarts + usize::from(restarts);
        self.resumes = state.trainer;
        Ok(())
    }

    fn files(&self) -> Vec<(usize, Option<String>, usize)> {
        let files = self.manifest.files.iter();
        files
            .map(|file| (file.class, file.artist.clone(), file.windows))
            .collect()
    }

    /// The trainer of the fit that the saved state was in, as it was.
    pub(super) fn restored(&self, data: TrainingData, state: TrainerState) -> Result<Trainer> {
        let mut trainer = self.begin_fit(data)?;
        trainer.restore(state).map_err(|_| foreign())?;
        Ok(trainer)
    }
}

fn foreign() -> Error {
    Error::Project("the saved run is broken, or of another project".into())
}
