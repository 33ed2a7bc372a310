//! Weights files: reading, writing, and the texts of the card inside.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::Classifier;
use tonearm::models::{ModelConfig, Network};
use tonearm::weights::{Artists, DataCard, Grouping, Metadata, Weights};

use crate::device::Backend;
use crate::{output, storage::files};

/// The weights built into the binary. The path is within the crate, since cargo publishes nothing outside it.
pub const BUILT_IN: &[u8] = include_bytes!("../../weights/fusion.bpk");

/// Reads a weights file.
///
/// # Errors
/// If the file cannot be read or is not a weights file.
pub fn read(path: &Path) -> Result<Weights> {
    Weights::read(&files::read(path)?).with_context(|| path.display().to_string())
}

/// A classifier with the weights in a file, or with the built-in weights.
///
/// # Errors
/// If the file cannot be read or is not a weights file, or the device cannot be started.
pub fn classifier(path: Option<&Path>, device: Backend) -> Result<Classifier> {
    let Some(path) = path else {
        let classifier = device.classifier(BUILT_IN);
        return classifier.context("cannot use the built-in weights");
    };
    let classifier = device.classifier(&files::read(path)?);
    classifier.with_context(|| path.display().to_string())
}

/// What made a prediction, for JSON output.
#[derive(Clone, Serialize)]
pub struct Origin {
    /// Name of the network on the card of the weights file.
    network: String,
    weights_sha256: String,
    /// Version of this binary.
    version: &'static str,
}

impl Origin {
    /// The origin of predictions with the weights in a file, or with the built-in weights.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn of(path: Option<&Path>, metadata: &Metadata) -> Result<Self> {
        Ok(Self {
            network: metadata.card.name.clone(),
            weights_sha256: match path {
                Some(path) => files::sha256(path)?,
                None => files::sha256_of_bytes(BUILT_IN),
            },
            version: env!("CARGO_PKG_VERSION"),
        })
    }
}

/// What the rows of training data are grouped by, in the plural; `None` if every row counts as a group of its
/// own, because artists and groups are unknown.
pub fn group_name(data: &DataCard) -> Option<&'static str> {
    match data.grouping {
        _ if data.artists == data.rows => None,
        Grouping::Artist => Some("artists"),
        Grouping::Group => Some("groups of tracks"),
        Grouping::None => None,
    }
}

/// Writes networks to a weights file.
///
/// # Errors
/// As [`save`].
pub fn write(
    out: &Path,
    network: &Network,
    parts: &BTreeMap<String, Network>,
    metadata: &Metadata,
    artists: &Artists,
) -> Result<()> {
    let weights = Weights::of(network, parts, metadata.clone(), artists.clone());
    save(out, &block_on(weights)?)
}

/// Saves weights to a file.
///
/// # Errors
/// If the weights cannot be serialised or the file cannot be written.
pub fn save(out: &Path, weights: &Weights) -> Result<()> {
    let bytes = weights.to_bytes()?;
    // Checks that this version can read the file back before it replaces an older one.
    Weights::read(&bytes)?;
    // Written to a temporary file and renamed, so that an interruption keeps the old file.
    let part = out.with_added_extension("part");
    let written = fs::write(&part, &bytes).and_then(|()| fs::rename(&part, out));
    if written.is_err() {
        // What is left of it is of no use. If it cannot be removed either, the first error says why.
        let _ = fs::remove_file(&part);
    }
    written.with_context(|| format!("cannot write {}", out.display()))?;
    output::note(format_args!(
        "wrote {}, {} bytes",
        out.display(),
        bytes.len()
    ));
    Ok(())
}

/// A short description of a network, for its card.
pub fn network_name(model: &ModelConfig) -> &'static str {
    match model {
        ModelConfig::Cnn(_) => "convolutional network on log-mel patches",
        ModelConfig::Rnn(_) => "recurrent network on MFCC sequences",
        ModelConfig::Mlp(_) => "multi-layer perceptron on a table",
        ModelConfig::OriginalCnn(_) => "the study's convolutional network on log-mel patches",
        ModelConfig::OriginalRnn(_) => "the study's recurrent network on MFCC sequences",
        ModelConfig::Attributes(_) => "estimates of Echo Nest features from log-mel patches",
    }
}

/// The command line of this process, for the card.
///
/// Folders are removed because they differ between machines, and so is `--resume` because a resumed run
/// gives the same result.
pub fn command() -> String {
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|word| without_folders(&word.to_string_lossy()));
    let words: Vec<String> = ["tonearm".to_owned()]
        .into_iter()
        .chain(arguments.filter(|word| word != "--resume"))
        .collect();
    // Quoting fails only for NUL bytes, which arguments cannot contain.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
}

/// An argument without the folders of the path that it is, or that follows `--option=`.
fn without_folders(word: &str) -> String {
    let (option, value) = match word.split_once('=') {
        Some((option, value)) if option.starts_with("--") => (&word[..=option.len()], value),
        _ => ("", word),
    };
    let path = Path::new(value);
    // Weights files may not exist yet. Other text with a slash is kept as it is.
    let is_path = path.exists() || value.ends_with(".bpk");
    match path.file_name() {
        Some(name) if is_path => format!("{option}{}", name.to_string_lossy()),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_removed_from_paths_only() {
        let folder = std::env::temp_dir();
        let name = folder.file_name().expect("the folder has a name");
        let name = name.to_string_lossy();
        for (word, expected) in [
            ("a/b/w.bpk".to_owned(), "w.bpk".to_owned()),
            ("--out=a/b/w.bpk".to_owned(), "--out=w.bpk".to_owned()),
            (format!("{}/", folder.display()), name.clone().into_owned()),
            (
                format!("--records={}", folder.display()),
                format!("--records={name}"),
            ),
            ("Rock/Pop".to_owned(), "Rock/Pop".to_owned()),
            (
                "--genres=Rock/Pop,Folk".to_owned(),
                "--genres=Rock/Pop,Folk".to_owned(),
            ),
        ] {
            assert_eq!(without_folders(&word), expected);
        }
    }
}
