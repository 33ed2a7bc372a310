//! The HTML page of a report.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tonearm::evaluation::metrics::Metrics;
use tonearm::weights::{Card, Weights};

use crate::evaluate::mistakes::Mistake;
use crate::output::{percent, percent_interval};
use crate::storage::records::Record;
use crate::storage::weights_file::group_name;

/// Style sheet of the page. Wide tables and plots scroll by themselves, so that a narrow page does not.
const STYLE: &str = "
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --muted: light-dark(#555, #aaa); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; overflow-wrap: normal; }
th, td { padding: 0.2rem 1.2rem 0.2rem 0; text-align: left; vertical-align: top; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr + tr > * { border-top: 1px solid var(--line); }
td.path { min-width: 12rem; max-width: 30rem; overflow-wrap: anywhere; }
figure { margin: 1.5rem 0; } figcaption, .muted { color: var(--muted); }
svg { display: block; max-width: 100%; min-width: 30rem; height: auto; }
";

/// Contents of the page.
pub struct Page<'a> {
    /// Name of the weights file, without its extension.
    pub name: &'a str,
    pub weights: &'a Weights,
    pub record: Option<&'a Record>,
    /// Description of the rows that the figures were measured on.
    pub source: &'a str,
    pub metrics: &'a Metrics,
    /// 95 % confidence interval of the accuracy; `None` if all rows are by one artist.
    pub interval: Option<[f64; 2]>,
    /// 95 % confidence interval of the recall of each label; `None` if all its rows are by one artist.
    pub recall_intervals: Vec<Option<[f64; 2]>>,
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
                    p.muted { (self.interval_note()) }
                    (card_figures(card))
                    h2 { "Training" }
                    (self.training())
                    h2 { "Confusion matrix" }
                    (self.plot("confusion", "Rows are true labels, columns are predictions. The upper number is the percentage of the row, the lower one the number of rows."))
                    (self.per_class())
                    (self.plot("per-genre", "Precision, recall and F1 score of each genre, in per cent."))
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
                figure {
                    div.scroll role="region" aria-label=(caption) tabindex="0" { (PreEscaped(svg)) }
                    figcaption { (caption) }
                }
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
            ("top-1", with_interval(percent(m.top1), self.interval)),
            ("top-3", percent(m.top3)),
            ("balanced accuracy", percent(m.balanced)),
            ("macro F1", percent(m.macro_f1)),
            ("expected calibration error", percent(m.ece)),
        ];
        table(
            html! { @for (name, value) in rows { tr { th scope="row" { (name) } td.number { (value) } } } },
        )
    }

    /// How the intervals were computed, and what they do not cover.
    fn interval_note(&self) -> String {
        let data = &self.weights.metadata.card.data;
        match group_name(data) {
            Some(groups) => format!(
                "In brackets: 95 % confidence intervals, from a bootstrap that draws whole {groups}."
            ),
            None => "In brackets: 95 % confidence intervals, from a bootstrap that draws single rows. The data \
                     does not say which rows belong together, for example those by one artist; such rows may \
                     be both in the training set and among these, which makes the figures optimistic and the \
                     intervals too narrow."
                .into(),
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
        let classes = self.metrics.per_class.iter().zip(&self.recall_intervals);
        table(html! {
            tr { th { "genre" } th.number { "rows" } th.number { "precision" } th.number { "recall" } th.number { "F1" } }
            @for (class, &interval) in classes {
                tr {
                    td { (class.label) }
                    td.number { (class.n) }
                    td.number { (percent(class.precision)) }
                    td.number { (with_interval(percent(class.recall), interval)) }
                    td.number { (percent(class.f1)) }
                }
            }
        })
    }

    fn mistakes(&self) -> Markup {
        if self.mistakes.is_empty() {
            return html! { p { "All predictions are correct." } };
        }
        table(html! {
            tr { th { "file" } th { "true genre" } th { "predicted genre" } th.number { "probability" } }
            @for m in &self.mistakes {
                tr { td.path { (m.name()) } td { (m.label) } td { (m.prediction) } td.number { (percent(m.probability.into())) } }
            }
        })
    }

    /// Name, shape and number of values of each tensor.
    fn summary(&self) -> Markup {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let total: usize = self
            .weights
            .parameters()
            .map(|(_, _, shape)| count(shape))
            .sum();
        table(html! {
            tr { th { "network" } th { "parameter" } th { "shape" } th.number { "values" } }
            @for (network, name, shape) in self.weights.parameters() {
                tr { td { (network) } td { (name) } td { (format!("{shape:?}")) } td.number { (count(shape)) } }
            }
            tr { td { "total, including running statistics" } td {} td {} td.number { (total) } }
        })
    }
}

/// The figures on the card, for comparison.
fn card_figures(card: &Card) -> Markup {
    let interval = |part: &str| {
        let headline = card.headline.as_ref();
        headline
            .filter(|headline| headline.part == part)
            .map(|headline| headline.interval)
    };
    html! {
        @if !card.figures.is_empty() {
            p { "Figures on the card of the weights file:" }
            (table(html! {
                tr { th { "part" } th.number { "rows" } th.number { "top-1" } th.number { "top-3" } th.number { "balanced accuracy" } th.number { "ECE" } th.number { "ECE without temperature scaling" } }
                @for f in &card.figures {
                    tr { td { (f.part) } td.number { (f.n) } td.number { (with_interval(percent(f.top1), interval(&f.part))) } td.number { (percent(f.top3)) } td.number { (percent(f.balanced)) } td.number { (percent(f.ece)) } td.number { (percent(f.raw_ece)) } }
                }
            }))
        }
    }
}

/// A table that scrolls sideways if the page is too narrow for it.
fn table(rows: Markup) -> Markup {
    html! { div.scroll tabindex="0" { table { (rows) } } }
}

/// A percentage, followed by its confidence interval in brackets.
fn with_interval(percentage: String, interval: Option<[f64; 2]>) -> String {
    match interval {
        Some(interval) => format!("{percentage} ({})", percent_interval(interval)),
        None => percentage,
    }
}
