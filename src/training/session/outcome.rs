//! What a run came to: a weights file, and a report on how good it is.

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
use crate::evaluation::metrics::{Bin, Metrics, reliability, wilson_interval};
use crate::models::softmax;
use crate::recipe::{Keep, Recipe};
use crate::training::trainer::Trainer;
use crate::weights::{Artists, Card, DataCard, FORMAT_VERSION, Grouping, Metadata, Weights};
use crate::{Error, Result};

/// Fewest artists kept back that can say how sure the network may be of itself.
const ENOUGH: usize = 50;

/// Parts of the artists: how sure the network may be of the files of one is chosen on the others, so that no
/// file is measured by what it helped to choose.
const PARTS: usize = 5;

/// Most files that t-SNE draws in seconds; of more, the widest two axes are shown.
const MANY: usize = 1500;

/// The result of a run.
pub struct Outcome {
    /// The classifier.
    pub weights: Weights,
    /// How good it is.
    pub report: Report,
}

/// How good a run's network is, by file.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Files that the network was fitted on.
    pub train: Vec<usize>,
    /// Files that it was measured on; with folds, each by a network that had not seen it.
    pub validation: Vec<usize>,
    /// Answers for those files.
    pub answers: Vec<FileAnswer>,
    /// Figures of those answers.
    pub metrics: Metrics,
    /// The same answers by how sure they are.
    pub reliability: Vec<Bin>,
    /// Bounds of the share right with 95 % confidence, where files of one artist count as one.
    pub interval: [f64; 2],
    /// Where each file is drawn: those that sound alike are near each other.
    pub places: Vec<[f32; 2]>,
    /// Number of the epoch that was kept, from 1.
    pub kept_epoch: usize,
    /// Loss of the very first step, in nats: what another machine repeats.
    pub first_loss: f32,
    /// What a reader of the figures should know.
    pub notes: Vec<Note>,
}

/// The answer for a file that was kept back.
#[derive(Clone, Debug, Serialize)]
pub struct FileAnswer {
    /// Its place among the project's files.
    pub file: usize,
    /// Of each class: the mean over its windows.
    pub probabilities: Vec<f32>,
}

/// What a reader of the figures should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// All files of a class are by one artist, so some of that artist's trained and some validated.
    OneArtist {
        /// Name of the class.
        class: String,
    },
    /// The run ended early and kept the epoch with the lowest loss on the files that the figures are of,
    /// so they flatter.
    Chosen,
    /// The run went on from networks without the optimiser's moments, so it is not quite the run that it
    /// would have been.
    Restarted {
        /// How often.
        times: usize,
    },
}

