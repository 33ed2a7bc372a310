//! `tonearm train fusion`: networks that answer together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::tensor::Device;
use pollster::block_on;
use tonearm::dataset::Dataset;
use tonearm::features::{Columns, Input};
use tonearm::models::mlp::MlpConfig;
use tonearm::models::{ModelConfig, Network, Normalisation, row_logits};
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::opinion_weights;
use tonearm::weights::{
    ATTRIBUTES, Artists, Card, DataCard, FORMAT_VERSION, Figures, Grouping, Metadata, Part, TABLE,
    Weights,
};

use super::calibrate::HeldOut;
use super::{file, record};
use crate::{evaluate, output, table};

/// The CNN, the RNN and the MLP together: the weighted sum of their logits
///
/// The weights are fitted on what cross-validation made each network say of artists that it had not
/// seen. The MLP reads estimates, and counts for the labels that it knows. Rows of tracks in the
/// table, on which the MLP was fitted, and of artists that the estimator was fitted on are left out.
/// Each combination of the networks is cross-validated, for comparison.
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
    /// Seed of the folds
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk")]
    out: PathBuf,
    /// Write JSON objects a line: the figures of each combination, then the card
    #[arg(long)]
    json: bool,
}

/// Name of its record.
const RECORD: &str = "fusion";

/// Answers of the networks on rows that they had not seen, in the order of their names.
struct Answers {
    /// Logits for the fusion's labels; all of the same rows.
    parts: BTreeMap<&'static str, Dataset>,
}

