//! The record of a run: what every epoch came to, and what the folds said of rows that they had
//! not seen.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tonearm::data::{Dataset, Values};
use tonearm::evaluation::figures::Figures;
use tonearm::models::ModelConfig;
use tonearm::recipe::Recipe;
use tonearm::training::trainer::EpochReport;
use tonearm::weights::Metadata;

use super::file;
use super::options::Regression;

/// Everything about a run but its weights.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// The command as it was typed.
    pub command: String,
    /// The files that it read, the rows first.
    pub files: Vec<DataFile>,
    /// Seed of the split and of everything random.
    pub seed: u64,
    /// Where it was computed.
    pub device: String,
    /// The network.
    pub model: ModelConfig,
    /// Its recipe; none for a regression.
    pub recipe: Option<Recipe>,
    /// Each fit of the run, the folds before the last.
    pub fits: Vec<Fit>,
    /// Seconds that the run took.
    pub seconds: f64,
    /// How good the network was.
    pub figures: Vec<Figures>,
}

/// A file that a run read.
#[derive(Clone, Serialize, Deserialize)]
pub struct DataFile {
    /// Its name.
    pub name: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

impl DataFile {
    /// What identifies the file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        Ok(Self {
            name: file::file_name(path),
            sha256: file::sha256(path)?,
        })
    }
}

/// One fit, epoch by epoch.
#[derive(Clone, Serialize, Deserialize)]
pub struct Fit {
    /// What was fitted.
    pub name: String,
    /// Its epochs.
    pub epochs: Vec<Epoch>,
}

/// What an epoch came to.
#[derive(Clone, Serialize, Deserialize)]
pub struct Epoch {
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Mean loss of its steps.
    pub train_loss: f64,
    /// Share of their rows, as they were augmented, that was right; not in every record of the study's
    /// networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_top1: Option<f64>,
    /// Loss on the validation rows, in nats; of a fold without any, on the rows that it held out.
    pub validation_loss: Option<f64>,
    /// Share of the same rows that were right.
    pub validation_top1: Option<f64>,
}

impl Epoch {
    /// The numbers of a report.
    pub fn new(report: &EpochReport) -> Self {
        Self {
            epoch: report.epoch,
            train_loss: report.train_loss,
            train_top1: Some(report.train_top1),
            validation_loss: report.validation_loss,
            validation_top1: report.validation.as_ref().map(|metrics| metrics.top1),
        }
    }
}

impl Record {
    /// Reads `DIR/NAME.json`.
    ///
    /// # Errors
    /// If the file cannot be read or is no record.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no record of a run", path.display()))
    }

    /// The record of a fit without epochs, of these files.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn of_regression(
        options: &Regression,
        metadata: &Metadata,
        files: &[&Path],
        started: Instant,
    ) -> Result<Self> {
        Ok(Self {
            command: metadata.card.command.clone(),
            files: files
                .iter()
                .map(|path| DataFile::of(path))
                .collect::<Result<_>>()?,
            seed: options.seed,
            device: options.device.name(),
            model: metadata.network.model.clone(),
            recipe: None,
            fits: Vec::new(),
            seconds: started.elapsed().as_secs_f64(),
            figures: metadata.card.figures.clone(),
        })
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

/// Writes `DIR/NAME.npz`: the logits of rows.
///
/// # Errors
/// If the file cannot be written.
pub fn write_logits(
    folder: &Path,
    name: &str,
    data: &Dataset,
    rows: &[usize],
    logits: &[Vec<f32>],
) -> Result<()> {
    let answers = answers(data, rows, logits)?;
    let path = folder.join(format!("{name}.npz"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, answers.to_npz().map_err(std::io::Error::other)?))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// What a network said of rows, in the layout of a data set: its values are the row's columns.
///
/// # Errors
/// If there is not one answer a row, each as long as the others.
pub fn answers(data: &Dataset, rows: &[usize], values: &[Vec<f32>]) -> Result<Dataset> {
    let flat = values.iter().flatten().copied();
    Ok(Dataset::new(
        Values::F32(flat.collect()),
        [1, values.first().map_or(1, Vec::len)],
        rows.iter().map(|&row| data.y[row]).collect(),
        rows.iter().map(|&row| data.track_id[row]).collect(),
        rows.iter().map(|&row| data.artist_id[row]).collect(),
    )?)
}
