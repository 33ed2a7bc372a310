//! `tonearm train fusion`: networks that answer together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::dataset::{Dataset, Values};
use tonearm::features::{Columns, Input};
use tonearm::models::mlp::MlpConfig;
use tonearm::models::{ModelConfig, Network, row_logits};
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::{Recipe, TrainingData};
use tonearm::weights::{
    ATTRIBUTES, Artists, Card, DataCard, FORMAT_VERSION, Figures, Metadata, Part, TABLE, Weights,
};

use super::calibrate::HeldOut;
use super::teacher::fit_quietly;
use super::{file, record};
use crate::{evaluate, output, table};

/// The CNN, the RNN and the MLP together: a linear layer on their answers
///
/// It is fitted on what cross-validation made each network say of artists that it had not seen.
/// The MLP reads estimates. Rows that are in the table, on which the MLP was fitted, are left out.
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
    /// Folder with cnn.npz and rnn.npz, as `train --folds --record` writes them
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
    /// Seed of the folds and of the fit
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the weights file is written
    #[arg(long, value_name = "W.bpk")]
    out: PathBuf,
    /// Write JSON objects a line: the figures of each combination, then the card
    #[arg(long)]
    json: bool,
}

/// Answers of the networks on rows that they had not seen.
struct Answers {
    /// Columns of each network, in the order of their names.
    parts: BTreeMap<&'static str, Dataset>,
    names: BTreeMap<&'static str, Vec<String>>,
}

/// Fits the layer.
///
/// # Errors
/// If a file cannot be read, the files do not belong together, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
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
    let labels = weights["cnn"].metadata.labels.clone();
    ensure!(
        labels == weights["rnn"].metadata.labels,
        "the CNN and the RNN have other labels"
    );
    let answers = Answers::gather(args, &weights, &device)?;

    let mut figures = Vec::new();
    for names in combinations() {
        let held_out = answers.cross_validate(args, &names, labels.len(), &device)?;
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

    let names: Vec<_> = answers.parts.keys().copied().collect();
    let data = answers.join(&names)?;
    let held_out = answers.cross_validate(args, &names, labels.len(), &device)?;
    record_logits(args, &data, &held_out)?;
    let mut rows = HeldOut::default();
    held_out.into_iter().for_each(|fold| rows.append(fold));
    let temperature = rows.temperature();
    let threshold = rows.threshold(temperature);

    let all: Vec<usize> = (0..data.len()).collect();
    let training = TrainingData {
        rows: &data,
        teacher: None,
    };
    let model = ModelConfig::Mlp(MlpConfig::new(data.row_len(), labels.len()));
    let recipe = recipe(args.seed);
    let trainer = fit_quietly(&model, recipe.clone(), training, &all, &device)?;
    let (network, normalisation) = trainer.best().context("no epoch has ended")?;

    let mut parts = BTreeMap::new();
    let mut networks: BTreeMap<String, Network> = BTreeMap::new();
    for (name, weights) in &weights {
        parts.insert((*name).to_owned(), weights.metadata.network.clone());
        networks.insert((*name).to_owned(), weights.network(&device)?);
    }
    let columns = Columns {
        names: answers.names.values().flatten().cloned().collect(),
    };
    let input = Input::Columns(columns);
    let artists: BTreeSet<i32> = weights["cnn"].artists.train.iter().copied().collect();
    let multiply_adds = parts
        .values()
        .map(|p: &Part| p.model.multiply_adds(&p.input));
    let n_parameters = weights.values().map(|w| w.metadata.card.n_parameters);
    let metadata = Metadata {
        format_version: FORMAT_VERSION,
        labels,
        temperature,
        threshold,
        card: Card {
            name: "CNN, RNN and MLP together".into(),
            command: file::command(),
            data: DataCard {
                file: file::file_name(&args.data),
                rows: data.len(),
                artists: data.artist_id.iter().collect::<BTreeSet<_>>().len(),
            },
            fitted_on: "answers of the folds of each network on rows that they had not seen; the \
                        networks themselves on all rows"
                .into(),
            split: split(args.seed),
            folds: args.folds,
            recipe,
            n_parameters: n_parameters.sum::<usize>() + trainer.n_parameters(),
            multiply_adds: multiply_adds.sum::<usize>() + model.multiply_adds(&input),
            estimates: weights[ATTRIBUTES].metadata.card.estimates.clone(),
            confident: rows.confident(temperature, threshold),
            repeats: None,
            figures,
        },
        network: Part::new(model, input, normalisation.clone()),
        parts,
    };
    let artists = Artists {
        train: artists.into_iter().collect(),
        ..Artists::default()
    };
    file::write_weights(&args.out, network, &networks, &metadata, &artists)?;
    match args.json {
        true => output::json(&metadata.card),
        false => Ok(()),
    }
}

