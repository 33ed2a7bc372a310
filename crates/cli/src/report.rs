//! `tonearm report`: an HTML page with figures and plots of a weights file.

mod page;
mod plots;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tonearm::data::split::Split;
use tonearm::data::{Dataset, Matrix};
use tonearm::evaluation::intervals::group_interval;
use tonearm::evaluation::metrics::{Metrics, argmax};
use tonearm::weights::{Metadata, Weights};

use crate::device::Backend;
use crate::evaluate::mistakes::{Row, mistakes};
use crate::output::percent;
use crate::storage::records::{self, Record};
use crate::storage::weights_file::{self, group_name};
use crate::{evaluate, input::sources, map, output, storage::files, tsne};

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
struct Predictions<'a> {
    /// Description of the rows.
    source: String,
    /// `[n][n_labels]`
    probabilities: Matrix,
    /// `[n]`
    rows: Vec<Row<'a>>,
}

impl Predictions<'_> {
    /// Bounds of the 95 % confidence interval of the accuracy on all rows, or of the recall of one label.
    /// `None` if the rows are by fewer than two artists.
    fn interval(&self, label: Option<usize>) -> Option<[f64; 2]> {
        let rows = self.probabilities.rows().zip(&self.rows);
        let (correct, artists): (Vec<bool>, Vec<i32>) = rows
            .filter(|(_, row)| label.is_none_or(|label| row.label == label))
            .map(|(probabilities, row)| (argmax(probabilities) == row.label, row.artist_id))
            .unzip();
        let n_artists = artists.iter().collect::<HashSet<_>>().len();
        (n_artists > 1).then(|| group_interval(&correct, &artists))
    }
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
    let truth: Vec<usize> = predictions.rows.iter().map(|row| row.label).collect();
    let metrics = Metrics::new(&predictions.probabilities, &truth, labels);

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
        plots::reliability(&predictions.probabilities, &truth)?,
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
        // On a page, the plots have its colours.
        let standalone = svg.replacen("<svg ", "<svg style=\"background:white;color:black\" ", 1);
        write(args, &format!("{name}.svg"), &standalone)?;
    }
    let mut mistakes = mistakes(&predictions.probabilities, &predictions.rows, labels);
    mistakes.truncate(N_MISTAKES);
    let page = page::Page {
        name: &files::stem(&args.weights),
        weights: &weights,
        record: record.as_ref(),
        source: &predictions.source,
        metrics: &metrics,
        interval: predictions.interval(None),
        recall_intervals: (0..labels.len())
            .map(|label| predictions.interval(Some(label)))
            .collect(),
        mistakes,
        figures: &figures,
    };
    write(args, "report.html", &page.render().into_string())?;
    output::line(format_args!(
        "{}: {} rows, top-1 {}; {} plots and report.html in {}",
        predictions.source,
        metrics.n,
        percent(metrics.top1),
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
fn predictions<'a>(
    args: &Args,
    weights: &Weights,
    sources: &'a [Dataset],
    split: &Split,
) -> Result<Predictions<'a>> {
    let data = &sources[0];
    let held_out = in_records(args, "npz");
    let card = &weights.metadata.card;
    let (source, rows) = match (test_rows(weights, data, split), group_name(&card.data)) {
        (rows, Some(groups)) if !rows.is_empty() && card.split.random => (
            format!("the test set of a random split, whose {groups} may be in the training set"),
            rows,
        ),
        (rows, None) if !rows.is_empty() && card.split.random => {
            ("the test set of a random split".to_owned(), rows)
        }
        (rows, Some(groups)) if !rows.is_empty() => {
            (format!("rows from {groups} outside the training set"), rows)
        }
        (rows, None) if !rows.is_empty() => ("rows outside the training set".to_owned(), rows),
        _ if held_out.exists() => return from_folds(&held_out, &weights.metadata, data),
        _ => (
            "the training set, so the figures are optimistic".to_owned(),
            (0..data.len()).collect(),
        ),
    };
    let classifier = weights_file::classifier(Some(&args.weights), args.device)?;
    Ok(Predictions {
        source,
        probabilities: evaluate::probabilities(&classifier, sources, &rows)?,
        rows: rows.iter().map(|&row| Row::of(data, row)).collect(),
    })
}

/// Cross-validated predictions in a record, for the tracks that are in the data.
fn from_folds<'a>(path: &Path, metadata: &Metadata, data: &'a Dataset) -> Result<Predictions<'a>> {
    let (held_out, logits) = sources::read_held_out(path, metadata.labels.len())?;
    let rows = (0..data.len()).map(|row| Row::of(data, row));
    let in_data: HashMap<i32, Row> = rows.map(|row| (row.track_id, row)).collect();
    let (mut probabilities, mut rows) = (Matrix::default(), Vec::new());
    let all = held_out.probabilities(metadata.temperature);
    for (row, row_probabilities) in all.rows().enumerate() {
        let row = Row::of(&logits, row);
        if let Some(Row { path, .. }) = in_data.get(&row.track_id) {
            probabilities.push_row(row_probabilities);
            rows.push(Row { path: *path, ..row });
        }
    }
    ensure!(
        !rows.is_empty(),
        "{} and the --data files have no track in common",
        path.display()
    );
    Ok(Predictions {
        source: "cross-validated rows, each predicted by the fold that held it out, with one temperature \
                 for all folds"
            .into(),
        probabilities,
        rows,
    })
}

/// The test set or, if there is none, the rows from artists outside the training and validation set.
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