impl Session {
    /// The classifier and the report, once the run is over or has been stopped.
    ///
    /// `date` is today's, for the card; `command` is what repeats the run.
    ///
    /// # Errors
    /// [`Error::Project`] if the run is not over, [`Error::Device`] if the device fails.
    pub async fn finish(&self, date: &str, command: &str) -> Result<Outcome> {
        let unfinished = || Error::Project("the training is not over yet".into());
        let trainer = self.trainer.as_ref().filter(|_| self.over);
        let trainer = trainer.ok_or_else(unfinished)?;
        let (kept, normalisation) = self.kept();
        let (part, network) = self.task.finish(&kept, normalisation).await?;

        let parts = self.held_out();
        let mut all = HeldOut::default();
        parts.iter().for_each(|part| all.append(part.clone()));
        let enough = all.artists.iter().collect::<BTreeSet<_>>().len() >= ENOUGH;
        let choose = |held_out: &HeldOut| {
            if !enough {
                // Half way from a guess to certainty.
                return (1.0, (1.0 + 1.0 / self.manifest.classes.len() as f32) / 2.0);
            }
            // Where nearly all is right the loss would have answers ever surer: never surer than trained.
            let temperature = held_out.temperature().max(1.0);
            (temperature, held_out.threshold(temperature))
        };
        let (temperature, threshold) = choose(&all);
        let choices = HeldOut::cross_fit(&parts, choose);
        let report = self.report(self.answers(|part| choices[part].0))?;
        let raw_ece = self.metrics(&self.answers(|_| 1.0)).ece;
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

    /// Logits of the windows that were kept back, in [`PARTS`] parts.
    fn held_out(&self) -> Vec<HeldOut> {
        let artists = self.artists();
        let parts = self.parts();
        let mut held_out = vec![HeldOut::default(); PARTS];
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

    /// The part of each file: artists are dealt out in turn.
    fn parts(&self) -> Vec<usize> {
        let artists = self.artists();
        let all: BTreeSet<i32> = artists.iter().copied().collect();
        let parts: BTreeMap<i32, usize> = all.into_iter().zip((0..PARTS).cycle()).collect();
        artists.iter().map(|artist| parts[artist]).collect()
    }

    /// The answers for the files that were kept back, those of each part at a temperature.
    fn answers(&self, temperature_of: impl Fn(usize) -> f32) -> Vec<FileAnswer> {
        let parts = self.parts();
        let windows = self.manifest.windows().into_iter().enumerate();
        let answer = |(file, rows): (usize, Range<usize>)| {
            let logits: Option<Vec<_>> = self.held_out[rows].iter().cloned().collect();
            let temperature = temperature_of(parts[file]);
            let windows = logits?.into_iter().map(|row| softmax(&row, temperature));
            let probabilities = mean(&windows.collect::<Vec<_>>());
            Some(FileAnswer {
                file,
                probabilities,
            })
        };
        windows.filter_map(answer).collect()
    }

    /// Probabilities and classes of answers.
    fn told(&self, answers: &[FileAnswer]) -> (Vec<Vec<f32>>, Vec<usize>) {
        let answer = |answer: &FileAnswer| {
            let class = self.manifest.files[answer.file].class;
            (answer.probabilities.clone(), class)
        };
        answers.iter().map(answer).unzip()
    }

    fn metrics(&self, answers: &[FileAnswer]) -> Metrics {
        let (rows, truth) = self.told(answers);
        Metrics::new(&rows, &truth, &self.manifest.classes)
    }

    fn report(&self, answers: Vec<FileAnswer>) -> Result<Report> {
        let (rows, truth) = self.told(&answers);
        let metrics = self.metrics(&answers);
        let artists = self.artists();
        let embedded: BTreeSet<i32> = answers.iter().map(|a| artists[a.file]).collect();
        Ok(Report {
            train: self.fits[self.fit].train.clone(),
            validation: answers.iter().map(|answer| answer.file).collect(),
            reliability: reliability(&rows, &truth).to_vec(),
            interval: wilson_interval(metrics.top1, embedded.len()),
            metrics,
            places: self.places()?,
            kept_epoch: self.kept_epoch(),
            first_loss: self.first_loss.unwrap_or(f32::NAN),
            notes: self.notes(),
            answers,
        })
    }

    /// Whether an epoch was chosen on files that the figures are of.
    fn chose(&self) -> bool {
        let measured = !self.fits[self.fit].validation.is_empty();
        self.settings.stops_early() || (measured && self.chooses())
    }

    fn notes(&self) -> Vec<Note> {
        let class = |&class: &usize| self.manifest.classes[class].clone();
        let classes_with_leakage = self.classes_with_leakage.iter().map(class);
        let mut notes: Vec<Note> = classes_with_leakage
            .map(|class| Note::OneArtist { class })
            .collect();
        if self.chose() {
            notes.push(Note::Chosen);
        }
        if self.restarts > 0 {
            let times = self.restarts;
            notes.push(Note::Restarted { times });
        }
        notes
    }

    /// A number for each file's artist; a file whose artist is not known has one of its own.
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

    /// Each file on a plane, by what the network hears in it.
    fn places(&self) -> Result<Vec<[f32; 2]>> {
        let windows = self.manifest.windows().into_iter();
        let files: Vec<Vec<f32>> = windows.map(|rows| mean(&self.embedded[rows])).collect();
        if files.len() <= MANY {
            return projection::places(&files);
        }
        let axes = Pca::fit(&files, 2)?;
        let place = |row: &Vec<f32>| {
            let (along, _) = axes.project(row);
            [0, 1].map(|axis| along.get(axis).copied().unwrap_or_default())
        };
        Ok(files.iter().map(place).collect())
    }

    /// What the project and the settings say of the network; the rest is empty.
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
        if self.chose() {
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
                keep: if self.chooses() {
                    Keep::Best
                } else {
                    Keep::Last
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
