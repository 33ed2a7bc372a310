//! `tonearm train --project`: repeats, on this machine, what the page trained.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use pollster::block_on;
use tonearm::training::project::{Effort, Project, RecipeName, Settings};
use tonearm::training::session::{Epoch, Note, Report, Session, Step};
use tonearm::weights::Weights;

use super::file;
use crate::device::Backend;
use crate::{classify, output};

/// A project and what becomes of it.
#[derive(clap::Args)]
pub struct Args {
    /// A project, as the page packs it: it is trained with the settings in it
    #[arg(long, value_name = "P.zip", required = true)]
    project: Option<PathBuf>,
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk", required = true)]
    out: Option<PathBuf>,
    /// Weights whose CNN is learnt from; those built in otherwise
    #[arg(long, value_name = "W.bpk")]
    base: Option<PathBuf>,
    /// Where it is computed
    #[arg(long, value_enum, default_value = "cpu")]
    device: Backend,
    /// Write a JSON object a line on standard output: each epoch, then the report
    #[arg(long)]
    json: bool,
}

/// Trains on the project.
///
/// # Errors
/// If a file cannot be read, there is too little to train on, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let (Some(path), Some(out)) = (&args.project, &args.out) else {
        unreachable!("clap asks for both");
    };
    let read = |path: &PathBuf| {
        fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let project = Project::from_zip(&read(path)?).with_context(|| path.display().to_string())?;
    let base = match &args.base {
        Some(base) => Weights::read(&read(base)?).with_context(|| base.display().to_string())?,
        None => Weights::read(classify::WEIGHTS).context("the built-in weights cannot be used")?,
    };
    let settings = project.manifest.settings.clone();
    let settings = settings.unwrap_or_else(|| Settings::new(RecipeName::Transfer, Effort::Quick));
    let mut session = Session::new(&project, settings, &base, &args.device.start()?)?;
    loop {
        match block_on(session.step())? {
            Step::Epoch(epoch) if args.json => output::json(&epoch)?,
            Step::Epoch(epoch) => print(&epoch)?,
            Step::Embedded { .. } | Step::Trained { .. } | Step::Answered { .. } => {}
            Step::Over => break,
        }
    }
    // The command does not change with the day, and so neither do the weights.
    let outcome = block_on(session.finish("", &file::command()))?;
    match args.json {
        true => output::json(&outcome.report)?,
        false => report(&outcome.report)?,
    }
    file::save(out, &outcome.weights)
}

fn print(epoch: &Epoch) -> Result<()> {
    let fold = match epoch.n_folds {
        1 => String::new(),
        n if epoch.fold == n => "all files  ".into(),
        n => format!("fold {} of {}  ", epoch.fold, n - 1),
    };
    let validation = match (epoch.validation_loss, epoch.validation_top1) {
        (Some(loss), Some(top1)) => format!(
            "  validation loss {loss:.4}  top-1 {:5.1} % of the windows",
            top1 * 100.0
        ),
        _ => String::new(),
    };
    output::line(format_args!(
        "{fold}epoch {:3} of {}  loss {:.4}{validation}{}",
        epoch.epoch,
        epoch.epochs,
        epoch.train_loss,
        if epoch.is_best { "  best" } else { "" }
    ))
}

fn report(report: &Report) -> Result<()> {
    let metrics = &report.metrics;
    output::line(format_args!(
        "{} files kept back: {:.1} % right (95 % interval {:.1} to {:.1}), macro F1 {:.3}",
        metrics.n,
        metrics.top1 * 100.0,
        report.interval[0] * 100.0,
        report.interval[1] * 100.0,
        metrics.macro_f1
    ))?;
    for class in &metrics.per_class {
        output::line(format_args!(
            "  {}: {} files, precision {:.1} %, recall {:.1} %",
            class.label,
            class.n,
            class.precision * 100.0,
            class.recall * 100.0
        ))?;
    }
    for note in &report.notes {
        output::line(format_args!("{}", sentence(note)))?;
    }
    Ok(())
}

fn sentence(note: &Note) -> String {
    match note {
        Note::OneArtist { class } => format!(
            "All files of {class} are by one artist, so some of that artist's trained and some were measured: the figures flatter."
        ),
        Note::Chosen => "The run ended early and kept the epoch that was best on these files: the figures flatter.".into(),
        Note::Restarted { times } => format!(
            "The run went on {times} times without what the optimiser remembers, so another would not repeat it."
        ),
    }
}
