//! `tonearm evaluate`: how good weights are on labelled rows.

mod estimates;

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use serde::Serialize;
use tonearm::classifier::Classifier;
use tonearm::data::Dataset;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::metrics::Metrics;
use tonearm::models::ModelConfig;
use tonearm::weights::{Artists, Weights};

use crate::device::Backend;
use crate::{classify, output, sources};

/// Measure how good weights are on labelled features
///
/// Rows by artists that the weights were fitted on make the figures look better than they are;
/// `seen_artist_rows` counts them, and --split leaves them out. Weights of several networks read
/// several files: their rows are joined on the track. Of an estimator, R2 of each feature is given: it
/// reads mel features and a table of the true values.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The weights
    #[arg(long, value_name = "W.bpk")]
    weights: PathBuf,
    /// Labelled features, as `tonearm extract` writes them, or a table with the columns genre and
    /// the eight Echo Nest features; once for each kind of features that the weights read
    #[arg(long, value_name = "F.npz|T.csv", required = true)]
    data: Vec<PathBuf>,
    /// Only the rows that the weights used for this: those of the artists that they name, or, after a
    /// random split, those that fall there again
    #[arg(long, value_enum, default_value_t = Part::All)]
    split: Part,
    /// Names of the data's labels, to check that the weights have the same. Default: F.genres.json, where there is one
    #[arg(long, value_name = "GENRES.json")]
    labels: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// Rows that the weights were fitted on
    Train,
    /// Rows that choices were made on
    Val,
    /// Rows that figures were printed from
    Test,
    /// All rows
    All,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Evaluation<'a> {
    split: Part,
    #[serde(flatten)]
    metrics: Metrics,
    /// Expected calibration error without the temperature.
    raw_ece: f64,
    /// Bounds of the share right with 95 % confidence, where rows of one artist count as one.
    interval: [f64; 2],
    labels: &'a [String],
    /// Rows whose artist the weights were fitted on.
    seen_artist_rows: usize,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the data does not fit the weights, or no row is left.
pub fn run(args: &Args) -> Result<()> {
    let weights = sources::read_weights(&args.weights)?;
    if matches!(weights.metadata.network.model, ModelConfig::Attributes(_)) {
        return estimates::run(args, &weights);
    }
    let sources = sources::read_all(&args.data, args.labels.as_deref(), &weights.metadata)?;
    let data = &sources[0];
    let rows = rows(&weights, data, args.split)?;
    ensure!(
        !rows.is_empty(),
        "no row of {} is of that split; --split all takes every row",
        args.data[0].display()
    );
    let classifier = classify::load(Some(&args.weights), args.device)?;
    let probabilities = probabilities(&classifier, &sources, &rows)?;
    let truth = data.truth(&rows);
    let labels = &weights.metadata.labels;
    // Logits at the temperature, but for a summand of each row.
    let logits = probabilities.iter().map(|row| {
        let logits = row.iter().map(|value| value.max(f32::MIN_POSITIVE).ln());
        logits.collect()
    });
    let answers = HeldOut::new(logits.collect(), data, &rows);
    let raw = answers.probabilities(1.0 / weights.metadata.temperature);
    let evaluation = Evaluation {
        split: args.split,
        metrics: Metrics::new(&probabilities, &truth, labels),
        raw_ece: Metrics::new(&raw, &truth, labels).ece,
        interval: answers.headline("", labels).interval,
        labels,
        seen_artist_rows: count_seen(data, &rows, &weights.artists),
    };
    match args.json {
        true => output::json(&evaluation),
        false => output::line(summary(&evaluation)),
    }
}

/// The rows of a part, ascending.
fn rows(weights: &Weights, data: &Dataset, part: Part) -> Result<Vec<usize>> {
    Ok(match part {
        Part::All => (0..data.len()).collect(),
        Part::Train => sources::split(weights, data)?.train,
        Part::Val => sources::split(weights, data)?.validation,
        Part::Test => sources::split(weights, data)?.test,
    })
}

fn count_seen(data: &Dataset, rows: &[usize], artists: &Artists) -> usize {
    let seen: HashSet<i32> = artists.train.iter().copied().collect();
    rows.iter()
        .filter(|row| seen.contains(&data.artist_id[**row]))
        .count()
}

/// Probabilities of rows of what [`sources::read_all`] read.
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
) -> Result<Vec<Vec<f32>>> {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} rows, {eta} left")
        .expect("the template is well formed");
    let bar = ProgressBar::new(rows.len() as u64).with_style(style);

    let mut probabilities = Vec::with_capacity(rows.len());
    for &row in rows {
        let features = sources.iter().map(|data| {
            let mut values = vec![0.0; data.row_len()];
            data.row_into(row, &mut values);
            values
        });
        let answer = block_on(classifier.features(features.collect()))?;
        probabilities.push(answer.values().to_vec());
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(probabilities)
}

fn summary(evaluation: &Evaluation) -> String {
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
    let [low, high] = evaluation.interval;
    let mut text = format!(
        "{n} rows, {} of them by artists that the weights were fitted on\n\
         top-1 {:.1} % ({:.1} to {:.1})   top-3 {:.1} %   balanced {:.1} %   macro F1 {macro_f1:.3}   \
         ECE {ece:.3} ({:.3} before the temperature)\n",
        evaluation.seen_artist_rows,
        top1 * 100.0,
        low * 100.0,
        high * 100.0,
        top3 * 100.0,
        balanced * 100.0,
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
    text
}
