//! Result of a run: a weights file, and a report on its accuracy.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use burn::module::Module;
use serde::Serialize;

use super::{Session, mean};
use crate::data::split::SplitConfig;
use crate::embedding_map::Pca;
use crate::embedding_map::projection;
use crate::evaluation::calibration::HeldOut;
use crate::evaluation::figures::{Figures, Headline};
use crate::evaluation::intervals::wilson_interval;
use crate::evaluation::metrics::{Bin, Metrics, reliability};
use crate::models::softmax;
use crate::recipe::{EpochSelection, Recipe};
use crate::training::trainer::Trainer;
use crate::weights::{Artists, Card, DataCard, FORMAT_VERSION, Grouping, Metadata, Weights};
use crate::{Error, Result};

/// Minimum number of validation artists for fitting the temperature and threshold.
const MIN_ARTISTS: usize = 50;

/// Number of parts of the validation artists for cross-fitting: the temperature and threshold of
/// each part are chosen on the others, so that no file is scored with a choice that it influenced.
const N_PARTS: usize = 5;

/// Maximum number of files that t-SNE projects within seconds; above, the first two principal
/// components are used.
const MAX_TSNE_FILES: usize = 1500;

/// Result of a run.
pub struct Outcome {
    /// Trained classifier.
    pub weights: Weights,
    /// Accuracy of the classifier.
    pub report: Report,
}

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

impl Session {
    /// Classifier and report of a finished run.
    ///
    /// `date` and `command` are stored in the model card: the current date, and a command that
    /// repeats the run.
    ///
    /// # Errors
    /// [`Error::Unfinished`] if the run is not over, [`Error::Device`] if the device fails.
    pub async fn finish(&self, date: &str, command: &str) -> Result<Outcome> {
        let trainer = self.trainer.as_ref().filter(|_| self.finished);
        let trainer = trainer.ok_or(Error::Unfinished)?;
        let (kept, normalisation) = self.kept_network();
        let (part, network) = self.task.finish(&kept, normalisation).await?;

        let parts = self.held_out();
        let mut all = HeldOut::default();
        parts.iter().for_each(|part| all.append(part.clone()));
        let enough_artists = all.artists.iter().collect::<BTreeSet<_>>().len() >= MIN_ARTISTS;
        let choose = |held_out: &HeldOut| {
            if !enough_artists {
                // Too few artists to fit anything: half way between chance and certainty.
                return (1.0, (1.0 + 1.0 / self.manifest.classes.len() as f32) / 2.0);
            }
            // Never below 1: where nearly all predictions are correct, the loss would favour
            // overconfidence.
            let temperature = held_out.temperature().max(1.0);
            (temperature, held_out.threshold(temperature))
        };
        let (temperature, threshold) = choose(&all);
        let choices = HeldOut::cross_fit(&parts, choose);
        let report = self.report(self.predictions(|part| choices[part].0))?;
        let raw_ece = self.metrics(&self.predictions(|_| 1.0)).ece;
        let card = Card {
            command: command.to_owned(),
            date: date.to_owned(),
            n_parameters: network.num_params(),
            multiply_adds: part.model.multiply_adds(&part.input),
            confident: HeldOut::confident_by(&parts, &choices),
            ..self.card(trainer, &report, raw_ece)
        };
        let metadata = Metadata {
            format_version: FORMAT_VERSION,
            network: part,
            parts: BTreeMap::new(),
            labels: self.manifest.classes.clone(),
            temperature,
            threshold,
            card,
        };
        let (parts, artists) = (BTreeMap::new(), Artists::default());
        let weights = Weights::of(&network, &parts, metadata, artists).await?;
        Ok(Outcome { weights, report })
    }

    /// Logits of the held-out windows, in [`N_PARTS`] parts.
    fn held_out(&self) -> Vec<HeldOut> {
        let artists = self.artists();
        let parts = self.parts();
        let mut held_out = vec![HeldOut::default(); N_PARTS];
        for (file, windows) in self.manifest.windows().into_iter().enumerate() {
            let part = &mut held_out[parts[file]];
            for logits in self.held_out[windows].iter().flatten() {
                part.logits.push(logits.clone());
                part.truth.push(self.manifest.files[file].class);
                part.artists.push(artists[file]);
            }
        }
        held_out
    }

    /// Part of each file; artists are assigned round-robin.
    fn parts(&self) -> Vec<usize> {
        let artists = self.artists();
        let all: BTreeSet<i32> = artists.iter().copied().collect();
        let parts: BTreeMap<i32, usize> = all.into_iter().zip((0..N_PARTS).cycle()).collect();
        artists.iter().map(|artist| parts[artist]).collect()
    }

    /// Predictions for the held-out files, with a temperature for each part.
    fn predictions(&self, temperature_of: impl Fn(usize) -> f32) -> Vec<FilePrediction> {
        let parts = self.parts();
        let windows = self.manifest.windows().into_iter().enumerate();
        let predict = |(file, rows): (usize, Range<usize>)| {
            let logits: Option<Vec<_>> = self.held_out[rows].iter().cloned().collect();
            let temperature = temperature_of(parts[file]);
            let windows = logits?.into_iter().map(|row| softmax(&row, temperature));
            let probabilities = mean(&windows.collect::<Vec<_>>());
            Some(FilePrediction {
                file,
                probabilities,
            })
        };
        windows.filter_map(predict).collect()
    }

