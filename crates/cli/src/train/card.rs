//! The results of a training run: the weights file with its card, and the record.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use tonearm::evaluation::figures::{Confident, Figures, Headline};
use tonearm::training::cross_validation::{CrossValidation, Fit, FitResult};
use tonearm::training::evidence::Evidence;
use tonearm::training::trainer::Trainer;
use tonearm::weights::{DataCard, MeanStd, NetworkSpec};

use super::progress::Progress;
use super::run::Run;
use crate::output;
use crate::storage::records::{self, Record};
use crate::storage::weights_file::{self, command};

/// What was measured during training.
pub struct Measured {
    pub fitted_on: String,
    pub temperature: f32,
    pub threshold: f32,
    pub confident: Confident,
    pub figures: Vec<Figures>,
    pub headline: Headline,
    /// Accuracy over the seeds of a repeated cross-validation.
    pub repeats: Option<MeanStd>,
}

impl Run<'_> {
    /// Writes the weights file and the record.
    pub fn save(
        &self,
        measured: Measured,
        fit: &Fit,
        trainer: &Trainer,
        fits: &CrossValidation,
        progress: Progress,
    ) -> Result<()> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let part = NetworkSpec::new(
            self.model.clone(),
            self.input.clone(),
            normalisation.clone(),
        );
        let evidence = self.evidence(measured, trainer);
        let metadata = evidence.metadata(network, part, self.labels.to_vec());
        weights_file::write(
            &self.options.out,
            network,
            &BTreeMap::new(),
            &metadata,
            &self.artists(&fit.split),
        )?;
        if self.options.json {
            output::json(&metadata.card)?;
        }
        if let Some(folder) = &self.options.records {
            let record = self.record(metadata.card.figures, fits, &progress);
            record.write(folder, &self.options.name())?;
        }
        // Deleted last, and not after Ctrl-C, so that the run can be resumed.
        match trainer.is_finished() {
            true => progress.delete(),
            false => Ok(()),
        }
    }

    fn evidence(&self, measured: Measured, trainer: &Trainer) -> Evidence {
        Evidence {
            name: weights_file::network_name(&self.model).into(),
            command: command(),
            date: String::new(),
            data: DataCard {
                file: self.files[0].name.clone(),
                rows: self.data.len(),
                artists: self.data.artist_id.iter().collect::<BTreeSet<_>>().len(),
                grouping: self.grouping,
                licence: self.options.licence.clone(),
            },
            fitted_on: measured.fitted_on,
            split: self.split_config(),
            folds: self.options.folds.unwrap_or(0),
            recipe: Some(trainer.recipe().clone()),
            temperature: measured.temperature,
            threshold: measured.threshold,
            confident: measured.confident,
            repeats: measured.repeats,
            estimates: Vec::new(),
            figures: measured.figures,
            headline: Some(measured.headline),
        }
    }

    fn record(&self, figures: Vec<Figures>, fits: &CrossValidation, progress: &Progress) -> Record {
        let fit = |(fit, result): (&Fit, &FitResult)| records::Fit {
            name: fit.name.clone(),
            epochs: result
                .epochs
                .iter()
                .zip(1..)
                .map(records::Epoch::new)
                .collect(),
        };
        Record {
            command: command(),
            files: self.files.clone(),
            seed: self.options.seed,
            device: self.options.device.name(),
            model: self.model.clone(),
            recipe: Some(self.recipe.clone()),
            seconds: progress.seconds(),
            fits: fits.ended().map(fit).collect(),
            figures,
        }
    }
}
