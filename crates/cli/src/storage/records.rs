//! The record of a training run: settings, input files, the figures of every epoch, and the logits of
//! a cross-validation.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tonearm::data::{Dataset, Matrix, Values};
use tonearm::evaluation::figures::Figures;
use tonearm::models::ModelConfig;
use tonearm::recipe::Recipe;
use tonearm::training::trainer::EpochFigures;

use crate::storage::files;

/// Everything about a run except its weights.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// The command line, without folders.
    pub command: String,
    /// The input files; the file with the rows comes first.
    pub files: Vec<DataFile>,
    /// Seed of the split and of every random choice in training.
    pub seed: u64,
    /// Name of the compute device.
    pub device: String,
    /// The network.
    pub model: ModelConfig,
    /// The training recipe; `None` for a regression.
    pub recipe: Option<Recipe>,
    /// The fits in training order: first the folds, then the fit whose weights were written.
    pub fits: Vec<Fit>,
    /// Duration of the run in seconds.
    pub seconds: f64,
    /// The figures on the card.
    pub figures: Vec<Figures>,
}

/// An input file of a run.
#[derive(Clone, Serialize, Deserialize)]
pub struct DataFile {
    /// File name without the folder.
    pub name: String,
    /// SHA-256 as hexadecimal digits.
    pub sha256: String,
}

impl DataFile {
    /// Name and checksum of a file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        Ok(Self {
            name: files::file_name(path),
            sha256: files::sha256(path)?,
        })
    }
}

/// One fit, epoch by epoch.
#[derive(Clone, Serialize, Deserialize)]
pub struct Fit {
    /// Name of the fit, such as `fold 1 of 4` or `all rows`.
    pub name: String,
    /// Its epochs.
    pub epochs: Vec<Epoch>,
}

/// The figures of one epoch.
#[derive(Clone, Serialize, Deserialize)]
pub struct Epoch {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean loss over the epoch's steps.
    pub train_loss: f64,
    /// Accuracy on the augmented rows of the epoch's steps. Some records of the study's networks do not
    /// have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_top1: Option<f64>,
    /// Loss on the validation rows, in nats; for a fold without validation rows, on its test rows.
    pub validation_loss: Option<f64>,
    /// Accuracy on the same rows as `validation_loss`.
    pub validation_top1: Option<f64>,
}

impl Epoch {
    /// The figures of the epoch with this number.
    pub fn new((figures, epoch): (&EpochFigures, usize)) -> Self {
        Self {
            epoch,
            train_loss: figures.train_loss,
            train_top1: Some(figures.train_top1),
            validation_loss: figures.validation_loss,
            validation_top1: figures.validation_top1,
        }
    }
}

impl Record {
    /// Reads `DIR/NAME.json`.
    ///
    /// # Errors
    /// If the file cannot be read or is not a record.
    pub fn read(path: &Path) -> Result<Self> {
        serde_json::from_str(&files::read_text(path)?)
            .with_context(|| format!("{} is not the record of a run", path.display()))
    }

    /// Writes `DIR/NAME.json`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, folder: &Path, name: &str) -> Result<()> {
        let path = folder.join(format!("{name}.json"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, serde_json::to_string_pretty(self)? + "\n"))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Checks that a folder of records exists.
///
/// # Errors
/// If it does not; the message says which command creates it.
pub fn check_folder(folder: &Path) -> Result<()> {
    ensure!(
        folder.is_dir(),
        "the records folder {} does not exist; `tonearm train --records {}` creates it",
        folder.display(),
        folder.display()
    );
    Ok(())
}

/// Writes `DIR/NAME.npz`: the logits of some rows of `data`.
///
/// # Errors
/// If the file cannot be written.
pub fn write_logits(
    folder: &Path,
    name: &str,
    data: &Dataset,
    rows: &[usize],
    logits: &Matrix,
) -> Result<()> {
    let logits = outputs_as_dataset(data, rows, logits)?;
    let path = folder.join(format!("{name}.npz"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, logits.to_npz().map_err(std::io::Error::other)?))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// A network's outputs for some rows of `data` as a data set with the same labels, tracks and artists.
///
/// # Errors
/// If there is not one output per row.
pub fn outputs_as_dataset(data: &Dataset, rows: &[usize], outputs: &Matrix) -> Result<Dataset> {
    Ok(Dataset::new(
        Values::F32(outputs.values().to_vec()),
        [1, outputs.n_columns()],
        rows.iter().map(|&row| data.y[row]).collect(),
        rows.iter().map(|&row| data.track_id[row]).collect(),
        rows.iter().map(|&row| data.artist_id[row]).collect(),
    )?)
}