impl Answers {
    /// Joins what the networks said of the same tracks.
    fn gather(args: &Args, weights: &BTreeMap<&str, Weights>, device: &Device) -> Result<Self> {
        let records = ["cnn", "rnn"].map(|name| args.records.join(format!("{name}.npz")));
        let cnn = evaluate::read_data(&records[0])?;
        let rnn = evaluate::read_data(&records[1])?;
        let mel = evaluate::read_data(&args.data)?;
        let seen: HashSet<i32> = table::read(&args.table, None)?
            .rows
            .track_id
            .into_iter()
            .collect();
        let (in_rnn, in_mel) = (places(&rnn), places(&mel));
        let known = |row: &usize| {
            let track = &cnn.track_id[*row];
            in_rnn.contains_key(track) && in_mel.contains_key(track) && !seen.contains(track)
        };
        let kept: Vec<usize> = (0..cnn.len()).filter(known).collect();
        ensure!(!kept.is_empty(), "the files have no track in common");
        let cnn = cnn.select(&kept);
        let pick = |data: &Dataset, places: &HashMap<i32, usize>| {
            let rows: Vec<usize> = cnn.track_id.iter().map(|track| places[track]).collect();
            data.select(&rows)
        };
        let rnn = pick(&rnn, &in_rnn);
        let mlp = table_answers(&pick(&mel, &in_mel), weights, device)?;
        let names = |part: &str, of: &str| {
            let labels = weights[of].metadata.labels.iter();
            labels.map(|label| format!("{part} {label}")).collect()
        };
        Ok(Self {
            names: BTreeMap::from([
                ("cnn", names("cnn", "cnn")),
                (TABLE, names(TABLE, TABLE)),
                ("rnn", names("rnn", "rnn")),
            ]),
            parts: BTreeMap::from([("cnn", cnn), (TABLE, mlp), ("rnn", rnn)]),
        })
    }

    /// The columns of some of the networks side by side.
    fn join(&self, names: &[&str]) -> Result<Dataset> {
        let first = &self.parts[names[0]];
        let mut values = Vec::new();
        for row in 0..first.len() {
            for name in names {
                let part = &self.parts[name];
                let start = values.len();
                values.resize(start + part.row_len(), 0.0);
                part.row_into(row, &mut values[start..]);
            }
        }
        let width = values.len() / first.len();
        Ok(Dataset::new(
            Values::Float(values),
            [1, width],
            first.y.clone(),
            first.track_id.clone(),
            first.artist_id.clone(),
        )?)
    }

    /// Logits of a layer on some of the networks, of the rows that each fold held out.
    fn cross_validate(
        &self,
        args: &Args,
        names: &[&str],
        n_labels: usize,
        device: &Device,
    ) -> Result<Vec<HeldOut>> {
        let data = self.join(names)?;
        let model = ModelConfig::Mlp(MlpConfig::new(data.row_len(), n_labels));
        let training = TrainingData {
            rows: &data,
            teacher: None,
        };
        Split::folds(&data, &split(args.seed), args.folds)?
            .into_iter()
            .map(|split| {
                let recipe = recipe(args.seed);
                let trainer = fit_quietly(&model, recipe, training, &split.train, device)?;
                let (network, normalisation) = trainer.best().context("no epoch has ended")?;
                let logits = row_logits(network, normalisation, &data, &split.test, device);
                Ok(HeldOut {
                    logits: block_on(logits)?,
                    truth: split
                        .test
                        .iter()
                        .map(|&row| usize::from(data.y[row]))
                        .collect(),
                })
            })
            .collect()
    }
}

/// Logits of the MLP on the estimates of mel pictures.
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
    if !matches!(
        weights[ATTRIBUTES].metadata.network.model,
        ModelConfig::Attributes(_)
    ) {
        bail!("the file given for --attributes holds no estimator");
    }
    answer(TABLE, &answer(ATTRIBUTES, mel)?)
}

/// Keeps what the folds said of rows that they had not seen, beside what the networks said.
fn record_logits(args: &Args, data: &Dataset, folds: &[HeldOut]) -> Result<()> {
    let splits = Split::folds(data, &split(args.seed), args.folds)?;
    let rows: Vec<usize> = splits.into_iter().flat_map(|split| split.test).collect();
    let logits: Vec<_> = folds.iter().flat_map(|fold| fold.logits.clone()).collect();
    record::write_logits(&args.records, "fusion", data, &rows, &logits)
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

fn recipe(seed: u64) -> Recipe {
    Recipe {
        seed,
        ..Recipe::linear()
    }
}

fn split(seed: u64) -> SplitConfig {
    SplitConfig {
        seed,
        validation: 0.0,
        ..SplitConfig::default()
    }
}
