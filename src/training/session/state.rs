//! A run between two epochs, as bytes: what a host keeps, to go on after a stop.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::training::project::Settings;
use crate::training::trainer::{
    Checkpoint as TrainerCheckpoint, CheckpointContents, Trainer, TrainingData,
};
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
    trainer: Option<TrainerCheckpoint>,
}

impl Session {
    /// The run as it is after an epoch, for [`restore`](Self::restore).
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub async fn state(&self, contents: CheckpointContents) -> Result<Vec<u8>> {
        let trainer = match &self.trainer {
            Some(trainer) => Some(trainer.state(contents).await?),
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
    /// [`Error::Checkpoint`] if the state is damaged or of another run. The networks in it are checked
    /// by the [`step`](Session::step) that goes on from them.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let damaged = || foreign("it is cut short or damaged");
        let (state, rest): (State, _) = postcard::take_from_bytes(state).map_err(|_| damaged())?;
        if !rest.is_empty() {
            return Err(damaged());
        }
        let same = state.settings == self.settings
            && state.classes == self.manifest.classes
            && state.files == self.files();
        if !same {
            return Err(foreign("it is of other classes, files or settings"));
        }
        self.check_progress(&state)?;
        let restarts = state
            .trainer
            .as_ref()
            .is_some_and(TrainerCheckpoint::restarts);
        let restarts = state.restarts.checked_add(usize::from(restarts));
        self.restarts = restarts.ok_or_else(damaged)?;
        self.fit = state.fit;
        self.kept_epochs = state.kept_epochs;
        self.held_out = state.held_out;
        self.first_loss = state.first_loss;
        self.resumes = state.trainer;
        Ok(())
    }

    /// Checks that a state is of one of the run's fits, with what the fits before it came to.
    fn check_progress(&self, state: &State) -> Result<()> {
        let (n_fits, n_windows) = (self.fits.len(), self.held_out.len());
        if state.fit >= n_fits {
            let fit = state.fit;
            return Err(foreign(&format!(
                "it is of fit {fit}, and there are {n_fits}"
            )));
        }
        let epochs = 1..=self.settings.epochs;
        let kept = &state.kept_epochs;
        if kept.len() != state.fit || !kept.iter().all(|epoch| epochs.contains(epoch)) {
            return Err(foreign("it does not hold the epoch of each fit that ended"));
        }
        if state.held_out.len() != n_windows {
            let got = state.held_out.len();
            return Err(foreign(&format!(
                "it answers for {got} windows, and the project has {n_windows}"
            )));
        }
        let n_labels = self.manifest.classes.len();
        let sound = |logits: &Vec<f32>| {
            logits.len() == n_labels && logits.iter().all(|value| value.is_finite())
        };
        if !state.held_out.iter().flatten().all(sound) {
            return Err(foreign(&format!(
                "an answer in it is not {n_labels} finite numbers"
            )));
        }
        // The fit that runs has answered for its windows only if it is the last.
        let ended = self.kept_back_by(0..state.fit);
        let begun = self.kept_back_by(0..state.fit + 1);
        let expected = |(window, answer): (usize, &Option<Vec<f32>>)| match answer {
            Some(_) => begun[window],
            None => !ended[window],
        };
        if !state.held_out.iter().enumerate().all(expected) {
            return Err(foreign("it answers for other windows than were held out"));
        }
        if state.first_loss.is_some_and(|loss| !loss.is_finite()) {
            return Err(foreign("its first loss is not a number"));
        }
        Ok(())
    }

    /// Whether each window is held out by one of some fits: `[n_windows]`
    fn kept_back_by(&self, fits: Range<usize>) -> Vec<bool> {
        let windows = self.manifest.windows();
        let mut held_out = vec![false; self.held_out.len()];
        for &file in self.fits[fits].iter().flat_map(|fit| &fit.validation) {
            held_out[windows[file].clone()].fill(true);
        }
        held_out
    }

    fn files(&self) -> Vec<(usize, Option<String>, usize)> {
        let files = self.manifest.files.iter();
        files
            .map(|file| (file.class, file.artist.clone(), file.windows))
            .collect()
    }

    /// The trainer of the fit that the saved state was in, as it was.
    pub(super) fn restored(&self, data: TrainingData, state: TrainerCheckpoint) -> Result<Trainer> {
        let mut trainer = self.begin_fit(data)?;
        trainer.restore(state)?;
        Ok(trainer)
    }
}

fn foreign(reason: &str) -> Error {
    Error::Checkpoint(reason.to_owned())
}
