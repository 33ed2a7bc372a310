//! `tonearm evaluate`: how good weights are on labelled rows.

mod estimates;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use serde::Serialize;
use tonearm::calibration::HeldOut;
use tonearm::classifier::Classifier;
use tonearm::dataset::Dataset;
use tonearm::metrics::{Metrics, argmax, group_interval};
use tonearm::models::{ModelConfig, softmax};
use tonearm::weights::{Artists, Metadata, Weights};

use crate::device::Backend;
use crate::{classify, labels, output, table};

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
    let weights = read_weights(&args.weights)?;
    if matches!(weights.metadata.network.model, ModelConfig::Attributes(_)) {
        return estimates::run(args, &weights);
    }
    let sources = sources(&args.data, args.labels.as_deref(), &weights.metadata)?;
    let data = &sources[0];
    ensure!(
        args.split == Part::All || !weights.metadata.card.split.random,
        "these weights come from a random split, whose artists stand on both sides: use --split all"
    );

    let rows = rows(data, &weights.artists, args.split);
    ensure!(
        !rows.is_empty(),
        "no row of {} is by an artist of that split; --split all takes every row",
        args.data[0].display()
    );
    let classifier = classify::load(Some(&args.weights), args.device)?;
    let probabilities = probabilities(&classifier, &sources, &rows)?;
    let truth = data.truth(&rows);
    let labels = &weights.metadata.labels;
    let raw = without_temperature(&probabilities, weights.metadata.temperature);
    let right: Vec<bool> = probabilities
        .iter()
        .zip(&truth)
        .map(|(row, &label)| argmax(row) == label)
        .collect();
    let artists: Vec<i32> = rows.iter().map(|&row| data.artist_id[row]).collect();
    let evaluation = Evaluation {
        split: args.split,
        metrics: Metrics::new(&probabilities, &truth, labels),
        raw_ece: Metrics::new(&raw, &truth, labels).ece,
        interval: group_interval(&right, &artists),
        labels,
        seen_artist_rows: count_seen(data, &rows, &weights.artists),
    };
    match args.json {
        true => output::json(&evaluation),
        false => output::line(summary(&evaluation)),
    }
}

/// The probabilities that the logits had before they were divided by a temperature.
fn without_temperature(probabilities: &[Vec<f32>], temperature: f32) -> Vec<Vec<f32>> {
    let raw = |row: &Vec<f32>| {
        let logits: Vec<f32> = row.iter().map(|p| p.max(f32::MIN_POSITIVE).ln()).collect();
        softmax(&logits, 1.0 / temperature)
    };
    probabilities.iter().map(raw).collect()
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

/// Reads what `train --folds --record` keeps, in the order of the file, with the file's rows.
///
/// # Errors
/// If the file cannot be read, or does not hold logits of so many labels.
pub fn read_held_out(path: &Path, n_labels: usize) -> Result<(HeldOut, Dataset)> {
    let data = read_data(path)?;
    ensure!(
        data.shape == [1, n_labels] && !data.is_empty(),
        "{} does not hold logits of these weights' labels",
        path.display()
    );
    data.check_labels(n_labels)?;
    Ok((held_out(&data), data))
}

/// What [`read_held_out`] read, of the rows that are left.
pub fn held_out(data: &Dataset) -> HeldOut {
    let rows: Vec<usize> = (0..data.len()).collect();
    let logits = rows.iter().map(|&row| {
        let mut logits = vec![0.0; data.row_len()];
        data.row_into(row, &mut logits);
        logits
    });
    HeldOut::new(logits.collect(), data, &rows)
}

/// The rows of each file, in the order in which the weights read them: those of tracks that all
/// files have.
///
/// # Errors
/// If a file cannot be read, the files are not what the weights read, or they have no track in
/// common.
pub fn sources(
    paths: &[PathBuf],
    labels: Option<&Path>,
    metadata: &Metadata,
) -> Result<Vec<Dataset>> {
    let inputs = metadata.inputs();
    let mut files = Vec::new();
    for path in paths {
        let data = match is_table(path) {
            true => table::read(path, Some(&metadata.labels))?.rows,
            false => read_data(path)?,
        };
        check_labels(labels, path, metadata, &data)?;
        files.push((path, data));
    }
    let mut sources = Vec::new();
    for input in &inputs {
        let fits = |(_, data): &&(&PathBuf, Dataset)| {
            data.shape == input.shape() && data.layout() == input.layout()
        };
        let Some((_, data)) = files.iter().find(fits) else {
            let [height, width] = input.shape();
            let got = files.iter().map(|(path, data)| {
                format!(
                    "those of {} are {} x {}",
                    path.display(),
                    data.shape[0],
                    data.shape[1]
                )
            });
            bail!(
                "the weights read rows of {height} x {width}, and {}",
                got.collect::<Vec<_>>().join(", ")
            );
        };
        sources.push(data.clone());
    }
    ensure!(
        files.len() == inputs.len(),
        "the weights read {} kinds of features, and --data was given {} times",
        inputs.len(),
        files.len()
    );
    if let [first, others @ ..] = &mut sources[..] {
        join(first, &mut others.iter_mut().collect::<Vec<_>>());
    }
    ensure!(!sources[0].is_empty(), "the files have no track in common");
    Ok(sources)
}

/// Whether a file is a table by its name; else it is an archive.
fn is_table(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Leaves of each source the rows of tracks that all have, in the order of the first.
pub fn join(first: &mut Dataset, others: &mut [&mut Dataset]) {
    let places: Vec<HashMap<i32, usize>> = others
        .iter()
        .map(|data| data.track_id.iter().copied().zip(0..).collect())
        .collect();
    let in_all = |row: &usize| {
        let track = &first.track_id[*row];
        places.iter().all(|places| places.contains_key(track))
    };
    let rows: Vec<usize> = (0..first.len()).filter(in_all).collect();
    *first = first.select(&rows);
    for (data, places) in others.iter_mut().zip(&places) {
        let rows: Vec<usize> = first.track_id.iter().map(|track| places[track]).collect();
        **data = data.select(&rows);
    }
}

/// Refuses data with other labels than the weights'.
///
/// # Errors
/// If a label has no name, or the list of names beside the file, or given, is another.
pub fn check_labels(
    labels: Option<&Path>,
    file: &Path,
    metadata: &Metadata,
    data: &Dataset,
) -> Result<()> {
    data.check_labels(metadata.labels.len())?;
    let beside = file.with_extension("genres.json");
    let path = match labels {
        Some(path) => path,
        None if beside.exists() => &beside,
        None => return Ok(()),
    };
    ensure!(
        labels::read(path)? == metadata.labels,
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

/// Probabilities of rows of what [`sources`] read.
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
