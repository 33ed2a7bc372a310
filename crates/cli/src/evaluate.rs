//! `tonearm evaluate`: how good weights are on labelled rows.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tonearm::dataset::Dataset;
use tonearm::metrics::Metrics;
use tonearm::models::{row_logits, softmax};
use tonearm::weights::{Artists, Weights};

use crate::device::Backend;
use crate::{labels, output};

/// Rows from one step of the progress bar to the next.
const STEP: usize = 256;

/// Measure how good weights are on labelled features
///
/// Rows by artists that the weights were fitted on make the figures look better than they are;
/// `seen_artist_rows` counts them, and --split leaves them out.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The weights
    #[arg(long, value_name = "W.bpk")]
    weights: PathBuf,
    /// Labelled features, as `tonearm extract` writes them
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// Only the rows whose artists the weights used for this
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
    labels: &'a [String],
    /// Rows whose artist the weights were fitted on.
    seen_artist_rows: usize,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the data does not fit the weights, or no row is left.
pub fn run(args: &Args) -> Result<()> {
    let weights = read_weights(&args.weights)?;
    let data = read_data(&args.data)?;
    check_fit(args, &weights, &data)?;

    let rows = rows(&data, &weights.artists, args.split);
    ensure!(
        !rows.is_empty(),
        "no row of {} is by an artist of that split; --split all takes every row",
        args.data.display()
    );
    let probabilities = probabilities(&weights, &data, &rows, args.device)?;
    let truth: Vec<usize> = rows.iter().map(|row| usize::from(data.y[*row])).collect();
    let labels = &weights.metadata.labels;
    let evaluation = Evaluation {
        split: args.split,
        metrics: Metrics::new(&probabilities, &truth, labels),
        labels,
        seen_artist_rows: count_seen(&data, &rows, &weights.artists),
    };
    match args.json {
        true => output::json(&evaluation),
        false => output::line(table(&evaluation)),
    }
}

/// Reads a weights file from disk.
///
/// # Errors
/// If the file cannot be opened or is no weights file.
pub fn read_weights(path: &Path) -> Result<Weights> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Weights::read(&bytes).with_context(|| path.display().to_string())
}

/// Reads labelled features from disk.
///
/// # Errors
/// If the file cannot be opened or is no such archive.
pub fn read_data(path: &Path) -> Result<Dataset> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Dataset::from_npz(&bytes).with_context(|| path.display().to_string())
}

/// Refuses data of another shape or with other labels than the weights'.
fn check_fit(args: &Args, weights: &Weights, data: &Dataset) -> Result<()> {
    let metadata = &weights.metadata;
    let expected = metadata.features.shape();
    ensure!(
        data.shape == expected,
        "the weights read rows of {} x {}, and those of {} are {} x {}",
        expected[0],
        expected[1],
        args.data.display(),
        data.shape[0],
        data.shape[1]
    );
    data.check_labels(metadata.labels.len())?;

    let beside = args.data.with_extension("genres.json");
    let path = args
        .labels
        .clone()
        .or_else(|| beside.exists().then_some(beside));
    let Some(path) = path else { return Ok(()) };
    ensure!(
        labels::read(&path)? == metadata.labels,
        "{} names other labels than the weights ({}); extract the data again with --labels",
        path.display(),
        metadata.labels.join(", ")
    );
    Ok(())
}

/// The rows of a part, ascending.
fn rows(data: &Dataset, artists: &Artists, part: Part) -> Vec<usize> {
    let members: HashSet<i32> = match part {
        Part::Train => artists.train.iter().copied().collect(),
        Part::Val => artists.validation.iter().copied().collect(),
        Part::Test => artists.test.iter().copied().collect(),
        Part::All => return (0..data.len()).collect(),
    };
    (0..data.len())
        .filter(|row| members.contains(&data.artist_id[*row]))
        .collect()
}

fn count_seen(data: &Dataset, rows: &[usize], artists: &Artists) -> usize {
    let seen: HashSet<i32> = artists.train.iter().copied().collect();
    rows.iter()
        .filter(|row| seen.contains(&data.artist_id[**row]))
        .count()
}

/// Probabilities of each row, `[n_rows][n_labels]`.
fn probabilities(
    weights: &Weights,
    data: &Dataset,
    rows: &[usize],
    device: Backend,
) -> Result<Vec<Vec<f32>>> {
    let device = device.start()?;
    let network = weights.network(&device)?;
    let metadata = &weights.metadata;
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} rows, {eta} left")
        .expect("the template is well formed");
    let bar = ProgressBar::new(rows.len() as u64).with_style(style);

    let mut probabilities = Vec::with_capacity(rows.len());
    for step in rows.chunks(STEP) {
        let logits = pollster::block_on(row_logits(
            &network,
            &metadata.normalisation,
            data,
            step,
            &device,
        ))?;
        probabilities.extend(logits.iter().map(|row| softmax(row, metadata.temperature)));
        bar.inc(step.len() as u64);
    }
    bar.finish_and_clear();
    Ok(probabilities)
}

fn table(evaluation: &Evaluation) -> String {
    let Metrics {
        n,
        top1,
        top3,
        macro_f1,
        ece,
        per_class,
        ..
    } = &evaluation.metrics;
    let mut text = format!(
        "{n} rows, {} of them by artists that the weights were fitted on\n\
         top-1 {:.1} %   top-3 {:.1} %   macro F1 {macro_f1:.3}   ECE {ece:.3}\n",
        evaluation.seen_artist_rows,
        top1 * 100.0,
        top3 * 100.0,
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