/// Weighs the networks.
///
/// # Errors
/// If a file cannot be read, the files do not belong together, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let started = Instant::now();
    let device = Device::flex();
    let files = [
        (ATTRIBUTES, &args.attributes),
        ("cnn", &args.cnn),
        (TABLE, &args.mlp),
        ("rnn", &args.rnn),
    ];
    let mut weights = BTreeMap::new();
    for (name, path) in files {
        weights.insert(name, evaluate::read_weights(path)?);
    }
    check_kinds(&weights)?;
    let labels = weights["cnn"].metadata.labels.clone();
    let answers = Answers::gather(args, &weights, &device)?;

    // All combinations, that of all networks last.
    let mut figures = Vec::new();
    let mut held_out = Vec::new();
    for names in combinations() {
        held_out = answers.cross_validate(args, &names)?;
        let folds = HeldOut::fold_figures(&held_out, &labels);
        let line = Figures {
            part: names.join(" + "),
            ..folds.last().cloned().context("there are folds")?
        };
        match args.json {
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
    let data = &answers.parts["cnn"];
    record_logits(args, data, &held_out)?;
    let confident = HeldOut::fold_confident(&held_out);
    let mut rows = HeldOut::default();
    held_out.into_iter().for_each(|fold| rows.append(fold));
    let temperature = rows.temperature();
    let threshold = rows.threshold(temperature);

    let all: Vec<usize> = (0..data.len()).collect();
    let names: Vec<_> = answers.parts.keys().copied().collect();
    let opinions = answers.weights(&names, &all)?;
    for (name, weight) in names.iter().zip(&opinions) {
        eprintln!("weight of {name}: {weight:.3}");
    }
    let (layer, matrix) = answers.layer(&weights, &labels, &opinions);
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
            split: split(args.seed),
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
    file::write_weights(&args.out, &network, &networks, &metadata, &artists)?;
    let record = record::Record::of_regression(&metadata, &args.data, started)?;
    record.write(&args.records, RECORD)?;
    match args.json {
        true => output::json(&metadata.card),
        false => Ok(()),
    }
}

impl Answers {
    /// Joins what the networks said of the same tracks.
    fn gather(args: &Args, weights: &BTreeMap<&str, Weights>, device: &Device) -> Result<Self> {
        let read = |name: &str| {
            let path = args.records.join(format!("{name}.npz"));
            let (_, answers) = HeldOut::read(&path, weights[name].metadata.labels.len())?;
            Ok::<_, anyhow::Error>(answers)
        };
        let (cnn, rnn) = (read("cnn")?, read("rnn")?);
        let mel = evaluate::read_data(&args.data)?;
        ensure!(
            mel.shape == weights[ATTRIBUTES].metadata.network.input.shape(),
            "{} holds no mel pictures",
            args.data.display()
        );
        let table = table::read(&args.table, None)?;
        ensure!(
            table.tracks,
            "{} has no column \"track_id\"",
            args.table.display()
        );
        let tracks: HashSet<i32> = table.rows.track_id.into_iter().collect();
        let artists: HashSet<i32> = weights[ATTRIBUTES].artists.train.iter().copied().collect();
        let (in_rnn, in_mel) = (places(&rnn), places(&mel));
        let known = |row: &usize| {
            let track = &cnn.track_id[*row];
            in_rnn.contains_key(track)
                && in_mel.contains_key(track)
                && !tracks.contains(track)
                && !artists.contains(&cnn.artist_id[*row])
        };
        let kept: Vec<usize> = (0..cnn.len()).filter(known).collect();
        ensure!(!kept.is_empty(), "the files have no track in common");
        let cnn = cnn.select(&kept);
        let pick = |data: &Dataset, places: &HashMap<i32, usize>| {
            let rows: Vec<usize> = cnn.track_id.iter().map(|track| places[track]).collect();
            data.select(&rows)
        };
        let rnn = pick(&rnn, &in_rnn);
        ensure!(
            cnn.y == rnn.y,
            "the records label the same tracks otherwise"
        );
        let mlp = table_answers(&pick(&mel, &in_mel), weights, device)?;
        Ok(Self {
            parts: BTreeMap::from([("cnn", cnn), (TABLE, mlp), ("rnn", rnn)]),
        })
    }

    /// Logits of some rows, as one network has them.
    fn logits(&self, name: &str, rows: &[usize]) -> Vec<Vec<f32>> {
        let part = &self.parts[name];
        let row = |&row: &usize| {
            let mut values = vec![0.0; part.row_len()];
            part.row_into(row, &mut values);
            values
        };
        rows.iter().map(row).collect()
    }

    fn truth(&self, rows: &[usize]) -> Vec<usize> {
        let labels = &self.parts["cnn"].y;
        rows.iter().map(|&row| usize::from(labels[row])).collect()
    }

    /// How much each of some networks counts, by some rows.
    fn weights(&self, names: &[&str], rows: &[usize]) -> Result<Vec<f64>> {
        let logits: Vec<_> = names.iter().map(|name| self.logits(name, rows)).collect();
        Ok(opinion_weights(&logits, &self.truth(rows))?)
    }

    /// Logits of some of the networks together, of the rows that each fold held out.
    fn cross_validate(&self, args: &Args, names: &[&str]) -> Result<Vec<HeldOut>> {
        Split::folds(&self.parts["cnn"], &split(args.seed), args.folds)?
            .into_iter()
            .map(|split| {
                let weights = self.weights(names, &split.train)?;
                let mut logits = vec![vec![0.0; self.parts["cnn"].row_len()]; split.test.len()];
                for (name, weight) in names.iter().zip(weights) {
                    let rows = self.logits(name, &split.test);
                    for (sums, row) in logits.iter_mut().zip(rows) {
                        for (sum, logit) in sums.iter_mut().zip(row) {
                            *sum += weight as f32 * logit;
                        }
                    }
                }
                Ok(HeldOut::new(logits, &self.parts["cnn"], &split.test))
            })
            .collect()
    }

    /// The linear layer that sums the networks' logits, and its weights.
    fn layer(
        &self,
        weights: &BTreeMap<&str, Weights>,
        labels: &[String],
        opinions: &[f64],
    ) -> (MlpConfig, Vec<f32>) {
        let mut matrix = Vec::new();
        for (name, opinion) in self.parts.keys().zip(opinions) {
            let own = &weights[name].metadata.labels;
            for from in own {
                let weight = |to: &String| share(own, from, to) * *opinion as f32;
                matrix.extend(labels.iter().map(weight));
            }
        }
        let layer = MlpConfig::new(matrix.len() / labels.len(), labels.len());
        (layer, matrix)
    }
}

/// How much a network's logit for one label counts for another: all for the same; of a label that
/// the network does not know, its mean logit is taken.
fn share(own: &[String], from: &String, to: &String) -> f32 {
    match own.contains(to) {
        true => f32::from(u8::from(from == to)),
        false => 1.0 / own.len() as f32,
    }
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

/// Logits of the MLP, for the fusion's labels, on the estimates of mel pictures.
fn table_answers(
    mel: &Dataset,
    weights: &BTreeMap<&str, Weights>,
    device: &Device,
) -> Result<Dataset> {
    let answer = |name: &str, data: &Dataset| -> Result<Dataset> {
        let network = weights[name].network(device)?;
        let normalisation = &weights[name].metadata.network.normalisation;
        let rows: Vec<usize> = (0..data.len()).collect();
        let values = block_on(row_logits(&network, normalisation, data, &rows, device))?;
        record::answers(data, &rows, &values)
    };
    let said = answer(TABLE, &answer(ATTRIBUTES, mel)?)?;
    // For the labels of the fusion, as its layer has them.
    let own = &weights[TABLE].metadata.labels;
    let to = &weights["cnn"].metadata.labels;
    let mut logits = vec![0.0; said.row_len()];
    let mut mapped = Vec::with_capacity(said.len());
    for row in 0..said.len() {
        said.row_into(row, &mut logits);
        let logit = |to: &String| -> f32 {
            let shares = own.iter().map(|from| share(own, from, to));
            shares
                .zip(&logits)
                .map(|(share, logit)| share * logit)
                .sum()
        };
        mapped.push(to.iter().map(logit).collect::<Vec<_>>());
    }
    let rows: Vec<usize> = (0..said.len()).collect();
    record::answers(&said, &rows, &mapped)
}

/// Keeps what the folds said of rows that they had not seen, beside what the networks said.
fn record_logits(args: &Args, data: &Dataset, folds: &[HeldOut]) -> Result<()> {
    let splits = Split::folds(data, &split(args.seed), args.folds)?;
    let rows: Vec<usize> = splits.into_iter().flat_map(|split| split.test).collect();
    let logits: Vec<_> = folds.iter().flat_map(|fold| fold.logits.clone()).collect();
    record::write_logits(&args.records, RECORD, data, &rows, &logits)
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

fn places(data: &Dataset) -> HashMap<i32, usize> {
    data.track_id.iter().copied().zip(0..).collect()
}

fn split(seed: u64) -> SplitConfig {
    SplitConfig {
        seed,
        validation: 0.0,
        ..SplitConfig::default()
    }
}
