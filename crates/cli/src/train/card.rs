//! The results of a training run: the weights file with its card, and the record.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use tonearm::evaluation::figures::{Confident, Figures, Headline};
use tonearm::training::trainer::Trainer;
use tonearm::weights::{Artists, Card, DataCard, FORMAT_VERSION, MeanStd, Metadata, NetworkSpec};

use super::fit::Fitted;
use super::progress::Progress;
use super::run::Run;
use crate::output;
use crate::storage::records::{Fit, Record};
use crate::storage::weights_file::{self, command};

/// What was measured during training, for the card.
pub struct Evidence {
    pub fitted_on: String,
    pub temperature: f32,
    pub threshold: f32,
    pub figures: Vec<Figures>,
    pub headline: Headline,
    pub confident: Confident,
    /// Accuracy over the seeds of a repeated cross-validation.
    pub repeats: Option<MeanStd>,
    pub artists: Artists,
}

impl Run<'_> {
    /// Writes the weights file and the record.
    pub fn save(&self, fitted: Fitted, evidence: Evidence, progress: Progress) -> Result<()> {
        let Fitted { trainer, fit } = fitted;
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let metadata = Metadata {
            format_version: FORMAT_VERSION,
            network: NetworkSpec::new(
                self.model.clone(),
                self.input.clone(),
                normalisation.clone(),
            ),
            parts: BTreeMap::new(),
            labels: self.labels.to_vec(),
            temperature: evidence.temperature,
            threshold: evidence.threshold,
            card: self.card(&trainer, &evidence),
        };
        weights_file::write(
            &self.options.out,
            network,
            &BTreeMap::new(),
            &metadata,
            &evidence.artists,
        )?;
        if self.options.json {
            output::json(&metadata.card)?;
        }
        if let Some(folder) = &self.options.records {
            let record = self.record(&evidence, &progress, fit);
            record.write(folder, &self.options.name())?;
        }
        // Deleted last, and not after Ctrl-C, so that the run can be resumed.
        match trainer.is_finished() {
            true => progress.delete(),
            false => Ok(()),
        }
    }

    fn card(&self, trainer: &Trainer, evidence: &Evidence) -> Card {
        Card {
            name: weights_file::network_name(&self.model).into(),
            command: command(),
            date: String::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            data: DataCard {
                file: self.files[0].name.clone(),
                rows: self.data.len(),
                artists: self.data.artist_id.iter().collect::<BTreeSet<_>>().len(),
                grouping: self.grouping,
                licence: self.options.licence.clone(),
            },
            fitted_on: evidence.fitted_on.clone(),
            split: self.split_config(),
            folds: self.options.folds.unwrap_or(0),
            recipe: Some(trainer.recipe().clone()),
            n_parameters: trainer.n_parameters(),
            multiply_adds: self.model.multiply_adds(&self.input),
            estimates: Vec::new(),
            confident: evidence.confident,
            repeats: evidence.repeats.clone(),
            figures: evidence.figures.clone(),
            headline: Some(evidence.headline.clone()),
        }
    }

    fn record(&self, evidence: &Evidence, progress: &Progress, last: Fit) -> Record {
        Record {
            command: command(),
            files: self.files.clone(),
            seed: self.options.seed,
            device: self.options.device.name(),
            model: self.model.clone(),
            recipe: Some(self.recipe.clone()),
            seconds: progress.seconds(),
            fits: progress.fits(last),
            figures: evidence.figures.clone(),
        }
    }
}
