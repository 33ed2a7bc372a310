//! Saving a run between two epochs, and resuming it.

use super::Session;
use super::stage::{Stage, Waiting};
use crate::error::Defect;
use crate::training::checkpoint::{Checkpoint, FitProgress, SavedFit};
use crate::training::cross_validation::CrossValidation;
use crate::training::trainer::{CheckpointContents, TrainerCheckpoint};
use crate::{Error, Result};

impl Session {
    /// Saves the state after an epoch, for [`restore`](Self::restore).
    ///
    /// # Errors
    /// [`Error::Device`] if the parameters cannot be read from the device.
    pub async fn checkpoint(&self, contents: CheckpointContents) -> Result<Vec<u8>> {
        let (fit, trainer) = match &self.stage {
            Stage::Embedding(embedding) => (&embedding.next.fit, embedding.next.checkpoint.clone()),
            Stage::Waiting(waiting) => (&waiting.fit, waiting.checkpoint.clone()),
            Stage::Fitting(fitting) => {
                let checkpoint = fitting.trainer.checkpoint(contents).await?;
                (&fitting.fit, Some(checkpoint))
            }
        };
        // The last fit is saved unfinished even if it has ended, because the network is in there.
        let ended = self.fits.ended().take_while(|(ended, _)| *ended != fit);
        let saved = |(name, progress): (&String, FitProgress)| SavedFit {
            name: name.clone(),
            progress,
        };
        let ended = ended.map(|(fit, result)| (&fit.name, FitProgress::Finished(result.clone())));
        let current = trainer.map(|trainer| (&fit.name, FitProgress::Unfinished(trainer)));
        let fits = ended.chain(current).map(saved).collect();
        Checkpoint::new(&self.plan.fingerprint, fits).to_bytes()
    }

    /// Restores a checkpoint of a run on the same project with the same settings. The windows are
    /// embedded again first.
    ///
    /// With [`CheckpointContents::All`], the resumed run produces the same network as an
    /// uninterrupted one. If the checkpoint is refused, the session is unchanged.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the checkpoint is damaged or of another run. The networks in it are
    /// checked by the next [`step`](Session::step).
    pub fn restore(&mut self, checkpoint: &[u8]) -> Result<()> {
        let saved = Checkpoint::from_bytes(checkpoint, &self.plan.fingerprint)?;
        let (fits, checkpoint) = self.restored_fits(saved)?;
        let fit = fits.next_fit().cloned();
        let fit = fit.ok_or_else(|| mismatch("its last fit", "be unfinished", "a finished one"))?;
        let next = Waiting { fit, checkpoint };
        match &mut self.stage {
            Stage::Embedding(embedding) => embedding.next = next,
            stage => *stage = Stage::Waiting(next),
        }
        self.fits = fits;
        self.stopped = false;
        Ok(())
    }

    /// The run's fits with the saved results, and the checkpoint of the fit that has not ended.
    fn restored_fits(
        &self,
        saved: Vec<SavedFit>,
    ) -> Result<(CrossValidation, Option<TrainerCheckpoint>)> {
        let (n_labels, n_epochs) = (self.plan.manifest.classes.len(), self.plan.settings.epochs);
        let mut fits = self.fits.without_results();
        let mut unfinished = None;
        for SavedFit { name, progress } in saved {
            let fit = fits.next_fit().filter(|fit| fit.name == name);
            let fit = fit.filter(|_| unfinished.is_none());
            let fit =
                fit.ok_or_else(|| mismatch("its fits", "be the first ones of the run", &name))?;
            match progress {
                FitProgress::Finished(result) => {
                    result.check(fit.split.test.len(), n_labels, n_epochs)?;
                    fits.finish_fit(result);
                }
                FitProgress::Unfinished(checkpoint) => unfinished = Some(checkpoint),
            }
        }
        Ok((fits, unfinished))
    }
}

fn mismatch(part: &str, expected: &str, got: &str) -> Error {
    Error::checkpoint(Defect::mismatch(part, expected, got))
}
