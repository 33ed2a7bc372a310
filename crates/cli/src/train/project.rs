//! `tonearm train --project`: repeats the training of a project exported from the page.

use std::path::PathBuf;

use anyhow::{Context, Result};
use pollster::block_on;
use tonearm::training::project::{Effort, Project, RecipeName, Settings};
use tonearm::training::session::{Epoch, Note, Report, Session, Step};
use tonearm::weights::Weights;

use crate::device::Backend;
use crate::storage::weights_file::{self, BUILT_IN};
use crate::{output, storage::files};

/// Options of `train --project`.
#[derive(clap::Args)]
pub struct Args {
    /// Project exported from the page; its settings are used for training
    #[arg(long, value_name = "P.zip", required = true)]
    project: Option<PathBuf>,
    /// Weights file to write
    #[arg(long, value_name = "W.bpk", required = true)]
    out: Option<PathBuf>,
    /// Weights whose CNN is the starting point. Default: the built-in weights
    #[arg(long, value_name = "W.bpk")]
    base: Option<PathBuf>,
    /// Compute device
    #[arg(long, value_enum, default_value = "cpu")]
    device: Backend,
    /// Print each epoch, then the report, as one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Trains on the project.
///
/// # Errors
/// If a file cannot be read, the project has too few files, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let (Some(path), Some(out)) = (&args.project, &args.out) else {
        unreachable!("clap requires both");
    };
    let project =
        Project::from_zip(&files::read(path)?).with_context(|| path.display().to_string())?;
    let base = match &args.base {
        Some(base) => weights_file::read(base)?,
        None => Weights::read(BUILT_IN).context("cannot use the built-in weights")?,
    };
    let settings = project.manifest.settings.clone();
    let settings = settings.unwrap_or_else(|| Settings::new(RecipeName::Transfer, Effort::Quick));
    let mut session = Session::new(&project, settings, &base, &args.device.start()?)?;
    loop {
        match block_on(session.step())? {
            Step::Epoch(epoch) if args.json => output::json(&epoch)?,
            Step::Epoch(epoch) => print_epoch(&epoch)?,
            Step::Embedded { .. } | Step::Trained { .. } | Step::Evaluated { .. } => {}
            Step::Finished => break,
        }
    }
    // Without a date, so that the same project always gives the same file.
    let outcome = block_on(session.finish("", &weights_file::command()))?;
    match args.json {
        true => output::json(&outcome.report)?,
        false => print_report(&outcome.report)?,
    }
    weights_file::save(out, &outcome.weights)
}

fn print_epoch(epoch: &Epoch) -> Result<()> {
    let fold = match epoch.n_folds {
        1 => String::new(),
        n if epoch.fold == n => "all files  ".into(),
        n => format!("fold {} of {}  ", epoch.fold, n - 1),
    };
    let validation = match (epoch.validation_loss, epoch.validation_top1) {
        (Some(loss), Some(top1)) => format!(
            "  validation loss {loss:.4}  top-1 {:5.1} % of windows",
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

fn print_report(report: &Report) -> Result<()> {
    let metrics = &report.metrics;
    output::line(format_args!(
        "{} held-out files: top-1 {:.1} % (95 % interval {:.1} to {:.1}), macro F1 {:.3}",
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
            "Some files of {class} are by an artist who is in both the training set and the validation set; the figures are optimistic."
        ),
        Note::ChosenOnValidation => "Training stopped early and kept the epoch that was best on these files; the figures are optimistic.".into(),
        Note::OptimizerReset { times } => format!(
            "Training resumed {times} times without the optimiser's state, so another run may give different weights."
        ),
    }
}
