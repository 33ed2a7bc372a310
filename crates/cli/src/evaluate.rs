//! `tonearm evaluate`: measures weights on labelled rows.

mod estimates;
pub mod mistakes;
mod part;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::Classifier;
use tonearm::data::{Dataset, Matrix};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::metrics::Metrics;
use tonearm::models::ModelConfig;
use tonearm::weights::DataCard;

use crate::device::Backend;
use crate::output::{percent, percent_interval};
use crate::storage::weights_file::{self, Origin};
use crate::{input::sources, output};
use mistakes::{Mistake, Row, mistakes};
use part::{Part, count_seen};

/// Number of mistakes to list as text.
const N_MISTAKES: usize = 10;

/// Evaluate weights on labelled features
///
/// Rows by artists in the training set make the figures optimistic: `seen_artist_rows` counts them, and
/// --split leaves them out. Lists the ten most confident mistakes; --json lists all. Weights of several
/// networks need several data files, whose rows are joined by track. For an estimator, pass mel features
/// and a table with the true values; prints the R2 of each feature.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Weights file
    #[arg(long, value_name = "W.bpk")]
    weights: PathBuf,
    /// Labelled features from `tonearm extract`, or a table with the columns genre and the eight Echo
    /// Nest features. Repeat for weights that read several kinds of features
    #[arg(long, value_name = "F.npz|T.csv", required = true)]
    data: Vec<PathBuf>,
    /// Evaluate only this part of the split recorded in the weights file
    #[arg(long, value_enum, default_value_t = Part::All)]
    split: Part,
    /// Genre names of the data, to check that the weights have the same. Default: F.genres.json, if it
    /// exists
    #[arg(long, value_name = "GENRES.json")]
    labels: Option<PathBuf>,
    /// Compute device
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The output of `--json`.
#[derive(Serialize)]
struct Evaluation<'a> {
    #[serde(flatten)]
    origin: Origin,
    split: Part,
    #[serde(flatten)]
    metrics: Metrics,
    /// Expected calibration error without temperature scaling.
    raw_ece: f64,
    /// 95 % confidence interval of the accuracy, with artists as the resampling unit.
    interval: [f64; 2],
    labels: &'a [String],
    /// Number of rows by artists in the training set.
    seen_artist_rows: usize,
    /// All wrong predictions, most confident first.
    mistakes: Vec<Mistake<'a>>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the data does not suit the weights, or no row is left.
pub fn run(args: &Args) -> Result<()> {
    let weights = weights_file::read(&args.weights)?;
    if matches!(weights.metadata.network.model, ModelConfig::Attributes(_)) {
        let evaluation = estimates::evaluate(args, &weights)?;
        return estimates::print(args.json, &evaluation);
    }
    let sources = sources::read_all(&args.data, args.labels.as_deref(), &weights.metadata)?;
    let data = &sources[0];
    let rows = part::rows(&weights, data, args.split)?;
    ensure!(
        !rows.is_empty(),
        "{} has no rows of that part of the split; use --split all to evaluate every row",
        args.data[0].display()
    );
    let classifier = weights_file::classifier(Some(&args.weights), args.device)?;
    let probabilities = probabilities(&classifier, &sources, &rows)?;
    let truth = data.truth(&rows);
    let labels = &weights.metadata.labels;
    let named_rows: Vec<Row> = rows.iter().map(|&row| Row::of(data, row)).collect();
    // Temperature-scaled logits, up to an additive constant per row.
    let log = |value: &f32| value.max(f32::MIN_POSITIVE).ln();
    let logits = probabilities.values().iter().map(log).collect();
    let logits = Matrix::new(probabilities.n_columns(), logits)?;
    let held_out = HeldOut::new(logits, data, &rows);
    let raw = held_out.probabilities(1.0 / weights.metadata.temperature);
    let evaluation = Evaluation {
        origin: Origin::of(Some(&args.weights), &weights.metadata)?,
        split: args.split,
        metrics: Metrics::new(&probabilities, &truth, labels),
        raw_ece: Metrics::new(&raw, &truth, labels).ece,
        interval: held_out.headline("", labels).interval,
        labels,
        seen_artist_rows: count_seen(data, &rows, &weights.artists),
        mistakes: mistakes(&probabilities, &named_rows, labels),
    };
    match args.json {
        true => output::json(&evaluation),
        false => output::line(summary(&evaluation, &weights.metadata.card.data)),
    }
}

/// Probabilities for some rows of the data sets from [`sources::read_all`].
///
/// # Shapes
/// - returns `[n_rows][n_labels]`
///
/// # Errors
/// If the device fails.
pub fn probabilities(
    classifier: &Classifier,
    sources: &[Dataset],
    rows: &[usize],
) -> Result<Matrix> {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} rows, {eta} left")
        .expect("the template is well formed");
    let bar = ProgressBar::new(rows.len() as u64).with_style(style);

    let mut probabilities = Matrix::default();
    for &row in rows {
        let features = sources.iter().map(|data| {
            let mut values = vec![0.0; data.row_len()];
            data.row_into(row, &mut values);
            values
        });
        let row_probabilities = block_on(classifier.features(features.collect()))?;
        probabilities.push_row(row_probabilities.values());
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(probabilities)
}

fn summary(evaluation: &Evaluation, data: &DataCard) -> String {
    let Metrics {
        n,
        top1,
        top3,
        balanced,
        macro_f1,
        ece,
        per_class,
        ..
    } = &evaluation.metrics;
    let seen = part::describe_seen(evaluation.seen_artist_rows, data);
    let mut text = format!(
        "{n} rows{seen}\n\
         top-1 {} ({})   top-3 {}   balanced {}   macro F1 {macro_f1:.3}   \
         ECE {ece:.3} ({:.3} without temperature scaling)\n",
        percent(*top1),
        percent_interval(evaluation.interval),
        percent(*top3),
        percent(*balanced),
        evaluation.raw_ece,
    );
    let width = evaluation
        .labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    text += &format!("\n{:width$}  {:>5}  precision  recall     F1", "", "rows");
    for class in per_class {
        text += &format!(
            "\n{:width$}  {:>5}  {:>9.3}  {:>6.3}  {:>5.3}",
            class.label, class.n, class.precision, class.recall, class.f1
        );
    }
    text + &list_mistakes(&evaluation.mistakes)
}

/// The most confident mistakes, one per line.
fn list_mistakes(mistakes: &[Mistake]) -> String {
    if mistakes.is_empty() {
        return String::new();
    }
    let mut text = match mistakes.len() {
        n if n > N_MISTAKES => {
            format!("\n\nthe {N_MISTAKES} most confident of {n} mistakes (--json lists all)")
        }
        n => format!("\n\nmistakes: {n}"),
    };
    for mistake in mistakes.iter().take(N_MISTAKES) {
        text += &format!(
            "\n{}: {}, predicted as {} with {}",
            mistake.name(),
            mistake.label,
            mistake.prediction,
            percent(mistake.probability.into())
        );
    }
    text
}
