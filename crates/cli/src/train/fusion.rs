//! `tonearm train fusion`: an ensemble of the CNN, the RNN and the MLP.

mod members;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::evaluation::figures::Figures;
use tonearm::features::{Columns, Input};
use tonearm::models::{ModelConfig, Network, Normalisation};
use tonearm::training::evidence::Evidence;
use tonearm::weights::{ATTRIBUTES, Artists, DataCard, Grouping, NetworkSpec, TABLE, Weights};

use super::options::Regression;
use crate::storage::records::{self, write_logits};
use crate::storage::weights_file::{self, command};
use crate::{output, storage::files};
use members::MemberLogits;

/// Combine the CNN, the RNN and the MLP by a weighted sum of their logits
///
/// Fits the ensemble weights on the cross-validated logits of the CNN and the RNN. The MLP reads estimated
/// Echo Nest features and contributes to the labels that it was trained on. Tracks in the MLP's table and
/// artists in the estimator's training set are left out. Cross-validates every combination of the networks
/// for comparison. Training takes seconds and cannot be resumed.
#[derive(clap::Args)]
pub struct Args {
    /// Weights file of the CNN
    #[arg(long, value_name = "W.bpk")]
    cnn: PathBuf,
    /// Weights file of the RNN
    #[arg(long, value_name = "W.bpk")]
    rnn: PathBuf,
    /// Weights file of the estimator
    #[arg(long, value_name = "W.bpk")]
    attributes: PathBuf,
    /// Weights file of the MLP that reads the estimates
    #[arg(long, value_name = "W.bpk")]
    mlp: PathBuf,
    /// Folder with cnn.npz and rnn.npz from `train --folds --records`; fusion.json and fusion.npz are
    /// written there
    #[arg(long, value_name = "DIR")]
    records: PathBuf,
    /// Mel features of the same tracks
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// Table that the MLP was trained on
    #[arg(long, value_name = "T.csv")]
    table: PathBuf,
    /// Number of folds, split by artist
    #[arg(long, default_value_t = 4)]
    folds: usize,
    #[command(flatten)]
    options: Regression,
}

/// Name of the record.
const RECORD: &str = "fusion";

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the files do not belong together, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    records::check_folder(&args.records)?;
    let device = args.options.start()?;
    let weights_files = [
        (ATTRIBUTES, &args.attributes),
        ("cnn", &args.cnn),
        (TABLE, &args.mlp),
        ("rnn", &args.rnn),
    ];
    let mut weights = BTreeMap::new();
    for (name, path) in weights_files {
        weights.insert(name, weights_file::read(path)?);
    }
    check_kinds(&weights)?;
    let labels = weights["cnn"].metadata.labels.clone();
    let members = MemberLogits::gather(&args.records, &args.data, &args.table, &weights, &device)?;

    let (figures, held_out) = ablate(args, &members, &labels)?;
    let data = &members.logits["cnn"];
    record_logits(args, data, &held_out)?;
    let confident = HeldOut::fold_confident(&held_out);
    let mut rows = HeldOut::default();
    held_out.into_iter().for_each(|fold| rows.append(fold));
    let temperature = rows.temperature();
    let threshold = rows.threshold(temperature);

    let all: Vec<usize> = (0..data.len()).collect();
    let names: Vec<_> = members.logits.keys().copied().collect();
    let ensemble_weights = members.ensemble_weights(&names, &all)?;
    for (name, weight) in names.iter().zip(&ensemble_weights) {
        output::note(format_args!("weight of {name}: {weight:.3}"));
    }
    let (layer, matrix) = members.layer(&weights, &labels, &ensemble_weights);
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
    let on_audio = weights.iter().filter(|(name, _)| **name != TABLE);
    let artists: BTreeSet<i32> = on_audio
        .flat_map(|(_, w)| w.artists.train.clone())
        .collect();
    let evidence = Evidence {
        name: "ensemble of CNN, RNN and MLP".into(),
        command: command(),
        date: String::new(),
        data: DataCard {
            file: files::file_name(&args.data),
            rows: data.len(),
            artists: data.artist_id.iter().collect::<BTreeSet<_>>().len(),
            grouping: Grouping::Artist,
            licence: weights["cnn"].metadata.card.data.licence.clone(),
        },
        fitted_on:
            "cross-validated logits of each network, the RNN's from one 3 s segment; the networks \
                    themselves on all rows"
                .into(),
        split: args.options.split(),
        folds: args.folds,
        recipe: None,
        temperature,
        threshold,
        confident,
        repeats: None,
        estimates: weights[ATTRIBUTES].metadata.card.estimates.clone(),
        headline: figures.last().map(|all| rows.headline(&all.part, &labels)),
        figures,
    };
    let mut metadata = evidence.metadata(
        &network,
        NetworkSpec::new(model, input, normalisation),
        labels,
    );
    for part in parts.values() {
        metadata.card.multiply_adds += part.model.multiply_adds(&part.input);
    }
    for weights in weights.values() {
        metadata.card.n_parameters += weights.metadata.card.n_parameters;
    }
    metadata.parts = parts;
    let artists = Artists {
        train: artists.into_iter().collect(),
        ..Artists::default()
    };
    weights_file::write(&args.options.out, &network, &networks, &metadata, &artists)?;
    let inputs = [args.data.as_path(), &args.table];
    let record = args.options.record(&metadata, &inputs, started)?;
    record.write(&args.records, RECORD)?;
    match args.options.json {
        true => output::json(&metadata.card),
        false => Ok(()),
    }
}

