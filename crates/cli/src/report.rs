//! `tonearm report`: everything about a weights file on one page.

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
use crate::train::file;
use crate::train::record::Record;
use crate::{classify, evaluate, map, output, sources, tsne};

/// Mistakes that are listed.
const N_MISTAKES: usize = 30;

/// Show how good weights are, on one page with plots
///
/// Writes report.html, which needs no other file, and each plot as SVG. The figures are those of rows
/// that the network had not seen: its test rows, or what the folds of its record said of the rows that
/// each held out.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The weights
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Labelled features, as `tonearm evaluate` reads them; once for each kind that the weights read
    #[arg(long, value_name = "F.npz|T.csv", required = true)]
    data: Vec<PathBuf>,
    /// Folder with the record of the run: W.json and W.npz. Default: that of the weights
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
}

/// Answers to rows, and what the rows are.
struct Answers {
    /// What the rows are, in words.
    source: String,
    /// `[n][n_labels]`
    probabilities: Vec<Vec<f32>>,
    /// `[n]`
    truth: Vec<usize>,
    /// `[n]`
    track_id: Vec<i32>,
}

/// A wrong answer.
struct Mistake<'a> {
    track_id: i32,
    truth: &'a str,
    answer: &'a str,
    probability: f32,
}

/// Tracks on a plane.
struct Scatter {
    /// `[n]`
    places: Vec<[f32; 2]>,
    /// Label of each.
    labels: Vec<u8>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the data do not fit the weights, or the report cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let weights = sources::read_weights(&args.weights)?;
    let sources = sources::read_all(&args.data, None, &weights.metadata)?;
    let record = read_record(args)?;
    let split = sources::split(&weights, &sources[0])?;
    let answers = answers(args, &weights, &sources, &split)?;
    let labels = &weights.metadata.labels;
    let metrics = Metrics::new(&answers.probabilities, &answers.truth, labels);

    let mut figures = Vec::new();
    let epochs = record.as_ref().filter(|record| !record.fits.is_empty());
    if let Some(record) = epochs {
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
        plots::reliability(&answers.probabilities, &answers.truth)?,
    ));
    let [train, test] = scatters(&weights, &sources, &split)?;
    for (name, scatter) in [("tsne-train", &train), ("tsne-test", &test)] {
        if let Some(scatter) = scatter {
            figures.push((
                name,
                plots::scatter(&scatter.places, &scatter.labels, labels)?,
            ));
        }
    }

    fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be made", args.out.display()))?;
    for (name, svg) in &figures {
        write(args, &format!("{name}.svg"), svg)?;
    }
    let page = page::Page {
        name: &file::stem(&args.weights),
        weights: &weights,
        record: record.as_ref(),
        source: &answers.source,
        metrics: &metrics,
        mistakes: mistakes(&answers, labels),
        figures: &figures,
    };
    write(args, "report.html", &page.render().into_string())?;
    output::line(format_args!(
        "{}: {} rows, top-1 {:.1} %; {} plots and report.html in {}",
        answers.source,
        metrics.n,
        metrics.top1 * 100.0,
        figures.len(),
        args.out.display()
    ))
}

/// The file's name in the records: that of the weights.
fn in_records(args: &Args, ending: &str) -> PathBuf {
    let folder = args.records.as_deref().or(args.weights.parent());
    let name = format!("{}.{ending}", file::stem(&args.weights));
    folder.unwrap_or(Path::new(".")).join(name)
}

fn read_record(args: &Args) -> Result<Option<Record>> {
    let path = in_records(args, "json");
    path.exists().then(|| Record::read(&path)).transpose()
}

/// Answers to rows that the network had not seen, as far as there are any.
fn answers(args: &Args, weights: &Weights, sources: &[Dataset], split: &Split) -> Result<Answers> {
    let data = &sources[0];
    let held_out = in_records(args, "npz");
    let random = weights.metadata.card.split.random;
    let (source, rows) = match test_rows(weights, data, split) {
        rows if !rows.is_empty() && random => (
            "rows that it had not seen, of artists that it may have",
            rows,
        ),
        rows if !rows.is_empty() => ("rows of artists that it had not seen", rows),
        _ if held_out.exists() => return from_folds(&held_out, &weights.metadata, data),
        _ => (
            "rows that the weights were fitted on, which flatters them",
            (0..data.len()).collect(),
        ),
    };
    let classifier = classify::load(Some(&args.weights), args.device)?;
    Ok(Answers {
        source: source.into(),
        probabilities: evaluate::probabilities(&classifier, sources, &rows)?,
        truth: data.truth(&rows),
        track_id: rows.iter().map(|&row| data.track_id[row]).collect(),
    })
}

/// What the folds of a record said of the rows that each held out, of those that are in the data.
fn from_folds(path: &Path, metadata: &Metadata, data: &Dataset) -> Result<Answers> {
    let (held_out, rows) = sources::read_held_out(path, metadata.labels.len())?;
    let tracks: HashSet<i32> = data.track_id.iter().copied().collect();
    let mut answers = Answers {
        source:
            "rows that the fold which answered had not seen, at the temperature that fits all of \
                 them"
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
            answers.probabilities.push(probabilities);
            answers.truth.push(truth);
            answers.track_id.push(track_id);
        }
    }
    ensure!(
        !answers.truth.is_empty(),
        "{} and the data have no track in common",
        path.display()
    );
    Ok(answers)
}

/// The rows that the weights were tested on, or else those of artists that they know nothing of.
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

/// The wrong answers of which the network was surest.
fn mistakes<'a>(answers: &Answers, labels: &'a [String]) -> Vec<Mistake<'a>> {
    let rows = answers.probabilities.iter().zip(&answers.truth);
    let mut mistakes: Vec<Mistake> = rows
        .zip(&answers.track_id)
        .map(|((row, &truth), &track_id)| (argmax(row), row, truth, track_id))
        .filter(|(answer, _, truth, _)| answer != truth)
        .map(|(answer, row, truth, track_id)| Mistake {
            track_id,
            truth: &labels[truth],
            answer: &labels[answer],
            probability: row[answer],
        })
        .collect();
    mistakes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    mistakes.truncate(N_MISTAKES);
    mistakes
}

/// The training and the test tracks by t-SNE of their embeddings; none where there is no such track.
fn scatters(weights: &Weights, sources: &[Dataset], split: &Split) -> Result<[Option<Scatter>; 2]> {
    let part = map::embedded(&weights.metadata);
    let reads = |data: &&Dataset| data.shape == part.input.shape();
    let data = sources
        .iter()
        .find(reads)
        .context("no data for the mapped network")?;
    let scatter = |rows: Vec<usize>| -> Result<Option<Scatter>> {
        if rows.is_empty() {
            return Ok(None);
        }
        let embeddings = map::embeddings(weights, data, &rows)?;
        Ok(Some(Scatter {
            places: tsne::places(&embeddings)?,
            labels: rows.iter().map(|&row| data.y[row]).collect(),
        }))
    };
    let train = match &weights.map {
        // By the same means as here.
        Some(map) => Some(Scatter {
            places: map.places().to_vec(),
            labels: map.labels().to_vec(),
        }),
        None => scatter(split.train.clone())?,
    };
    Ok([train, scatter(test_rows(weights, data, split))?])
}

fn write(args: &Args, name: &str, text: &str) -> Result<()> {
    let path = args.out.join(name);
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
}
