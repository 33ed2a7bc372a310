//! `tonearm report`: an HTML page with figures and plots of a weights file.

mod page;
mod plots;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::metrics::{Metrics, argmax};
use tonearm::weights::{Metadata, Weights};

use crate::device::Backend;
use crate::storage::records::{self, Record};
use crate::{evaluate, input::sources, map, output, storage::files, storage::weights_file, tsne};

/// Number of mistakes to list.
const N_MISTAKES: usize = 30;

/// Write an HTML report with figures and plots of a weights file
///
/// Writes report.html, a self-contained page, and each plot as SVG. The figures are measured on the test
/// set or, for weights that were trained on all rows, taken from the cross-validation in the record.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Weights file
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Labelled features, as for `tonearm evaluate`. Repeat for weights that read several kinds of features
    #[arg(long, value_name = "F.npz|T.csv", required = true)]
    data: Vec<PathBuf>,
    /// Folder with the record of the run, W.json and W.npz. Default: the folder of the weights file
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Compute device
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
}

/// Predictions for the rows that the report is about.
struct Predictions {
    /// Description of the rows.
    source: String,
    /// `[n][n_labels]`
    probabilities: Vec<Vec<f32>>,
    /// `[n]`
    truth: Vec<usize>,
    /// `[n]`
    track_id: Vec<i32>,
}

