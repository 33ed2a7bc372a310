//! The compared networks, and their figures in weights files and records.

use std::path::Path;

use anyhow::{Context, Result};
use tonearm::data::Dataset;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::weights::Metadata;

use crate::input::sources::read_held_out;
use crate::output::percent_value;
use crate::storage::records::Record;
use crate::storage::weights_file;

/// The folders that hold the results of training.
#[derive(Clone, Copy)]
pub struct Folders<'a> {
    pub weights: &'a Path,
    pub records: &'a Path,
}

/// One row of the first table.
pub struct Line {
    /// Name of our weights file and record.
    pub name: &'static str,
    /// Network, classes and input.
    pub task: &'static str,
    /// Name of the study's records without the suffix `-random` or `-artist`, if the study had this network.
    pub original: Option<&'static str>,
    /// The figure in the study.
    pub study: &'static str,
    /// Names of the records of its input data.
    pub reads: &'static [&'static str],
    /// Published results on the same data.
    pub published: &'static str,
    /// Whether the figure is the balanced accuracy.
    pub balanced: bool,
    /// Whether the split is by artist (or group of tracks); otherwise it is random.
    pub by_artist: bool,
}

/// The rows of the first table.
pub const LINES: [Line; 6] = [
    Line {
        name: "cnn",
        task: "CNN, 8 genres, 30 s log-mel patch",
        original: Some("original-cnn"),
        study: "37.23",
        reads: &["cnn"],
        published: "plain CNN 48.9 / 80.4, with VGGish 49.7 / 82.3",
        balanced: false,
        by_artist: true,
    },
    Line {
        name: "rnn",
        task: "RNN, 8 genres, 3 s of MFCC",
        original: Some("original-rnn"),
        study: "28.66 / 60.75",
        reads: &["rnn"],
        published: "convolution and BiGRU 39.4 / 69.6",
        balanced: false,
        by_artist: true,
    },
    Line {
        name: "fusion",
        task: "fusion, 8 genres",
        original: None,
        study: "",
        reads: &["cnn", "rnn"],
        published: "CNN and BiGRU averaged 49.8 / 81.1, three networks 51.1, SVM on VGGish 56.1",
        balanced: false,
        by_artist: true,
    },
    Line {
        name: "mlp-rock-electronic",
        task: "MLP, Rock or Electronic, 8 Echo Nest features",
        original: Some("original-mlp"),
        study: "75.75",
        reads: &["mlp-rock-electronic"],
        published: "logistic regression 76.6, random forest 80.9, gradient boosting 81.4, SVM 81.7",
        balanced: false,
        by_artist: false,
    },
    Line {
        name: "mlp-four",
        task: "MLP, 4 genres, balanced accuracy",
        original: None,
        study: "",
        reads: &["mlp-four"],
        published: "67.7 on unseen rows",
        balanced: true,
        by_artist: true,
    },
    Line {
        name: "mlp-eleven",
        task: "MLP, 11 genres, balanced accuracy",
        original: None,
        study: "",
        reads: &["mlp-eleven"],
        published: "",
        balanced: true,
        by_artist: true,
    },
];

/// A network of ours with its cross-validated logits.
pub struct Ours {
    pub metadata: Metadata,
    pub rows: Dataset,
    pub held_out: HeldOut,
}

impl Ours {
    pub fn read(folders: &Folders, name: &str) -> Result<Self> {
        let metadata = weights_file::read(&folders.weights.join(format!("{name}.bpk")))?.metadata;
        let record = folders.records.join(format!("{name}.npz"));
        let (held_out, rows) = read_held_out(&record, metadata.labels.len())?;
        Ok(Self {
            metadata,
            rows,
            held_out,
        })
    }
}

/// Top-1 and, for more than two labels, top-3 accuracy in a record, as text, on the first part whose name
/// starts with `part`.
pub fn figure(folder: &Path, name: &str, part: &str) -> Result<String> {
    Ok(match figures(folder, name, part)? {
        None => "not trained yet".into(),
        Some((2, figures)) => percent_value(figures.top1),
        Some((_, figures)) => format!(
            "{} / {}",
            percent_value(figures.top1),
            percent_value(figures.top3)
        ),
    })
}

/// Number of labels and figures in a record, on the first part whose name starts with `part`; `None` if there
/// is no record.
pub fn figures(folder: &Path, name: &str, part: &str) -> Result<Option<(usize, Figures)>> {
    let path = folder.join(format!("{name}.json"));
    if !path.exists() {
        return Ok(None);
    }
    let record = Record::read(&path)?;
    let n_labels = record.model.n_labels();
    let mut parts = record.figures.into_iter();
    let figures = parts
        .find(|figures| figures.part.starts_with(part))
        .with_context(|| format!("{} has no figures for the part \"{part}\"", path.display()))?;
    Ok(Some((n_labels, figures)))
}