    /// Probabilities and true classes of predictions.
    fn probabilities_and_truth(
        &self,
        predictions: &[FilePrediction],
    ) -> (Vec<Vec<f32>>, Vec<usize>) {
        let pair = |prediction: &FilePrediction| {
            let class = self.manifest.files[prediction.file].class;
            (prediction.probabilities.clone(), class)
        };
        predictions.iter().map(pair).unzip()
    }

    fn metrics(&self, predictions: &[FilePrediction]) -> Metrics {
        let (rows, truth) = self.probabilities_and_truth(predictions);
        Metrics::new(&rows, &truth, &self.manifest.classes)
    }

    fn report(&self, predictions: Vec<FilePrediction>) -> Result<Report> {
        let (rows, truth) = self.probabilities_and_truth(&predictions);
        let metrics = self.metrics(&predictions);
        let artists = self.artists();
        let validation_artists: BTreeSet<i32> =
            predictions.iter().map(|a| artists[a.file]).collect();
        Ok(Report {
            train: self.fits[self.fit].train.clone(),
            validation: predictions
                .iter()
                .map(|prediction| prediction.file)
                .collect(),
            reliability: reliability(&rows, &truth).to_vec(),
            interval: wilson_interval(metrics.top1, validation_artists.len()),
            metrics,
            coordinates: self.coordinates()?,
            kept_epoch: self.kept_epoch(),
            first_loss: self.first_loss.unwrap_or(f32::NAN),
            notes: self.notes(),
            predictions,
        })
    }

    /// Whether an epoch was chosen on the files that the figures are measured on.
    fn chose_epoch_on_validation(&self) -> bool {
        let measured = !self.fits[self.fit].validation.is_empty();
        self.settings.stops_early() || (measured && self.keeps_best_epoch())
    }

    fn notes(&self) -> Vec<Note> {
        let class = |&class: &usize| self.manifest.classes[class].clone();
        let classes_with_leakage = self.classes_with_leakage.iter().map(class);
        let mut notes: Vec<Note> = classes_with_leakage
            .map(|class| Note::OneArtist { class })
            .collect();
        if self.chose_epoch_on_validation() {
            notes.push(Note::ChosenOnValidation);
        }
        if self.optimizer_resets > 0 {
            let times = self.optimizer_resets;
            notes.push(Note::OptimizerReset { times });
        }
        notes
    }

    /// Artist id of each file; a file with an unknown artist gets its own id.
    fn artists(&self) -> Vec<i32> {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut artists = Vec::with_capacity(self.manifest.files.len());
        for (index, file) in self.manifest.files.iter().enumerate() {
            artists.push(match &file.artist {
                Some(artist) => *first.entry(artist).or_insert(index) as i32,
                None => index as i32,
            });
        }
        artists
    }

    /// Coordinates of each file in the plane, from the mean embedding of its windows.
    fn coordinates(&self) -> Result<Vec<[f32; 2]>> {
        let windows = self.manifest.windows().into_iter();
        let files: Vec<Vec<f32>> = windows.map(|rows| mean(&self.embeddings[rows])).collect();
        if files.len() <= MAX_TSNE_FILES {
            return projection::coordinates(&files);
        }
        let pca = Pca::fit(&files, 2)?;
        let coordinates = |row: &Vec<f32>| {
            let (projected, _) = pca.project(row);
            [0, 1].map(|axis| projected.get(axis).copied().unwrap_or_default())
        };
        Ok(files.iter().map(coordinates).collect())
    }

    /// Card with the fields that follow from the project and the settings; the others are empty.
    fn card(&self, trainer: &Trainer, report: &Report, raw_ece: f64) -> Card {
        let files = &self.manifest.files;
        let known = files.iter().any(|file| file.artist.is_some());
        let mut groups = self.artists();
        groups.sort_unstable();
        groups.dedup();
        let mut part = match self.settings.folds {
            0 => "validation files".to_owned(),
            k if report.validation.len() == files.len() => {
                format!("all files, each by the fold of {k} that had not seen it")
            }
            k => format!("the files of those folds of {k} that were done"),
        };
        if self.chose_epoch_on_validation() {
            part += ", which chose the epoch as well";
        }
        let count = |(class, name): (usize, &String)| {
            let n = report
                .train
                .iter()
                .filter(|&&file| files[file].class == class);
            format!("{} of {name}", n.count())
        };
        let classes = self.manifest.classes.iter().enumerate().map(count);
        let classes: Vec<String> = classes.collect();
        Card {
            name: self.manifest.name.clone(),
            command: String::new(),
            date: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data: DataCard {
                file: self.manifest.name.clone(),
                rows: files.len(),
                artists: groups.len(),
                grouping: if known {
                    Grouping::Artist
                } else {
                    Grouping::None
                },
                licence: String::new(),
            },
            fitted_on: format!("{} files: {}", report.train.len(), classes.join(", ")),
            split: SplitConfig {
                seed: self.settings.seed,
                validation: match self.settings.folds {
                    0 => self.settings.validation,
                    _ => 0.0,
                },
                test: 0.0,
                random: !known,
            },
            folds: self.settings.folds,
            recipe: Some(Recipe {
                epoch_selection: if self.keeps_best_epoch() {
                    EpochSelection::Best
                } else {
                    EpochSelection::Last
                },
                ..trainer.recipe().clone()
            }),
            n_parameters: 0,
            multiply_adds: 0,
            estimates: Vec::new(),
            confident: Default::default(),
            repeats: None,
            figures: vec![Figures::new(&part, &report.metrics, raw_ece)],
            headline: Some(Headline {
                part,
                interval: report.interval,
                confusion: report.metrics.confusion.clone(),
            }),
        }
    }
}
