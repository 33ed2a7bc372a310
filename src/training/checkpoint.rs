//! Checkpoint of a run between two epochs, for resuming it later.

use serde::{Deserialize, Serialize};

use super::cross_validation::FitResult;
use super::trainer::TrainerCheckpoint;
use crate::error::Defect;
use crate::{Error, Result};

/// First bytes of a checkpoint. The number changes with the format.
const MAGIC: &[u8] = b"tonearm checkpoint 1\n";

/// Progress of a run or of one of its fits.
///
/// Postcard serialises the fields by position, so their order is part of the format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Fingerprint of the run: of its data, network, recipe and options.
    run: String,
    fits: Vec<SavedFit>,
}

/// Progress of a fit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedFit {
    /// Name of the fit.
    pub name: String,
    /// How far it is.
    pub progress: FitProgress,
}

/// How far a fit is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FitProgress {
    /// Some of its epochs have ended.
    Unfinished(TrainerCheckpoint),
    /// It has ended.
    Finished(FitResult),
}

impl Checkpoint {
    /// Combines the progress of fits with the fingerprint of their run.
    pub fn new(run: &str, fits: Vec<SavedFit>) -> Self {
        Self {
            run: run.to_owned(),
            fits,
        }
    }

    /// Serialises to the bytes that [`from_bytes`](Self::from_bytes) reads.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        postcard::to_extend(self, MAGIC.to_vec()).map_err(Error::unwritable("checkpoint"))
    }

    /// Reads the fits of the run with this fingerprint.
    ///
    /// The memory in use is bounded by a multiple of the number of bytes. The trainer that restores
    /// an unfinished fit checks its networks; [`FitResult::check`] checks a finished one.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the bytes are truncated, damaged, from a version with another
    /// format, or of another run.
    pub fn from_bytes(bytes: &[u8], run: &str) -> Result<Vec<SavedFit>> {
        let damaged = || Error::checkpoint(Defect::damaged("it"));
        let bytes = bytes.strip_prefix(MAGIC).ok_or_else(|| {
            let expected = "a checkpoint of this version of Tonearm";
            Error::checkpoint(Defect::Format { expected })
        })?;
        let (checkpoint, rest): (Self, _) =
            postcard::take_from_bytes(bytes).map_err(|error| damaged().caused_by(error))?;
        if !rest.is_empty() {
            return Err(damaged());
        }
        if checkpoint.run != run {
            let expected = "have the same data, settings and weights";
            let defect = Defect::mismatch("its run", expected, "another run");
            return Err(Error::checkpoint(defect));
        }
        Ok(checkpoint.fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        let finished = FitResult {
            epochs: Vec::new(),
            kept_epoch: 3,
            optimizer_resets: 0,
            logits: [[0.5, -0.5]].into_iter().collect(),
        };
        let fit = SavedFit {
            name: "fold 1 of 2".into(),
            progress: FitProgress::Finished(finished),
        };
        let checkpoint = Checkpoint::new("run", vec![fit]);
        checkpoint.to_bytes().expect("serialisable")
    }

    fn refusal(bytes: &[u8], run: &str) -> String {
        let read = Checkpoint::from_bytes(bytes, run);
        read.expect_err("the checkpoint is refused").to_string()
    }

    #[test]
    fn the_fits_of_the_same_run_are_read() {
        let fits = Checkpoint::from_bytes(&bytes(), "run").expect("the checkpoint is valid");
        assert_eq!((fits.len(), &fits[0].name[..]), (1, "fold 1 of 2"));
    }

    #[test]
    fn another_run_is_refused() {
        let message = refusal(&bytes(), "other");
        assert!(message.contains("the same data, settings"), "{message}");
    }

    #[test]
    fn a_truncated_or_longer_checkpoint_is_refused() {
        let bytes = bytes();
        for length in 0..bytes.len() {
            let message = refusal(&bytes[..length], "run");
            assert!(message.contains("it is truncated"), "{message}");
        }
        let message = refusal(&[&bytes[..], &[0]].concat(), "run");
        assert!(message.contains("it is truncated"), "{message}");
    }

    #[test]
    fn a_checkpoint_of_another_version_is_refused_with_advice() {
        let message = refusal(&[0; 64], "run");
        assert!(message.contains("of this version of Tonearm"), "{message}");
        assert!(message.ends_with("restart the training"), "{message}");
    }

    #[test]
    fn declared_lengths_do_not_allocate_memory() {
        // The run's name and then a list of 2^60 fits.
        let mut bytes = [MAGIC, b"\x03run"].concat();
        bytes.extend([0x80; 8]);
        bytes.push(0x10);
        let message = refusal(&bytes, "run");
        assert!(message.contains("it is truncated"), "{message}");
    }
}
