//! Report on the accuracy of a run's network, by file.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use super::fitting::Kept;
use super::plan::Plan;
use crate::Result;
use crate::data::Matrix;
use crate::embedding_map::{Pca, projection};
use crate::evaluation::intervals::wilson_interval;
use crate::evaluation::metrics::{Bin, Metrics, reliability};
use crate::models::softmax;
use crate::training::cross_validation::{CrossValidation, Fit};

/// Maximum number of files that t-SNE projects within seconds; above, the first two principal
/// components are used.
const MAX_TSNE_FILES: usize = 1500;

/// Accuracy of a run's network, by file.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Indices of the training files.
    pub train: Vec<usize>,
    /// Indices of the validation files. With folds, each file is evaluated by a network that was
    /// not trained on it.
    pub validation: Vec<usize>,
    /// Predictions for the validation files.
    pub predictions: Vec<FilePrediction>,
    /// Metrics of these predictions.
    pub metrics: Metrics,
    /// Reliability diagram of these predictions.
    pub reliability: Vec<Bin>,
    /// Bounds of the 95 % confidence interval of the accuracy, with the number of artists as sample
    /// size.
    pub interval: [f64; 2],
    /// Coordinates of each file in the plane; similar files are close together.
    pub coordinates: Vec<[f32; 2]>,
    /// Number of the kept epoch, from 1.
    pub kept_epoch: usize,
    /// Loss of the very first step, in nats, for checking reproducibility on another machine.
    pub first_loss: f32,
    /// Remarks on how to read the figures.
    pub notes: Vec<Note>,
}

/// Prediction for a validation file.
#[derive(Clone, Debug, Serialize)]
pub struct FilePrediction {
    /// Index of the file in the project.
    pub file: usize,
    /// Mean probability of each class over the file's windows.
    pub probabilities: Vec<f32>,
}

/// Remark on how to read the figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// Files of this class are by an artist who is in both the training and the validation set.
    OneArtist {
        /// Name of the class.
        class: String,
    },
    /// The kept epoch was chosen on the validation files, so the figures are optimistic.
    ChosenOnValidation,
    /// The optimiser was reset when the run was resumed, so the run differs from an uninterrupted
    /// one.
    OptimizerReset {
        /// Number of resets.
        times: usize,
    },
}

/// Results of a finished run.
pub(super) struct Results<'a> {
    pub(super) plan: &'a Plan,
    pub(super) fits: &'a CrossValidation,
    /// The fit whose network is kept.
    pub(super) fit: &'a Fit,
    pub(super) kept: &'a Kept,
    /// Embeddings of the windows: `[n_windows][n_features]`
    pub(super) embeddings: &'a Matrix,
}

impl Results<'_> {
    /// Logits of the windows, from the fit that did not train on them: `[n_windows]`
    pub(super) fn held_out(&self) -> Vec<Option<&[f32]>> {
        let mut held_out = vec![None; self.embeddings.n_rows()];
        for (fit, result) in self.fits.ended() {
            for (&window, logits) in fit.split.test.iter().zip(result.logits.rows()) {
                held_out[window] = Some(logits);
            }
        }
        held_out
    }

    /// Predictions for the held-out files, with a temperature for each.
    pub(super) fn predictions(&self, temperature_of: impl Fn(usize) -> f32) -> Vec<FilePrediction> {
        let held_out = self.held_out();
        let files = self.plan.windows.iter().enumerate();
        let predict = |(file, windows): (usize, &Range<usize>)| {
            let logits: Option<Vec<_>> = held_out[windows.clone()].iter().copied().collect();
            let temperature = temperature_of(file);
            let windows = logits?.into_iter().map(|row| softmax(row, temperature));
            let probabilities = windows.collect::<Matrix>().mean()?;
            Some(FilePrediction {
                file,
                probabilities,
            })
        };
        files.filter_map(predict).collect()
    }

    /// Probabilities and true classes of predictions.
    fn probabilities_and_truth(&self, predictions: &[FilePrediction]) -> (Matrix, Vec<usize>) {
        let class = |of: &FilePrediction| self.plan.manifest.files[of.file].class;
        let truth = predictions.iter().map(class).collect();
        let rows = predictions.iter().map(|of| &of.probabilities).collect();
        (rows, truth)
    }

    pub(super) fn metrics(&self, predictions: &[FilePrediction]) -> Metrics {
        let (rows, truth) = self.probabilities_and_truth(predictions);
        Metrics::new(&rows, &truth, &self.plan.manifest.classes)
    }

    pub(super) fn report(&self, predictions: Vec<FilePrediction>) -> Result<Report> {
        let (rows, truth) = self.probabilities_and_truth(&predictions);
        let metrics = Metrics::new(&rows, &truth, &self.plan.manifest.classes);
        let validation: Vec<usize> = predictions.iter().map(|of| of.file).collect();
        let artists: BTreeSet<i32> = validation
            .iter()
            .map(|&file| self.plan.artists[file])
            .collect();
        let first_epoch = self.fits.ended().find_map(|(_, fit)| fit.epochs.first());
        Ok(Report {
            train: self.plan.files_of(&self.fit.split.train),
            validation,
            reliability: reliability(&rows, &truth).to_vec(),
            interval: wilson_interval(metrics.top1, artists.len()),
            metrics,
            coordinates: self.coordinates()?,
            kept_epoch: self.kept.epoch,
            first_loss: first_epoch.map_or(f32::NAN, |epoch| epoch.first_loss),
            notes: self.notes(),
            predictions,
        })
    }

    /// Whether an epoch was chosen on the files that the figures are measured on.
    pub(super) fn chose_epoch_on_validation(&self) -> bool {
        let measured = !self.fit.split.test.is_empty();
        self.plan.settings.stops_early() || (measured && self.kept.is_best)
    }

    fn notes(&self) -> Vec<Note> {
        let class = |&class: &usize| self.plan.manifest.classes[class].clone();
        let leaking = self.plan.classes_with_leakage.iter().map(class);
        let mut notes: Vec<Note> = leaking.map(|class| Note::OneArtist { class }).collect();
        if self.chose_epoch_on_validation() {
            notes.push(Note::ChosenOnValidation);
        }
        let resets = self.fits.ended().map(|(_, fit)| fit.optimizer_resets);
        let times = resets.fold(0, usize::saturating_add);
        if times > 0 {
            notes.push(Note::OptimizerReset { times });
        }
        notes
    }

    /// Coordinates of each file in the plane, from the mean embedding of its windows.
    fn coordinates(&self) -> Result<Vec<[f32; 2]>> {
        let windows = self.plan.windows.iter();
        let files: Matrix = windows
            .map(|windows| self.embeddings.select(windows.clone()).mean())
            .map(|mean| mean.expect("each file has at least one window"))
            .collect();
        if files.n_rows() <= MAX_TSNE_FILES {
            return projection::coordinates(&files);
        }
        let pca = Pca::fit(&files, 2)?;
        let coordinates = |row: &[f32]| {
            let (projected, _) = pca.project(row);
            [0, 1].map(|axis| projected.get(axis).copied().unwrap_or_default())
        };
        Ok(files.rows().map(coordinates).collect())
    }
}
