//! What a training run prints, in words or as JSON.

use anyhow::Result;
use tonearm::evaluation::figures::Figures;
use tonearm::training::trainer::EpochReport;
use tonearm::weights::MeanStd;

use super::run::Run;
use crate::output;

impl Run<'_> {
    /// An epoch that has ended.
    pub fn print_epoch(&self, name: &str, report: &EpochReport, seconds: f64) -> Result<()> {
        if self.options.json {
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

    /// Figures of one part of the data.
    pub fn report(&self, figures: &Figures) -> Result<()> {
        if self.options.json {
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

    /// How the share right varies from seed to seed.
    pub fn report_spread(&self, spread: &MeanStd) -> Result<()> {
        if self.options.json {
            return output::json(spread);
        }
        output::line(format_args!(
            "{} seeds: top-1 {:.2} %, standard deviation {:.2}",
            spread.n,
            spread.mean * 100.0,
            spread.deviation * 100.0
        ))
    }
}
