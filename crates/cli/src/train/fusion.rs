//! `tonearm train fusion`: networks that answer together.

mod answers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::features::{Columns, Input};
use tonearm::models::{ModelConfig, Network, Normalisation};
use tonearm::weights::{
    ATTRIBUTES, Artists, Card, DataCard, FORMAT_VERSION, Grouping, Metadata, Part, TABLE, Weights,
};

use super::file;
use super::options::Regression;
use super::record::{Record, write_logits};
use crate::{output, sources};
use answers::Answers;

/// The CNN, the RNN and the MLP together: the weighted sum of their logits
///
/// The weights are fitted on what cross-validation made each network say of artists that it had not
/// seen. The MLP reads estimates, and counts for the labels that it knows. Rows of tracks in the
/// table, on which the MLP was fitted, and of artists that the estimator was fitted on are left out.
/// Each combination of the networks is cross-validated, for comparison. It takes seconds, so that there
/// is nothing to resume.
#[derive(clap::Args)]
pub struct Args {
    /// Weights of the CNN
    #[arg(long, value_name = "W.bpk")]
    cnn: PathBuf,
    /// Weights of the RNN
    #[arg(long, value_name = "W.bpk")]
    rnn: PathBuf,
    /// Weights of the estimator
    #[arg(long, value_name = "W.bpk")]
    attributes: PathBuf,
    /// Weights of the MLP that reads the estimates
    #[arg(long, value_name = "W.bpk")]
    mlp: PathBuf,
    /// Folder with cnn.npz and rnn.npz, as `train --folds --record` writes them; fusion.json and
    /// fusion.npz are written there
    #[arg(long, value_name = "DIR")]
    records: PathBuf,
    /// Mel features of the same tracks
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// Table that the MLP was fitted on
    #[arg(long, value_name = "T.csv")]
    table: PathBuf,
    /// Folds of artists
    #[arg(long, default_value_t = 4)]
    folds: usize,
    #[command(flatten)]
    options: Regression,
}

/// Name of its record.
const RECORD: &str = "fusion";

/// Weighs the networks.
///
/// # Errors
/// If a file cannot be read, the files do not belong together, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    let device = args.options.start()?;
    let files = [
        (ATTRIBUTES, &args.attributes),
        ("cnn", &args.cnn),
        (TABLE, &args.mlp),
        ("rnn", &args.rnn),
    ];
    let mut weights = BTreeMap::new();
    for (name, path) in files {
        weights.insert(name, sources::read_weights(path)?);
    }
    check_kinds(&weights)?;
    let labels = weights["cnn"].metadata.labels.clone();
    let answers = Answers::gather(args, &weights, &device)?;

    let (figures, held_out) = ablate(args, &answers, &labels)?;
    let data = &answers.parts["cnn"];
    record_logits(args, data, &held_out)?;
    let confident = HeldOut::fold_confident(&held_out);
    let mut rows = HeldOut::default();
    held_out.into_iter().for_each(|fold| rows.append(fold));
    let temperature = rows.temperature();
    let threshold = rows.threshold(temperature);

    let all: Vec<usize> = (0..data.len()).collect();
    let names: Vec<_> = answers.parts.keys().copied().collect();
    let predictions = answers.weights(&names, &all)?;
    for (name, weight) in names.iter().zip(&predictions) {
        eprintln!("weight of {name}: {weight:.3}");
    }
    let (layer, matrix) = answers.layer(&weights, &labels, &predictions);
    let model = ModelConfig::Mlp(layer.clone());
    let network = Network::Mlp(layer.with_weights(matrix, &device));

    let mut parts = BTreeMap::new();
    let mut networks: BTreeMap<String, Network> = BTreeMap::new();
    for (name, weights) in &weights {
        parts.insert((*name).to_owned(), weights.metadata.network.clone());
        networks.insert((*name).to_owned(), weights.network(&device)?);
    }
    let columns = column_names(&weights);
    let normalisation = Normalisation::Standard {
        mean: vec![0.0; columns.len()],
        deviation: vec![1.0; columns.len()],
    };
    let input = Input::Columns(Columns { names: columns });
    let fitted = weights.iter().filter(|(name, _)| **name != TABLE);
    let artists: BTreeSet<i32> = fitted.flat_map(|(_, w)| w.artists.train.clone()).collect();
    let multiply_adds = parts
        .values()
        .map(|p: &Part| p.model.multiply_adds(&p.input));
    let n_parameters = weights.values().map(|w| w.metadata.card.n_parameters);
    let metadata = Metadata {
        format_version: FORMAT_VERSION,
        temperature,
        threshold,
        card: Card {
            name: "CNN, RNN and MLP together".into(),
            command: file::command(),
            date: String::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            data: DataCard {
                file: file::file_name(&args.data),
                rows: data.len(),
                artists: data.artist_id.iter().collect::<BTreeSet<_>>().len(),
                grouping: Grouping::Artist,
                licence: weights["cnn"].metadata.card.data.licence.clone(),
            },
            fitted_on: "answers of the folds of each network on rows that they had not seen, the \
                        RNN's from one piece of 3 s; the networks themselves on all rows"
                .into(),
            split: args.options.split(),
            folds: args.folds,
            recipe: None,
            n_parameters: n_parameters.sum::<usize>() + network.num_params(),
            multiply_adds: multiply_adds.sum::<usize>() + model.multiply_adds(&input),
            estimates: weights[ATTRIBUTES].metadata.card.estimates.clone(),
            confident,
            repeats: None,
            headline: figures.last().map(|all| rows.headline(&all.part, &labels)),
            figures,
        },
        labels,
        network: Part::new(model, input, normalisation),
        parts,
    };
    let artists = Artists {
        train: artists.into_iter().collect(),
        ..Artists::default()
    };
    file::write_weights(&args.options.out, &network, &networks, &metadata, &artists)?;
    let files = [args.data.as_path(), &args.table];
    let record = Record::of_regression(&args.options, &metadata, &files, started)?;
    record.write(&args.records, RECORD)?;
    match args.options.json {
        true => output::json(&metadata.card),
        false => Ok(()),
    }
}

