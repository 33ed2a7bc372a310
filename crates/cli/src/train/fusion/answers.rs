//! What the networks said of rows that they had not seen.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::row_logits;
use tonearm::training::trainer::ensemble_weights;
use tonearm::weights::{ATTRIBUTES, TABLE, Weights};

use super::super::record;
use super::Args;
use crate::{sources, table};

/// Answers of the networks on rows that they had not seen, in the order of their names.
pub struct Answers {
    /// Logits for the fusion's labels; all of the same rows.
    pub parts: BTreeMap<&'static str, Dataset>,
}

impl Answers {
    /// Joins what the networks said of the same tracks.
    pub fn gather(args: &Args, weights: &BTreeMap<&str, Weights>, device: &Device) -> Result<Self> {
        let read = |name: &str| {
            let path = args.records.join(format!("{name}.npz"));
            let (_, answers) = sources::read_held_out(&path, weights[name].metadata.labels.len())?;
            Ok::<_, anyhow::Error>(answers)
        };
        let (cnn, mut rnn) = (read("cnn")?, read("rnn")?);
        let mut mel = sources::read_data(&args.data)?;
        ensure!(
            mel.shape == weights[ATTRIBUTES].metadata.network.input.shape(),
            "{} holds no mel pictures",
            args.data.display()
        );
        let table = table::read_tracks(&args.table)?;
        let tracks: HashSet<i32> = table.rows.track_id.into_iter().collect();
        let artists: HashSet<i32> = weights[ATTRIBUTES].artists.train.iter().copied().collect();
        let is_new = |row: &usize| {
            !tracks.contains(&cnn.track_id[*row]) && !artists.contains(&cnn.artist_id[*row])
        };
        let kept: Vec<usize> = (0..cnn.len()).filter(is_new).collect();
        let mut cnn = cnn.select(&kept);
        sources::join(&mut cnn, &mut [&mut rnn, &mut mel]);
        ensure!(!cnn.is_empty(), "the files have no track in common");
        ensure!(
            cnn.y == rnn.y,
            "the records label the same tracks otherwise"
        );
        let mlp = table_answers(&mel, weights, device)?;
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
    pub fn weights(&self, names: &[&str], rows: &[usize]) -> Result<Vec<f64>> {
        let logits: Vec<_> = names.iter().map(|name| self.logits(name, rows)).collect();
        Ok(ensemble_weights(&logits, &self.truth(rows))?)
    }

    /// Logits of some of the networks together, of the rows that each fold held out.
    pub fn cross_validate(&self, args: &Args, names: &[&str]) -> Result<Vec<HeldOut>> {
        Split::folds(&self.parts["cnn"], &args.options.split(), args.folds)?
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
    pub fn layer(
        &self,
        weights: &BTreeMap<&str, Weights>,
        labels: &[String],
        predictions: &[f64],
    ) -> (MlpConfig, Vec<f32>) {
        let mut matrix = Vec::new();
        for (name, prediction) in self.parts.keys().zip(predictions) {
            let own = &weights[name].metadata.labels;
            for from in own {
                let weight = |to: &String| share(own, from, to) * *prediction as f32;
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
