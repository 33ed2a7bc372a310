//! `tonearm compare`: the study's networks beside ours, and what limits these, in Markdown.

mod files;
mod fitted;
mod limits;
mod retrain;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tonearm::data::Dataset;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::evaluation::metrics::Metrics;
use tonearm::weights::{Card, Metadata};

use crate::output;
use crate::sources::{read_held_out, read_weights};
use crate::train::record::Record;

/// Compare the study's networks with ours
///
/// Prints Markdown from the records of the runs: for ours, what each fold said of rows that it had
/// not seen. Every command that made a record stands in it, and all of them in commands.txt.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder of the weights files
    #[arg(long, value_name = "DIR", default_value = "pkg/weights")]
    weights: PathBuf,
    /// Folder of the records
    #[arg(long, value_name = "DIR", default_value = "runs")]
    records: PathBuf,
    /// First run every command again that made the weights and records, which takes hours, and then
    /// replace them; started again after a stop, it goes on
    #[arg(long, requires = "data")]
    retrain: bool,
    /// Folder of the data that the commands read: the weights are evaluated on them as well
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// One line of the table.
struct Line {
    /// Name of our weights file and record.
    name: &'static str,
    /// What is told apart, from what.
    task: &'static str,
    /// Name of the records of the study's network, if it had one; `-random` and `-artist` follow.
    original: Option<&'static str>,
    /// What the study printed.
    study: &'static str,
    /// Names of the records whose rows it reads.
    reads: &'static [&'static str],
    /// What others reached on the same data.
    marks: &'static str,
    /// Whether the figure is the mean recall.
    balanced: bool,
    /// Whether artists (or groups of tracks, in a table) were kept apart; else rows were dealt out
    /// at random.
    apart: bool,
}

const LINES: [Line; 6] = [
    Line {
        name: "cnn",
        task: "CNN, 8 genres, 30 s log-mel patch",
        original: Some("original-cnn"),
        study: "37.23",
        reads: &["cnn"],
        marks: "plain CNN 48.9 / 80.4, with VGGish 49.7 / 82.3",
        balanced: false,
        apart: true,
    },
    Line {
        name: "rnn",
        task: "RNN, 8 genres, 3 s of MFCC",
        original: Some("original-rnn"),
        study: "28.66 / 60.75",
        reads: &["rnn"],
        marks: "convolution and BiGRU 39.4 / 69.6",
        balanced: false,
        apart: true,
    },
    Line {
        name: "fusion",
        task: "fusion, 8 genres",
        original: None,
        study: "",
        reads: &["cnn", "rnn"],
        marks: "CNN and BiGRU averaged 49.8 / 81.1, three networks 51.1, SVM on VGGish 56.1",
        balanced: false,
        apart: true,
    },
    Line {
        name: "mlp-rock-electronic",
        task: "MLP, Rock or Electronic, 8 Echo Nest features",
        original: Some("original-mlp"),
        study: "75.75",
        reads: &["mlp-rock-electronic"],
        marks: "logistic regression 76.6, random forest 80.9, gradient boosting 81.4, SVM 81.7",
        balanced: false,
        apart: false,
    },
    Line {
        name: "mlp-four",
        task: "MLP, 4 genres, balanced accuracy",
        original: None,
        study: "",
        reads: &["mlp-four"],
        marks: "67.7 on unseen rows",
        balanced: true,
        apart: true,
    },
    Line {
        name: "mlp-eleven",
        task: "MLP, 11 genres, balanced accuracy",
        original: None,
        study: "",
        reads: &["mlp-eleven"],
        marks: "",
        balanced: true,
        apart: true,
    },
];

/// Runs the command.
///
/// # Errors
/// If a weights file or record is missing or broken.
pub fn run(args: &Args) -> Result<()> {
    if let (true, Some(data)) = (args.retrain, &args.data) {
        retrain::run(&retrain::Places {
            weights: &args.weights,
            work: &args.records.join("retrain"),
            records: &args.records,
            data,
        })?;
    }
    output::line(
        "| network | the study's own figure | its network, rows at random | its network, artists apart \
         (MLP: groups of tracks) | ours, artists apart (95 % interval) | top-3 | for comparison |\n\
         | --- | --- | --- | --- | --- | --- | --- |",
    )?;
    for line in &LINES {
        output::line(line.row(args)?)?;
    }
    let card = read_weights(&args.weights.join("mlp-rock-electronic.bpk"))?
        .metadata
        .card;
    output::line(beside(&card))?;
    output::line(latest(&args.records)?)?;
    let card = read_weights(&args.weights.join("fusion.bpk"))?
        .metadata
        .card;
    output::line(ablation(&card))?;
    output::line(estimates(&card))?;
    output::line(limits::section(args)?)?;
    match &args.data {
        Some(folder) => output::line(fitted::section(args, folder)?),
        None => Ok(()),
    }
}