/// Figures of every combination of the networks, and the held-out logits of the last one, which has all of
/// them.
fn ablate(
    args: &Args,
    members: &MemberLogits,
    labels: &[String],
) -> Result<(Vec<Figures>, Vec<HeldOut>)> {
    let mut figures = Vec::new();
    let mut held_out = Vec::new();
    for names in combinations() {
        held_out = members.cross_validate(&args.options.split(), args.folds, &names)?;
        let folds = HeldOut::fold_figures(&held_out, labels);
        let combined = Figures {
            part: names.join(" + "),
            ..folds
                .last()
                .cloned()
                .context("the cross-validation has no folds")?
        };
        match args.options.json {
            true => output::json(&combined)?,
            false => output::line(format_args!(
                "{:16} {} rows, top-1 {:.2} %, top-3 {:.2} %, macro F1 {:.4}, ECE {:.4}",
                combined.part,
                combined.n,
                combined.top1 * 100.0,
                combined.top3 * 100.0,
                combined.macro_f1,
                combined.ece
            ))?,
        }
        figures.push(combined);
    }
    Ok((figures, held_out))
}

/// Names of the fusion's inputs: each label of each network.
fn column_names(weights: &BTreeMap<&str, Weights>) -> Vec<String> {
    let parts = weights.iter().filter(|(name, _)| **name != ATTRIBUTES);
    let names = parts.flat_map(|(name, weights)| {
        let labels = weights.metadata.labels.iter();
        labels.map(move |label| format!("{name} {label}"))
    });
    names.collect()
}

/// Checks that each weights file holds the kind of network that its option asks for.
fn check_kinds(weights: &BTreeMap<&str, Weights>) -> Result<()> {
    let network = |name: &str| &weights[name].metadata.network;
    ensure!(
        matches!(network(ATTRIBUTES).model, ModelConfig::Attributes(_)),
        "the file given with --attributes does not hold an estimator; create one with `tonearm train attributes`"
    );
    ensure!(
        network(TABLE).input == Input::Columns(Columns::echo_nest()),
        "the file given with --mlp does not hold a network on Echo Nest features"
    );
    ensure!(
        matches!(
            network("cnn").model,
            ModelConfig::Cnn(_) | ModelConfig::OriginalCnn(_)
        ),
        "the file given with --cnn does not hold a convolutional network"
    );
    ensure!(
        matches!(
            network("rnn").model,
            ModelConfig::Rnn(_) | ModelConfig::OriginalRnn(_)
        ),
        "the file given with --rnn does not hold a recurrent network"
    );
    ensure!(
        weights["cnn"].metadata.labels == weights["rnn"].metadata.labels,
        "the labels of the CNN and the RNN differ"
    );
    Ok(())
}

/// Writes the held-out logits of the fusion beside those of its networks.
fn record_logits(args: &Args, data: &Dataset, folds: &[HeldOut]) -> Result<()> {
    let splits = Split::folds(data, &args.options.split(), args.folds)?;
    let rows: Vec<usize> = splits.into_iter().flat_map(|split| split.test).collect();
    let logits = folds.iter().flat_map(|fold| fold.logits.rows()).collect();
    write_logits(&args.records, RECORD, data, &rows, &logits)
}

/// All combinations of the networks, sorted by size.
fn combinations() -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = (1..8_u8)
        .map(|bits| {
            let names = ["cnn", TABLE, "rnn"].into_iter().enumerate();
            names
                .filter(|(bit, _)| bits >> bit & 1 == 1)
                .map(|(_, name)| name)
                .collect()
        })
        .collect();
    all.sort_by_key(Vec::len);
    all
}
