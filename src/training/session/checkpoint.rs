//! Checkpoint of a run between two epochs, for resuming it later.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::error::Defect;
use crate::training::project::Settings;
use crate::training::trainer::{
    Checkpoint as TrainerCheckpoint, CheckpointContents, Trainer, TrainingData,
};
use crate::{Error, Result};

/// State of a run after all windows are embedded.
///
/// Postcard serialises the fields by position, so their order is part of the format.
#[derive(Serialize, Deserialize)]
struct SessionCheckpoint {
    settings: Settings,
    classes: Vec<String>,
    /// Class, artist and number of windows of each file, which determine the split.
    files: Vec<(usize, Option<String>, usize)>,
    fit: usize,
    kept_epochs: Vec<usize>,
    held_out: Vec<Option<Vec<f32>>>,
    first_loss: Option<f32>,
    optimizer_resets: usize,
    trainer: Option<TrainerCheckpoint>,
}

impl Session {
    /// Saves the state after an epoch, for [`restore`](Self::restore).
    ///
    /// # Errors
    /// [`Error::Device`] if the parameters cannot be read from the device.
    pub async fn checkpoint(&self, contents: CheckpointContents) -> Result<Vec<u8>> {
        let trainer = match &self.trainer {
            Some(trainer) => Some(trainer.checkpoint(contents).await?),
            None => None,
        };
        let checkpoint = SessionCheckpoint {
            settings: self.settings.clone(),
            classes: self.manifest.classes.clone(),
            files: self.files(),
            fit: self.fit,
            kept_epochs: self.kept_epochs.clone(),
            held_out: self.held_out.clone(),
            first_loss: self.first_loss,
            optimizer_resets: self.optimizer_resets,
            trainer,
        };
        postcard::to_stdvec(&checkpoint).map_err(Error::unwritable("checkpoint"))
    }

    /// Restores a checkpoint of a run on the same project with the same settings. The windows are
    /// embedded again first.
    ///
    /// With [`CheckpointContents::All`], the resumed run produces the same network as an
    /// uninterrupted one.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the checkpoint is damaged or of another run. The networks in it are
    /// checked by the next [`step`](Session::step).
    pub fn restore(&mut self, checkpoint: &[u8]) -> Result<()> {
        let damaged = || Error::checkpoint(Defect::damaged("it"));
        let (checkpoint, rest): (SessionCheckpoint, _) =
            postcard::take_from_bytes(checkpoint).map_err(|error| damaged().caused_by(error))?;
        if !rest.is_empty() {
            return Err(damaged());
        }
        let same_run = checkpoint.settings == self.settings
            && checkpoint.classes == self.manifest.classes
            && checkpoint.files == self.files();
        if !same_run {
            let expected = "belong to the same classes, files and settings";
            return Err(mismatch("it", expected, "others"));
        }
        self.check_progress(&checkpoint)?;
        let optimizer_resets = checkpoint
            .trainer
            .as_ref()
            .is_some_and(TrainerCheckpoint::resets_optimizer);
        let optimizer_resets = checkpoint
            .optimizer_resets
            .checked_add(usize::from(optimizer_resets));
        self.optimizer_resets = optimizer_resets.ok_or_else(damaged)?;
        self.fit = checkpoint.fit;
        self.kept_epochs = checkpoint.kept_epochs;
        self.held_out = checkpoint.held_out;
        self.first_loss = checkpoint.first_loss;
        self.resume_from = checkpoint.trainer;
        Ok(())
    }

    /// Checks that the checkpoint is of one of the run's fits and has the results of the earlier
    /// ones.
    fn check_progress(&self, checkpoint: &SessionCheckpoint) -> Result<()> {
        let (n_fits, n_windows) = (self.fits.len(), self.held_out.len());
        if checkpoint.fit >= n_fits {
            let expected = format!("be one of the run's {n_fits} fits");
            return Err(mismatch("its fit", expected, checkpoint.fit));
        }
        let epochs = 1..=self.settings.epochs;
        let kept = &checkpoint.kept_epochs;
        if kept.len() != checkpoint.fit || !kept.iter().all(|epoch| epochs.contains(epoch)) {
            let expected = "contain the kept epoch of each finished fit";
            return Err(mismatch("it", expected, format!("{kept:?}")));
        }
        if checkpoint.held_out.len() != n_windows {
            let expected = format!("have predictions for {n_windows} windows");
            return Err(mismatch("it", expected, checkpoint.held_out.len()));
        }
        let n_labels = self.manifest.classes.len();
        let valid = |logits: &Vec<f32>| {
            logits.len() == n_labels && logits.iter().all(|value| value.is_finite())
        };
        let mut predictions = checkpoint.held_out.iter().flatten();
        if let Some(logits) = predictions.find(|logits| !valid(logits)) {
            let expected = format!("be {n_labels} finite numbers");
            return Err(mismatch(
                "each of its predictions",
                expected,
                format!("{logits:?}"),
            ));
        }
        // The windows of finished fits must have logits. Those of the current fit may have them, in
        // case it is the last one and has been evaluated.
        let ended = self.held_out_in(0..checkpoint.fit);
        let begun = self.held_out_in(0..checkpoint.fit + 1);
        let expected = |(window, logits): (usize, &Option<Vec<f32>>)| match logits {
            Some(_) => begun[window],
            None => !ended[window],
        };
        if !checkpoint.held_out.iter().enumerate().all(expected) {
            let expected = "have predictions for exactly the windows that were held out";
            return Err(mismatch("it", expected, "other windows"));
        }
        if let Some(loss) = checkpoint.first_loss.filter(|loss| !loss.is_finite()) {
            return Err(mismatch("its first loss", "be finite", loss));
        }
        Ok(())
    }

    /// Whether each window is held out in one of these fits: `[n_windows]`
    fn held_out_in(&self, fits: Range<usize>) -> Vec<bool> {
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

    /// Trainer of the checkpoint's fit, with its state restored.
    pub(super) fn restored(
        &self,
        data: TrainingData,
        checkpoint: TrainerCheckpoint,
    ) -> Result<Trainer> {
        let mut trainer = self.begin_fit(data)?;
        trainer.restore(checkpoint)?;
        Ok(trainer)
    }
}

fn mismatch(part: &str, expected: impl Into<String>, got: impl ToString) -> Error {
    Error::checkpoint(Defect::mismatch(part, expected, got))
}
