//! Outcome of a run: a weights file, and a report on its accuracy.

use std::collections::{BTreeMap, BTreeSet};

use super::Session;
use super::fitting::Phase;
use super::report::{Report, Results};
use super::stage::Stage;
use crate::data::split::SplitConfig;
use crate::evaluation::calibration::HeldOut;
use crate::evaluation::figures::{Confident, Figures, Headline};
use crate::recipe::{EpochSelection, Recipe};
use crate::training::evidence::Evidence;
use crate::weights::{Artists, DataCard, Grouping, Weights};
use crate::{Error, Result};

/// Minimum number of validation artists for fitting the temperature and threshold.
const MIN_ARTISTS: usize = 50;

/// Number of parts of the validation artists for cross-fitting: the temperature and threshold of
/// each part are chosen on the others, so that no file is scored with a choice that it influenced.
const N_PARTS: usize = 5;

/// Result of a run.
pub struct Outcome {
    /// Trained classifier.
    pub weights: Weights,
    /// Accuracy of the classifier.
    pub report: Report,
}

/// Temperature and threshold, and the figures measured with them.
struct Calibration {
    temperature: f32,
    threshold: f32,
    confident: Confident,
    report: Report,
    /// Calibration error of the predictions without a temperature.
    raw_ece: f64,
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
        let Stage::Fitting(fitting) = &self.stage else {
            return Err(Error::Unfinished);
        };
        let Phase::Finished(kept, embeddings) = &fitting.phase else {
            return Err(Error::Unfinished);
        };
        let results = Results {
            plan: &self.plan,
            fits: &self.fits,
            fit: &fitting.fit,
            kept,
            embeddings,
        };
        let normalisation = fitting.trainer.normalisation();
        let (part, network) = self.plan.task.finish(&kept.network, normalisation).await?;
        let calibration = results.calibrate()?;
        let evidence = Evidence {
            date: date.to_owned(),
            command: command.to_owned(),
            ..results.evidence(fitting.trainer.recipe(), &calibration)
        };
        let metadata = evidence.metadata(&network, part, self.plan.manifest.classes.clone());
        let (parts, artists) = (BTreeMap::new(), Artists::default());
        let weights = Weights::of(&network, &parts, metadata, artists).await?;
        Ok(Outcome {
            weights,
            report: calibration.report,
        })
    }
}

impl Results<'_> {
    /// Chooses the temperature and threshold on the held-out windows.
    fn calibrate(&self) -> Result<Calibration> {
        let part_of = self.parts();
        let parts = self.held_out_by(&part_of);
        let mut all = HeldOut::default();
        parts.iter().for_each(|part| all.append(part.clone()));
        let enough_artists = all.artists.iter().collect::<BTreeSet<_>>().len() >= MIN_ARTISTS;
        let choose = |held_out: &HeldOut| {
            if !enough_artists {
                // Too few artists to fit anything: half way between chance and certainty.
                let chance = 1.0 / self.plan.manifest.classes.len() as f32;
                return (1.0, (1.0 + chance) / 2.0);
            }
            // Never below 1: where nearly all predictions are correct, the loss would favour
            // overconfidence.
            let temperature = held_out.temperature().max(1.0);
            (temperature, held_out.threshold(temperature))
        };
        let (temperature, threshold) = choose(&all);
        let choices = HeldOut::cross_fit(&parts, choose);
        Ok(Calibration {
            temperature,
            threshold,
            confident: HeldOut::confident_by(&parts, &choices),
            report: self.report(self.predictions(|file| choices[part_of[file]].0))?,
            raw_ece: self.metrics(&self.predictions(|_| 1.0)).ece,
        })
    }

    /// Part of each file; artists are assigned round-robin.
    fn parts(&self) -> Vec<usize> {
        let artists = &self.plan.artists;
        let all: BTreeSet<i32> = artists.iter().copied().collect();
        let parts: BTreeMap<i32, usize> = all.into_iter().zip((0..N_PARTS).cycle()).collect();
        artists.iter().map(|artist| parts[artist]).collect()
    }

    /// Logits of the held-out windows, in [`N_PARTS`] parts.
    fn held_out_by(&self, part_of: &[usize]) -> Vec<HeldOut> {
        let all = self.held_out();
        let mut parts = vec![HeldOut::default(); N_PARTS];
        for (file, windows) in self.plan.windows.iter().enumerate() {
            let part = &mut parts[part_of[file]];
            for logits in all[windows.clone()].iter().flatten() {
                part.logits.push_row(logits);
                part.truth.push(self.plan.manifest.files[file].class);
                part.artists.push(self.plan.artists[file]);
            }
        }
        parts
    }

    fn evidence(&self, recipe: &Recipe, calibration: &Calibration) -> Evidence {
        let (manifest, settings) = (&self.plan.manifest, &self.plan.settings);
        let report = &calibration.report;
        let files = &manifest.files;
        let known = files.iter().any(|file| file.artist.is_some());
        let groups: BTreeSet<i32> = self.plan.artists.iter().copied().collect();
        let part = self.part_name(report);
        let count = |(class, name): (usize, &String)| {
            let of_class = |file: &&usize| files[**file].class == class;
            format!("{} of {name}", report.train.iter().filter(of_class).count())
        };
        let classes: Vec<String> = manifest.classes.iter().enumerate().map(count).collect();
        let epoch_selection = match self.kept.is_best {
            true => EpochSelection::Best,
            false => EpochSelection::Last,
        };
        Evidence {
            name: manifest.name.clone(),
            command: String::new(),
            date: String::new(),
            data: DataCard {
                file: manifest.name.clone(),
                rows: files.len(),
                artists: groups.len(),
                grouping: match known {
                    true => Grouping::Artist,
                    false => Grouping::None,
                },
                licence: String::new(),
            },
            fitted_on: format!("{} files: {}", report.train.len(), classes.join(", ")),
            split: SplitConfig {
                seed: settings.seed,
                validation: match settings.folds {
                    0 => settings.validation,
                    _ => 0.0,
                },
                test: 0.0,
                random: !known,
            },
            folds: settings.folds,
            recipe: Some(Recipe {
                epoch_selection,
                ..recipe.clone()
            }),
            temperature: calibration.temperature,
            threshold: calibration.threshold,
            confident: calibration.confident,
            repeats: None,
            estimates: Vec::new(),
            figures: vec![Figures::new(&part, &report.metrics, calibration.raw_ece)],
            headline: Some(Headline {
                part,
                interval: report.interval,
                confusion: report.metrics.confusion.clone(),
            }),
        }
    }

    /// Name of the files that the figures are measured on.
    fn part_name(&self, report: &Report) -> String {
        let mut part = match self.plan.settings.folds {
            0 => "validation files".to_owned(),
            k if report.validation.len() == self.plan.windows.len() => {
                format!("all files, each by the fold of {k} that had not seen it")
            }
            k => format!("the files of those folds of {k} that were done"),
        };
        if self.chose_epoch_on_validation() {
            part += ", which chose the epoch as well";
        }
        part
    }
}
