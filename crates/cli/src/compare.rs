//! `tonearm compare`: compares the study's networks with ours, as Markdown.

mod data_folder;
mod limits;
mod networks;
mod retrain;
mod training_set;

use std::path::{Path, PathBuf};

use anyhow::Result;
use tonearm::evaluation::metrics::Metrics;
use tonearm::weights::Card;

use crate::output::{self, percent_interval, percent_value};
use crate::storage::{records, weights_file};
use networks::{Folders, LINES, Line, Ours, figure, figures};

/// Compare the study's networks with ours
///
/// Prints Markdown tables from the records of the training runs. The figures of our networks are
/// cross-validated. Each record holds the command that created it; commands.txt lists all commands.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder with the weights files
    #[arg(long, value_name = "DIR", default_value = "pkg/weights")]
    weights: PathBuf,
    /// Folder with the records
    #[arg(long, value_name = "DIR", default_value = "runs")]
    records: PathBuf,
    /// First repeat every command in commands.txt, which takes hours, and replace the weights and records.
    /// To resume after an interruption, repeat this command
    #[arg(long, requires = "data")]
    retrain: bool,
    /// Folder with the training data; also evaluates the weights on their training sets
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If a weights file or record is missing or damaged.
pub fn run(args: &Args) -> Result<()> {
    records::check_folder(&args.records)?;
    if let (true, Some(data)) = (args.retrain, &args.data) {
        retrain::run(&retrain::Folders {
            weights: &args.weights,
            work: &args.records.join("retrain"),
            records: &args.records,
            data,
        })?;
    }
    let folders = Folders {
        weights: &args.weights,
        records: &args.records,
    };
    output::line(
        "| network | the study's own figure | its network, rows at random | its network, artists apart \
         (MLP: groups of tracks) | ours, artists apart (95 % interval) | top-3 | for comparison |\n\
         | --- | --- | --- | --- | --- | --- | --- |",
    )?;
    for line in &LINES {
        output::line(line.row(&folders)?)?;
    }
    let card = weights_file::read(&args.weights.join("mlp-rock-electronic.bpk"))?
        .metadata
        .card;
    output::line(rock_or_electronic(&card))?;
    output::line(latest(&args.records)?)?;
    let card = weights_file::read(&args.weights.join("fusion.bpk"))?
        .metadata
        .card;
    output::line(ablation(&card))?;
    output::line(estimates(&card))?;
    output::line(limits::section(&folders)?)?;
    match &args.data {
        Some(folder) => output::line(training_set::section(&folders, folder)?),
        None => Ok(()),
    }
}

impl Line {
    fn row(&self, folders: &Folders) -> Result<String> {
        let original = |split: &str| match self.original {
            Some(name) => figure(folders.records, &format!("{name}-{split}"), "test"),
            None => Ok(String::new()),
        };
        let ours = Ours::read(folders, self.name)?;
        let (held_out, labels) = (&ours.held_out, &ours.metadata.labels);
        let metrics = Metrics::new(&held_out.probabilities(1.0), &held_out.truth, labels);
        let interval = percent_interval(held_out.headline("", labels).interval);
        let value = match self.balanced {
            true => percent_value(metrics.balanced),
            false => format!("{} ({interval})", percent_value(metrics.top1)),
        };
        let at_random = if self.by_artist {
            ""
        } else {
            ", rows at random"
        };
        let top3 = match labels.len() > 3 {
            true => percent_value(metrics.top3),
            false => String::new(),
        };
        Ok(format!(
            "| {} | {} | {} | {} | {value}{at_random} | {top3} | {} |",
            self.task,
            self.study,
            original("random")?,
            original("artist")?,
            self.published
        ))
    }
}

/// Figures of the MLP for Rock or Electronic that are not in the table: over seeds, and split by group.
fn rock_or_electronic(card: &Card) -> String {
    let mut lines = vec![String::new()];
    if let Some(accuracy) = &card.repeats {
        lines.push(format!(
            "Rock or Electronic, {} folds, {} seeds: accuracy {} %, standard deviation {:.2}.",
            card.folds,
            accuracy.n,
            percent_value(accuracy.mean),
            accuracy.deviation * 100.0
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
            percent_value(figures.top1),
            percent_value(figures.balanced)
        ));
    }
    lines.join("\n")
}

/// Figures of the MLP that was trained on earlier tracks and tested on the latest.
fn latest(folder: &Path) -> Result<String> {
    Ok(match figures(folder, "mlp-later", "test")? {
        None => "The latest tracks: not trained yet.".into(),
        Some((_, figures)) => format!(
            "Trained on the earlier tracks of both genres, tested on the {} latest: accuracy {} %, balanced accuracy {} %.",
            figures.n,
            percent_value(figures.top1),
            percent_value(figures.balanced)
        ),
    })
}

/// Figures of every combination of the fusion's networks.
fn ablation(card: &Card) -> String {
    let mut text = "\n| fusion of | top-1 | top-3 | ECE | ECE without temperature scaling |\n\
                    | --- | --- | --- | --- | --- |"
        .to_owned();
    for figures in &card.figures {
        text += &format!(
            "\n| {} | {} | {} | {} | {} |",
            figures.part,
            percent_value(figures.top1),
            percent_value(figures.top3),
            percent_value(figures.ece),
            percent_value(figures.raw_ece)
        );
    }
    text
}

/// R2 of the estimated Echo Nest features.
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