/// Figures of all combinations of the networks, that of all of them last, and its answers.
fn ablate(
    args: &Args,
    answers: &Answers,
    labels: &[String],
) -> Result<(Vec<Figures>, Vec<HeldOut>)> {
    let mut figures = Vec::new();
    let mut held_out = Vec::new();
    for names in combinations() {
        held_out = answers.cross_validate(args, &names)?;
        let folds = HeldOut::fold_figures(&held_out, labels);
        let line = Figures {
            part: names.join(" + "),
            ..folds.last().cloned().context("there are folds")?
        };
        match args.options.json {
            true => output::json(&line)?,
            false => output::line(format_args!(
                "{:16} {} rows, top-1 {:.2} %, top-3 {:.2} %, macro F1 {:.4}, ECE {:.4}",
                line.part,
                line.n,
                line.top1 * 100.0,
                line.top3 * 100.0,
                line.macro_f1,
                line.ece
            ))?,
        }
        figures.push(line);
    }
    Ok((figures, held_out))
}

/// Names of the columns that the fusion reads.
fn column_names(weights: &BTreeMap<&str, Weights>) -> Vec<String> {
    let parts = weights.iter().filter(|(name, _)| **name != ATTRIBUTES);
    let names = parts.flat_map(|(name, weights)| {
        let labels = weights.metadata.labels.iter();
        labels.map(move |label| format!("{name} {label}"))
    });
    names.collect()
}

/// Refuses weights that are not what they were given for.
fn check_kinds(weights: &BTreeMap<&str, Weights>) -> Result<()> {
    let network = |name: &str| &weights[name].metadata.network;
    ensure!(
        matches!(network(ATTRIBUTES).model, ModelConfig::Attributes(_)),
        "the file given for --attributes holds no estimator"
    );
    ensure!(
        network(TABLE).input == Input::Columns(Columns::echo_nest()),
        "the file given for --mlp reads no Echo Nest features"
    );
    ensure!(
        weights["cnn"].metadata.labels == weights["rnn"].metadata.labels,
        "the CNN and the RNN have other labels"
    );
    Ok(())
}

/// Keeps what the folds said of rows that they had not seen, beside what the networks said.
fn record_logits(args: &Args, data: &Dataset, folds: &[HeldOut]) -> Result<()> {
    let splits = Split::folds(data, &args.options.split(), args.folds)?;
    let rows: Vec<usize> = splits.into_iter().flat_map(|split| split.test).collect();
    let logits: Vec<_> = folds.iter().flat_map(|fold| fold.logits.clone()).collect();
    write_logits(&args.records, RECORD, data, &rows, &logits)
}

/// All combinations of the networks, the single ones first.
fn combinations() -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = (1..8_u8)
        .map(|set| {
            let names = ["cnn", TABLE, "rnn"].into_iter().enumerate();
            names
                .filter(|(bit, _)| set >> bit & 1 == 1)
                .map(|(_, name)| name)
                .collect()
        })
        .collect();
    all.sort_by_key(Vec::len);
    all
}
