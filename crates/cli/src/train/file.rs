//! The weights file of a training run, and the card inside it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use pollster::block_on;
use tonearm::features::FeatureConfig;
use tonearm::models::ModelConfig;
use tonearm::split::Split;
use tonearm::trainer::Trainer;
use tonearm::weights::{Artists, Card, DataCard, FORMAT_VERSION, Figures, Metadata, write};

use super::run::Run;
use crate::output;

/// What is known of how good the network is, and where it came from.
pub struct Evidence {
    pub fitted_on: String,
    pub temperature: f32,
    pub threshold: f32,
    pub figures: Vec<Figures>,
    pub artists: Artists,
}

impl Run<'_> {
    /// Writes the best network so far, with its card.
    pub fn save(&self, trainer: &Trainer, evidence: Evidence) -> Result<()> {
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let (features, model) = (FeatureConfig::mel(), self.model());
        let metadata = Metadata {
            format_version: FORMAT_VERSION,
            fingerprint: features.fingerprint(),
            labels: self.labels.to_vec(),
            normalisation: normalisation.clone(),
            temperature: evidence.temperature,
            threshold: evidence.threshold,
            card: self.card(trainer, &evidence),
            model: ModelConfig::Cnn(model),
            features,
        };
        let bytes = block_on(write(network, &metadata, &evidence.artists))?;

        // Written beside and moved, so that a file is either the old one or the new one.
        let (out, part) = (&self.args.out, self.args.out.with_extension("bpk.part"));
        fs::write(&part, &bytes)
            .and_then(|()| fs::rename(&part, out))
            .with_context(|| format!("cannot write {}", out.display()))?;
        eprintln!("wrote {}, {} bytes", out.display(), bytes.len());
        if self.args.json {
            output::json(&metadata.card)?;
        }
        Ok(())
    }

    fn card(&self, trainer: &Trainer, evidence: &Evidence) -> Card {
        let model = self.model();
        Card {
            name: "convolutional network on mel pictures".into(),
            command: command(),
            data: DataCard {
                file: self
                    .args
                    .data
                    .file_name()
                    .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                rows: self.data.len(),
                artists: self.data.artist_id.iter().collect::<BTreeSet<_>>().len(),
            },
            fitted_on: evidence.fitted_on.clone(),
            split: self.split.clone(),
            folds: self.args.folds.unwrap_or(0),
            recipe: trainer.recipe().clone(),
            n_parameters: trainer.n_parameters(),
            multiply_adds: model.multiply_adds(self.data.shape[1]),
            figures: evidence.figures.clone(),
        }
    }

    /// The artists of a split's rows.
    pub fn artists(&self, split: &Split) -> Artists {
        let of = |rows: &[usize]| {
            let artists: BTreeSet<i32> = rows.iter().map(|&row| self.data.artist_id[row]).collect();
            artists.into_iter().collect()
        };
        Artists {
            train: of(&split.train),
            validation: of(&split.validation),
            test: of(&split.test),
        }
    }
}

/// The command line as it was typed, without folders of this machine.
fn command() -> String {
    let word = |word: String| match word.rsplit_once('/') {
        Some((_, name)) => name.to_owned(),
        None => word,
    };
    let arguments = std::env::args().skip(1).map(word);
    std::iter::once("tonearm".to_owned())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