/// A network of ours, and what its folds said of rows that they had not seen.
struct Ours {
    metadata: Metadata,
    rows: Dataset,
    answers: HeldOut,
}

impl Ours {
    fn read(args: &Args, name: &str) -> Result<Self> {
        let metadata = read_weights(&args.weights.join(format!("{name}.bpk")))?.metadata;
        let record = args.records.join(format!("{name}.npz"));
        let (answers, rows) = read_held_out(&record, metadata.labels.len())?;
        Ok(Self {
            metadata,
            rows,
            answers,
        })
    }
}

impl Line {
    fn row(&self, args: &Args) -> Result<String> {
        let original = |split: &str| match self.original {
            Some(name) => figure(&args.records, &format!("{name}-{split}"), "test"),
            None => Ok(String::new()),
        };
        let ours = Ours::read(args, self.name)?;
        let (answers, labels) = (&ours.answers, &ours.metadata.labels);
        let metrics = Metrics::new(&answers.probabilities(1.0), &answers.truth, labels);
        let [low, high] = answers.headline("", labels).interval;
        let value = match self.balanced {
            true => percent(metrics.balanced),
            false => format!(
                "{} ({} to {})",
                percent(metrics.top1),
                percent(low),
                percent(high)
            ),
        };
        let at_random = if self.apart { "" } else { ", rows at random" };
        let top3 = match labels.len() > 3 {
            true => percent(metrics.top3),
            false => String::new(),
        };
        Ok(format!(
            "| {} | {} | {} | {} | {value}{at_random} | {top3} | {} |",
            self.task,
            self.study,
            original("random")?,
            original("artist")?,
            self.marks
        ))
    }
}

/// The figures of a record, on the first of its parts whose name begins with `part`: top-1 and, of more
/// than two labels, top-3; words where there is no record.
fn figure(folder: &Path, name: &str, part: &str) -> Result<String> {
    Ok(match figures(folder, name, part)? {
        None => "not trained yet".into(),
        Some((2, figures)) => percent(figures.top1),
        Some((_, figures)) => format!("{} / {}", percent(figures.top1), percent(figures.top3)),
    })
}

/// The same with the number of labels; none where there is no record.
fn figures(folder: &Path, name: &str, part: &str) -> Result<Option<(usize, Figures)>> {
    let path = folder.join(format!("{name}.json"));
    if !path.exists() {
        return Ok(None);
    }
    let record = Record::read(&path)?;
    let n_labels = record.model.n_labels();
    let mut parts = record.figures.into_iter();
    let figures = parts
        .find(|figures| figures.part.starts_with(part))
        .with_context(|| format!("{} has no figures of {part}", path.display()))?;
    Ok(Some((n_labels, figures)))
}

/// What the table has no room for: the spread over seeds, and the figure with groups apart.
fn beside(card: &Card) -> String {
    let mut lines = vec![String::new()];
    if let Some(spread) = &card.repeats {
        lines.push(format!(
            "Rock or Electronic, {} folds, {} seeds: accuracy {} %, standard deviation {:.2}.",
            card.folds,
            spread.n,
            percent(spread.mean),
            spread.deviation * 100.0
        ));
    }
    let grouped = card
        .figures
        .iter()
        .find(|f| f.part.starts_with("groups apart"));
    if let Some(figures) = grouped {
        lines.push(format!(
            "With groups apart, on the {} rows whose group is known: accuracy {} %, balanced accuracy {} %.",
            figures.n,
            percent(figures.top1),
            percent(figures.balanced)
        ));
    }
    lines.join("\n")
}

/// How an MLP does on the latest tracks of the table that learned from those before.
fn latest(folder: &Path) -> Result<String> {
    Ok(match figures(folder, "mlp-later", "test")? {
        None => "The latest tracks: not trained yet.".into(),
        Some((_, figures)) => format!(
            "Trained on the earlier tracks of both genres, tested on the {} latest: accuracy {} %, balanced accuracy {} %.",
            figures.n,
            percent(figures.top1),
            percent(figures.balanced)
        ),
    })
}

/// The fusion with and without each of its networks.
fn ablation(card: &Card) -> String {
    let mut text = "\n| fusion of | top-1 | top-3 | ECE | ECE without temperature scaling |\n\
                    | --- | --- | --- | --- | --- |"
        .to_owned();
    for figures in &card.figures {
        text += &format!(
            "\n| {} | {} | {} | {} | {} |",
            figures.part,
            percent(figures.top1),
            percent(figures.top3),
            percent(figures.ece),
            percent(figures.raw_ece)
        );
    }
    text
}

/// How good the Echo Nest features are that are estimated from audio.
fn estimates(card: &Card) -> String {
    let mut text = "\n| estimated feature | R2, on artists outside the training set | shown |\n\
                    | --- | --- | --- |"
        .to_owned();
    for estimate in &card.estimates {
        let shown = if estimate.shown { "yes" } else { "no" };
        text += &format!("\n| {} | {:.2} | {shown} |", estimate.name, estimate.r2);
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}
