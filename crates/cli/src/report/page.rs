//! The page of a report.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tonearm::evaluation::figures::Figures;
use tonearm::evaluation::metrics::Metrics;
use tonearm::weights::Weights;

use super::Mistake;
use crate::train::record::Record;

/// Looks of the page; plots bring their own.
const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; overflow-x: auto; } figcaption { color: #555; } code { overflow-wrap: anywhere; }
tr + tr td { border-top: 1px solid #ddd; }
";

/// All that stands on the page.
pub struct Page<'a> {
    /// Name of the weights file, without its ending.
    pub name: &'a str,
    pub weights: &'a Weights,
    pub record: Option<&'a Record>,
    /// What the figures were measured on, in words.
    pub source: &'a str,
    pub metrics: &'a Metrics,
    pub mistakes: Vec<Mistake<'a>>,
    /// Name and SVG of each plot.
    pub figures: &'a [(&'static str, String)],
}

impl Page<'_> {
    /// The page as HTML that needs no other file.
    pub fn render(&self) -> Markup {
        let card = &self.weights.metadata.card;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width";
                    title { (self.name) ": report" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { (self.name) }
                    p { (card.name) ". " (card.fitted_on) "." }
                    p { "Made by " code { (card.command) } }
                    h2 { "How good it is" }
                    p { "Measured on " (self.source) "." }
                    (self.headline())
                    (self.card_figures(&card.figures))
                    h2 { "Training" }
                    (self.training())
                    h2 { "What it takes for what" }
                    (self.plot("confusion", "Rows are true labels, columns answers; shares of each row, and counts."))
                    (self.per_class())
                    (self.plot("per-genre", "Precision, recall and F1."))
                    h2 { "How sure it is" }
                    (self.plot("reliability", "How often answers are right, by their probability, in 15 bins; on the line, sureness equals rightness."))
                    h2 { "Its most confident mistakes" }
                    (self.mistakes())
                    h2 { "What it hears alike" }
                    (self.map("tsne-train", "Training tracks by t-SNE of their embeddings."))
                    (self.map("tsne-test", "Test tracks by t-SNE of their embeddings."))
                    h2 { "The network" }
                    (self.summary())
                }
            }
        }
    }

    fn plot(&self, name: &str, caption: &str) -> Markup {
        let svg = self.figures.iter().find(|(own, _)| *own == name);
        html! {
            @if let Some((_, svg)) = svg {
                figure { (PreEscaped(svg)) figcaption { (caption) } }
            }
        }
    }

    fn map(&self, name: &str, caption: &str) -> Markup {
        let drawn = self.figures.iter().any(|(own, _)| *own == name);
        let without = match name {
            "tsne-test" => {
                "No test tracks are drawn: the data hold none that the weights have not seen."
            }
            _ => {
                "No training tracks are drawn: the data hold none that the weights were fitted on."
            }
        };
        html! {
            @if drawn { (self.plot(name, caption)) } @else { p { (without) } }
        }
    }

    fn headline(&self) -> Markup {
        let m = self.metrics;
        let rows = [
            ("rows", m.n.to_string()),
            ("top-1", percent(m.top1)),
            ("top-3", percent(m.top3)),
            ("balanced", percent(m.balanced)),
            ("macro F1", format!("{:.3}", m.macro_f1)),
            ("expected calibration error", percent(m.ece)),
        ];
        html! {
            table { @for (name, value) in rows { tr { th scope="row" { (name) } td.number { (value) } } } }
        }
    }

    /// What the card says, for comparison.
    fn card_figures(&self, figures: &[Figures]) -> Markup {
        html! {
            p { "On its card:" }
            table {
                tr { th { "part" } th.number { "rows" } th.number { "top-1" } th.number { "top-3" } th.number { "balanced" } th.number { "ECE, before" } th.number { "ECE, after" } }
                @for f in figures {
                    tr { td { (f.part) } td.number { (f.n) } td.number { (percent(f.top1)) } td.number { (percent(f.top3)) } td.number { (percent(f.balanced)) } td.number { (percent(f.raw_ece)) } td.number { (percent(f.ece)) } }
                }
            }
        }
    }

    fn training(&self) -> Markup {
        let Some(record) = self.record else {
            return html! { p { "There is no record of the run." } };
        };
        let mut epochs = record.fits.iter().flat_map(|fit| &fit.epochs);
        let without_accuracy = epochs.all(|epoch| epoch.train_top1.is_none());
        html! {
            p { "Seed " (record.seed) ", on " (record.device) ", " (format!("{:.0}", record.seconds / 60.0)) " minutes, from" }
            ul { @for file in &record.files { li { (file.name) ", SHA-256 " code { (file.sha256) } } } }
            (self.plot("loss", "Loss: training (in the unit of the recipe, on augmented rows and softened targets), validation (cross entropy in nats); of a fold without validation rows, the rows that it held out, which nothing was chosen by."))
            (self.plot("accuracy", "Share right, on the same rows."))
            @if record.fits.is_empty() { p { "It is a regression, and has no epochs." } }
            @else if without_accuracy { p { "The record holds no accuracy on training rows." } }
        }
    }

    fn per_class(&self) -> Markup {
        html! {
            table {
                tr { th { "genre" } th.number { "rows" } th.number { "precision" } th.number { "recall" } th.number { "F1" } }
                @for class in &self.metrics.per_class {
                    tr { td { (class.label) } td.number { (class.n) } td.number { (percent(class.precision)) } td.number { (percent(class.recall)) } td.number { (percent(class.f1)) } }
                }
            }
        }
    }

    fn mistakes(&self) -> Markup {
        html! {
            table {
                tr { th.number { "track" } th { "is" } th { "was taken for" } th.number { "with" } }
                @for m in &self.mistakes {
                    tr { td.number { (m.track_id) } td { (m.truth) } td { (m.answer) } td.number { (percent(f64::from(m.probability))) } }
                }
            }
        }
    }

    /// Name, shape and number of parameters of each tensor.
    fn summary(&self) -> Markup {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let total: usize = self
            .weights
            .parameters()
            .map(|(_, _, shape)| count(shape))
            .sum();
        html! {
            table {
                tr { th { "network" } th { "parameter" } th { "shape" } th.number { "numbers" } }
                @for (network, name, shape) in self.weights.parameters() {
                    tr { td { (network) } td { (name) } td { (format!("{shape:?}")) } td.number { (count(shape)) } }
                }
                tr { td { "all, with running statistics" } td {} td {} td.number { (total) } }
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
