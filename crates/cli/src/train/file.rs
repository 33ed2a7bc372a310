//! The weights file of a training run, and the card inside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use pollster::block_on;
use sha2::{Digest, Sha256};
use tonearm::data::split::Split;
use tonearm::evaluation::figures::{Confident, Figures, Headline};
use tonearm::models::{ModelConfig, Network};
use tonearm::training::trainer::Trainer;
use tonearm::weights::{
    Artists, Card, DataCard, FORMAT_VERSION, Grouping, MeanStd, Metadata, Part, Weights,
};

use super::progress::Progress;
use super::record::{Fit, Record};
use super::run::{Fitted, Run};
use crate::output;

/// What is known of how good the network is, and where it came from.
pub struct Evidence {
    pub fitted_on: String,
    pub temperature: f32,
    pub threshold: f32,
    pub figures: Vec<Figures>,
    pub headline: Headline,
    pub confident: Confident,
    /// Over the seeds of a repeated cross-validation.
    pub repeats: Option<MeanStd>,
    pub artists: Artists,
}

impl Run<'_> {
    /// Writes the best network so far, with its card.
    pub fn save(&self, fitted: Fitted, evidence: Evidence, progress: Progress) -> Result<()> {
        let Fitted { trainer, fit } = fitted;
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let metadata = Metadata {
            format_version: FORMAT_VERSION,
            network: Part::new(
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
        let parts = BTreeMap::new();
        write_weights(
            &self.options.out,
            network,
            &parts,
            &metadata,
            &evidence.artists,
        )?;
        if self.options.json {
            output::json(&metadata.card)?;
        }
        if let Some(folder) = &self.options.record {
            let record = self.record(&evidence, &progress, fit);
            record.write(folder, &self.options.name())?;
        }
        // Now that all is written; and a run that Ctrl-C ended can still go on.
        match trainer.is_over() {
            true => progress.remove(),
            false => Ok(()),
        }
    }

    fn card(&self, trainer: &Trainer, evidence: &Evidence) -> Card {
        Card {
            name: name(&self.model).into(),
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
            split: self.options.split(&self.recipe, self.share),
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

    /// The artists of a split's rows, or their groups, or the numbers of the rows.
    pub fn artists(&self, split: &Split) -> Artists {
        // Rows that count for themselves are numbered: that tells test rows of the same table, and of
        // rows that were all fitted on it would say nothing but mix with the numbers of other tables.
        if self.grouping == Grouping::None && split.test.is_empty() {
            return Artists::default();
        }
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

/// Writes the weights file of networks.
///
/// # Errors
/// As [`save`].
pub fn write_weights(
    out: &Path,
    network: &Network,
    parts: &BTreeMap<String, Network>,
    metadata: &Metadata,
    artists: &Artists,
) -> Result<()> {
    let weights = Weights::of(network, parts, metadata.clone(), artists.clone());
    save(out, &block_on(weights)?)
}

/// Writes a weights file.
///
/// # Errors
/// If it cannot be packed or written.
pub fn save(out: &Path, weights: &Weights) -> Result<()> {
    let bytes = weights.to_bytes()?;
    // What this version would refuse to read is not written.
    Weights::read(&bytes)?;
    // Written beside and moved, so that a file is either the old one or the new one.
    let part = out.with_extension("bpk.part");
    fs::write(&part, &bytes)
        .and_then(|()| fs::rename(&part, out))
        .with_context(|| format!("cannot write {}", out.display()))?;
    eprintln!("wrote {}, {} bytes", out.display(), bytes.len());
    Ok(())
}

/// What a network is, in a few words.
pub fn name(model: &ModelConfig) -> &'static str {
    match model {
        ModelConfig::Cnn(_) => "convolutional network on mel pictures",
        ModelConfig::Rnn(_) => "recurrent network on MFCC sequences",
        ModelConfig::Mlp(_) => "multi-layer perceptron on a table",
        ModelConfig::OriginalCnn(_) => "the study's convolutional network on mel pictures",
        ModelConfig::OriginalRnn(_) => "the study's recurrent network on MFCC sequences",
        ModelConfig::Attributes(_) => "estimates of Echo Nest features from mel pictures",
    }
}

/// SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// If it cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let mut sha256 = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    let mut digest = || -> io::Result<()> {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(()),
                n => sha256.update(&chunk[..n]),
            }
        }
    };
    digest().with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(digits(&sha256.finalize()))
}

/// SHA-256 of bytes, in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file's name without its folder and ending.
pub fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// A file's name without its folder.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The command line as it was typed, without folders of this machine; a run that went on after a stop
/// is the same run.
pub fn command() -> String {
    // Folders of files that are there, or, as weights, will be; a text with a slash stays.
    let is_file = |word: &str| Path::new(word).exists() || word.ends_with(".bpk");
    let word = |word: String| match word.rsplit_once('/') {
        Some((_, name)) if is_file(&word) => name.to_owned(),
        _ => word,
    };
    let arguments = std::env::args().skip(1).filter(|word| word != "--resume");
    let words: Vec<String> = ["tonearm".to_owned()]
        .into_iter()
        .chain(arguments.map(word))
        .collect();
    // Nothing but a zero byte cannot be quoted, and no argument holds one.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
}
