//! The HTML page of a report.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tonearm::evaluation::figures::Figures;
use tonearm::evaluation::metrics::Metrics;
use tonearm::weights::Weights;

use crate::storage::records::Record;

/// Style sheet of the page. The plots are styled by `plots`.
const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; overflow-x: auto; } figcaption { color: #555; } code { overflow-wrap: anywhere; }
tr + tr td { border-top: 1px solid #ddd; }
";

/// A wrong prediction.
pub struct Mistake<'a> {
    pub track_id: i32,
    pub truth: &'a str,
    pub prediction: &'a str,
    pub probability: f32,
}

/// Contents of the page.
pub struct Page<'a> {
    /// Name of the weights file, without its extension.
    pub name: &'a str,
    pub weights: &'a Weights,
    pub record: Option<&'a Record>,
    /// Description of the rows that the figures were measured on.
    pub source: &'a str,
    pub metrics: &'a Metrics,
    pub mistakes: Vec<Mistake<'a>>,
    /// Name and SVG of each plot.
    pub figures: &'a [(&'static str, String)],
}

impl Page<'_> {
    /// The page as self-contained HTML.
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
                    p { (card.name) ". Trained on " (card.fitted_on) "." }
                    p { "Created with " code { (card.command) } }
                    h2 { "Accuracy" }
                    p { "Measured on " (self.source) "." }
                    (self.headline())
                    (self.card_figures(&card.figures))
                    h2 { "Training" }
                    (self.training())
                    h2 { "Confusion matrix" }
                    (self.plot("confusion", "Rows are true labels, columns are predictions. Percentages are fractions of the row."))
                    (self.per_class())
                    (self.plot("per-genre", "Precision, recall and F1 score of each genre."))
                    h2 { "Calibration" }
                    (self.plot("reliability", "Accuracy by predicted probability, in 15 bins. On the diagonal, the network is perfectly calibrated."))
                    h2 { "Most confident mistakes" }
                    (self.mistakes())
                    h2 { "Map of embeddings" }
                    (self.map("tsne-train", "t-SNE of the embeddings of the training tracks."))
                    (self.map("tsne-test", "t-SNE of the embeddings of the test tracks."))
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
        let has_plot = self.figures.iter().any(|(own, _)| *own == name);
        let missing = match name {
            "tsne-test" => {
                "There is no plot of test tracks, because the data has no tracks outside the training set."
            }
            _ => {
                "There is no plot of training tracks, because the data has no tracks of the training set."
            }
        };
        html! {
            @if has_plot { (self.plot(name, caption)) } @else { p { (missing) } }
        }
    }

    fn headline(&self) -> Markup {
        let m = self.metrics;
        let rows = [
            ("rows", m.n.to_string()),
            ("top-1", percent(m.top1)),
            ("top-3", percent(m.top3)),
            ("balanced accuracy", percent(m.balanced)),
            ("macro F1", format!("{:.3}", m.macro_f1)),
            ("expected calibration error", percent(m.ece)),
        ];
        html! {
            table { @for (name, value) in rows { tr { th scope="row" { (name) } td.number { (value) } } } }
        }
    }

    /// The figures on the card, for comparison.
    fn card_figures(&self, figures: &[Figures]) -> Markup {
        html! {
            p { "Figures on the card of the weights file:" }
            table {
                tr { th { "part" } th.number { "rows" } th.number { "top-1" } th.number { "top-3" } th.number { "balanced accuracy" } th.number { "ECE without temperature scaling" } th.number { "ECE" } }
                @for f in figures {
                    tr { td { (f.part) } td.number { (f.n) } td.number { (percent(f.top1)) } td.number { (percent(f.top3)) } td.number { (percent(f.balanced)) } td.number { (percent(f.raw_ece)) } td.number { (percent(f.ece)) } }
                }
            }
        }
    }

    fn training(&self) -> Markup {
        let Some(record) = self.record else {
            return html! { p { "There is no record of the training run." } };
        };
        let mut epochs = record.fits.iter().flat_map(|fit| &fit.epochs);
        let without_accuracy = epochs.all(|epoch| epoch.train_top1.is_none());
        html! {
            p { "Seed " (record.seed) ", device " (record.device) ", " (format!("{:.0}", record.seconds / 60.0)) " minutes. Input files:" }
            ul { @for file in &record.files { li { (file.name) ", SHA-256 " code { (file.sha256) } } } }
            (self.plot("loss", "Training loss (the loss of the recipe, on augmented rows with smoothed labels) and validation loss (cross-entropy in nats). For folds without a validation set, the validation curve shows the test set, on which nothing was chosen."))
            (self.plot("accuracy", "Accuracy on the same rows."))
            @if record.fits.is_empty() { p { "The network is a regression and has no epochs." } }
            @else if without_accuracy { p { "The record has no accuracy on the training set." } }
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
                tr { th.number { "track" } th { "true genre" } th { "predicted genre" } th.number { "probability" } }
                @for m in &self.mistakes {
                    tr { td.number { (m.track_id) } td { (m.truth) } td { (m.prediction) } td.number { (percent(f64::from(m.probability))) } }
                }
            }
        }
    }

    /// Name, shape and number of values of each tensor.
    fn summary(&self) -> Markup {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let total: usize = self
            .weights
            .parameters()
            .map(|(_, _, shape)| count(shape))
            .sum();
        html! {
            table {
                tr { th { "network" } th { "parameter" } th { "shape" } th.number { "values" } }
                @for (network, name, shape) in self.weights.parameters() {
                    tr { td { (network) } td { (name) } td { (format!("{shape:?}")) } td.number { (count(shape)) } }
                }
                tr { td { "total, including running statistics" } td {} td {} td.number { (total) } }
            }
        }
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}