/// A scatter plot of tracks.
struct Scatter {
    /// `[n]`
    coordinates: Vec<[f32; 2]>,
    /// `[n]`
    labels: Vec<u8>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the data does not suit the weights, or the report cannot be written.
pub fn run(args: &Args) -> Result<()> {
    if let Some(folder) = &args.records {
        records::check_folder(folder)?;
    }
    let weights = weights_file::read(&args.weights)?;
    let sources = sources::read_all(&args.data, None, &weights.metadata)?;
    let record = read_record(args)?;
    let split = sources::split(&weights, &sources[0])?;
    let predictions = predictions(args, &weights, &sources, &split)?;
    let labels = &weights.metadata.labels;
    let metrics = Metrics::new(&predictions.probabilities, &predictions.truth, labels);

    let mut figures = Vec::new();
    let with_epochs = record.as_ref().filter(|record| !record.fits.is_empty());
    if let Some(record) = with_epochs {
        figures.push(("loss", plots::curves(&record.fits, plots::Curve::Loss)?));
        figures.push((
            "accuracy",
            plots::curves(&record.fits, plots::Curve::Accuracy)?,
        ));
    }
    figures.push(("confusion", plots::confusion(&metrics, labels)?));
    figures.push(("per-genre", plots::per_genre(&metrics)?));
    figures.push((
        "reliability",
        plots::reliability(&predictions.probabilities, &predictions.truth)?,
    ));
    let [train, test] = scatters(&weights, &sources, &split)?;
    for (name, scatter) in [("tsne-train", &train), ("tsne-test", &test)] {
        if let Some(scatter) = scatter {
            figures.push((
                name,
                plots::scatter(&scatter.coordinates, &scatter.labels, labels)?,
            ));
        }
    }

    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot create {}", args.out.display()))?;
    for (name, svg) in &figures {
        write(args, &format!("{name}.svg"), svg)?;
    }
    let page = page::Page {
        name: &files::stem(&args.weights),
        weights: &weights,
        record: record.as_ref(),
        source: &predictions.source,
        metrics: &metrics,
        mistakes: mistakes(&predictions, labels),
        figures: &figures,
    };
    write(args, "report.html", &page.render().into_string())?;
    output::line(format_args!(
        "{}: {} rows, top-1 {:.1} %; {} plots and report.html in {}",
        predictions.source,
        metrics.n,
        metrics.top1 * 100.0,
        figures.len(),
        args.out.display()
    ))
}

/// Path of the record with an extension; it has the name of the weights file.
fn in_records(args: &Args, extension: &str) -> PathBuf {
    let folder = args.records.as_deref().or(args.weights.parent());
    let name = format!("{}.{extension}", files::stem(&args.weights));
    folder.unwrap_or(Path::new(".")).join(name)
}

fn read_record(args: &Args) -> Result<Option<Record>> {
    let path = in_records(args, "json");
    path.exists().then(|| Record::read(&path)).transpose()
}

/// Predictions for held-out rows or, if there are none, for the training set.
fn predictions(
    args: &Args,
    weights: &Weights,
    sources: &[Dataset],
    split: &Split,
) -> Result<Predictions> {
    let data = &sources[0];
    let held_out = in_records(args, "npz");
    let random = weights.metadata.card.split.random;
    let (source, rows) = match test_rows(weights, data, split) {
        rows if !rows.is_empty() && random => (
            "the test set of a random split, whose artists may be in the training set",
            rows,
        ),
        rows if !rows.is_empty() => ("rows by artists outside the training set", rows),
        _ if held_out.exists() => return from_folds(&held_out, &weights.metadata, data),
        _ => (
            "the training set, so the figures are optimistic",
            (0..data.len()).collect(),
        ),
    };
    let classifier = weights_file::classifier(Some(&args.weights), args.device)?;
    Ok(Predictions {
        source: source.into(),
        probabilities: evaluate::probabilities(&classifier, sources, &rows)?,
        truth: data.truth(&rows),
        track_id: rows.iter().map(|&row| data.track_id[row]).collect(),
    })
}

/// Cross-validated predictions in a record, for the tracks that are in the data.
fn from_folds(path: &Path, metadata: &Metadata, data: &Dataset) -> Result<Predictions> {
    let (held_out, rows) = sources::read_held_out(path, metadata.labels.len())?;
    let tracks: HashSet<i32> = data.track_id.iter().copied().collect();
    let mut predictions = Predictions {
        source:
            "cross-validated rows, each predicted by the fold that held it out, with one temperature \
                 for all folds"
                .into(),
        probabilities: Vec::new(),
        truth: Vec::new(),
        track_id: Vec::new(),
    };
    let probabilities = held_out.probabilities(metadata.temperature);
    for ((probabilities, truth), track_id) in probabilities
        .into_iter()
        .zip(held_out.truth)
        .zip(rows.track_id)
    {
        if tracks.contains(&track_id) {
            predictions.probabilities.push(probabilities);
            predictions.truth.push(truth);
            predictions.track_id.push(track_id);
        }
    }
    ensure!(
        !predictions.truth.is_empty(),
        "{} and the --data files have no track in common",
        path.display()
    );
    Ok(predictions)
}

/// The test set or, if there is none, the rows by artists outside the training and validation set.
fn test_rows(weights: &Weights, data: &Dataset, split: &Split) -> Vec<usize> {
    let artists = &weights.artists;
    if !split.test.is_empty() || artists.train.is_empty() {
        return split.test.clone();
    }
    let known: HashSet<i32> = artists
        .train
        .iter()
        .chain(&artists.validation)
        .copied()
        .collect();
    (0..data.len())
        .filter(|&row| !known.contains(&data.artist_id[row]))
        .collect()
}

/// The most confident wrong predictions.
fn mistakes<'a>(predictions: &Predictions, labels: &'a [String]) -> Vec<page::Mistake<'a>> {
    let rows = predictions.probabilities.iter().zip(&predictions.truth);
    let mut mistakes: Vec<page::Mistake> = rows
        .zip(&predictions.track_id)
        .map(|((row, &truth), &track_id)| (argmax(row), row, truth, track_id))
        .filter(|(prediction, _, truth, _)| prediction != truth)
        .map(|(prediction, row, truth, track_id)| page::Mistake {
            track_id,
            truth: &labels[truth],
            prediction: &labels[prediction],
            probability: row[prediction],
        })
        .collect();
    mistakes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    mistakes.truncate(N_MISTAKES);
    mistakes
}

/// t-SNE plots of the training tracks and of the test tracks; `None` if there are no such tracks.
fn scatters(weights: &Weights, sources: &[Dataset], split: &Split) -> Result<[Option<Scatter>; 2]> {
    let part = map::embedding_network(&weights.metadata);
    let reads = |data: &&Dataset| data.shape == part.input.shape();
    let data = sources
        .iter()
        .find(reads)
        .context("none of the --data files suits the mapped network")?;
    let scatter = |rows: Vec<usize>| -> Result<Option<Scatter>> {
        if rows.is_empty() {
            return Ok(None);
        }
        let embeddings = map::embed_rows(weights, data, &rows)?;
        Ok(Some(Scatter {
            coordinates: tsne::coordinates(&embeddings)?,
            labels: rows.iter().map(|&row| data.y[row]).collect(),
        }))
    };
    let train = match &weights.map {
        // The map is a t-SNE projection too.
        Some(map) => Some(Scatter {
            coordinates: map.coordinates().to_vec(),
            labels: map.labels().to_vec(),
        }),
        None => scatter(split.train.clone())?,
    };
    Ok([train, scatter(test_rows(weights, data, split))?])
}

fn write(args: &Args, name: &str, text: &str) -> Result<()> {
    let path = args.out.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
