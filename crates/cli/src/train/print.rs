//! What a training run prints, as text or as JSON.

use anyhow::Result;
use tonearm::evaluation::figures::Figures;
use tonearm::training::trainer::EpochReport;
use tonearm::weights::MeanStd;

use crate::output;

/// Prints the figures of an epoch of the fit `name`.
pub fn epoch(as_json: bool, name: &str, report: &EpochReport, seconds: f64) -> Result<()> {
    if as_json {
        return output::json(&serde_json::json!({
            "run": name,
            "epoch": report.epoch,
            "train_loss": report.train_loss,
            "validation_loss": report.validation_loss,
            "validation_top1": report.validation.as_ref().map(|metrics| metrics.top1),
            "is_best": report.is_best,
            "seconds": seconds,
        }));
    }
    let validation = match (&report.validation, report.validation_loss) {
        (Some(metrics), Some(loss)) => format!(
            "  validation loss {loss:.4}  top-1 {:5.2} %  top-3 {:5.2} %",
            metrics.top1 * 100.0,
            metrics.top3 * 100.0
        ),
        _ => String::new(),
    };
    let best = if report.is_best { "  best" } else { "" };
    output::line(format_args!(
        "{name}  epoch {:3}  loss {:.4}{validation}  {seconds:.0} s{best}",
        report.epoch, report.train_loss
    ))
}

/// Prints the figures on one part of the data.
pub fn figures(as_json: bool, figures: &Figures) -> Result<()> {
    if as_json {
        return output::json(figures);
    }
    output::line(format_args!(
        "{}: {} rows, top-1 {:.2} %, top-3 {:.2} %, balanced {:.2} %, macro F1 {:.4}, ECE {:.4}",
        figures.part,
        figures.n,
        figures.top1 * 100.0,
        figures.top3 * 100.0,
        figures.balanced * 100.0,
        figures.macro_f1,
        figures.ece
    ))
}

/// Prints mean and standard deviation of the accuracy over seeds.
pub fn accuracy_over_seeds(as_json: bool, accuracy: &MeanStd) -> Result<()> {
    if as_json {
        return output::json(accuracy);
    }
    output::line(format_args!(
        "{} seeds: top-1 {:.2} %, standard deviation {:.2}",
        accuracy.n,
        accuracy.mean * 100.0,
        accuracy.deviation * 100.0
    ))
}
