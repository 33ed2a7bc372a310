//! The held-out logits of the fusion's networks, and the weights that combine them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::data::{Dataset, Matrix};
use tonearm::evaluation::calibration::HeldOut;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::row_logits;
use tonearm::training::trainer::ensemble_weights;
use tonearm::weights::{ATTRIBUTES, TABLE, Weights};

use crate::storage::records::outputs_as_dataset;
use crate::{input::sources, input::table};

/// Held-out logits of each network, by name.
pub struct MemberLogits {
    /// Logits for the fusion's labels; all data sets have the same rows.
    pub logits: BTreeMap<&'static str, Dataset>,
}

impl MemberLogits {
    /// Reads the records of the CNN and the RNN, joins them by track, and computes the MLP's logits.
    pub fn gather(
        records: &Path,
        mel: &Path,
        table: &Path,
        weights: &BTreeMap<&str, Weights>,
        device: &Device,
    ) -> Result<Self> {
        let read = |name: &str| {
            let path = records.join(format!("{name}.npz"));
            let (_, logits) = sources::read_held_out(&path, weights[name].metadata.labels.len())?;
            Ok::<_, anyhow::Error>(logits)
        };
        let (cnn, mut rnn) = (read("cnn")?, read("rnn")?);
        let mut mel_data = sources::read_data(mel)?;
        ensure!(
            mel_data.shape == weights[ATTRIBUTES].metadata.network.input.shape(),
            "{} does not contain mel features; create them with `tonearm extract --features mel`",
            mel.display()
        );
        let table = table::read_tracks(table)?;
        let tracks: HashSet<i32> = table.rows.track_id.into_iter().collect();
        let artists: HashSet<i32> = weights[ATTRIBUTES].artists.train.iter().copied().collect();
        let is_held_out = |row: &usize| {
            !tracks.contains(&cnn.track_id[*row]) && !artists.contains(&cnn.artist_id[*row])
        };
        let rows: Vec<usize> = (0..cnn.len()).filter(is_held_out).collect();
        let mut cnn = cnn.select(&rows);
        sources::join(&mut cnn, &mut [&mut rnn, &mut mel_data]);
        ensure!(
            !cnn.is_empty(),
            "no tracks to fit the fusion on: the records and --data have no track in common, or all their tracks and \
             artists are in the training sets of the MLP and the attributes network"
        );
        ensure!(
            cnn.y == rnn.y,
            "the records of the CNN and the RNN give different labels to the same tracks"
        );
        let mlp = mlp_logits(&mel_data, weights, device)?;
        Ok(Self {
            logits: BTreeMap::from([("cnn", cnn), (TABLE, mlp), ("rnn", rnn)]),
        })
    }

    /// Logits of some rows from one network.
    fn logits_of(&self, name: &str, rows: &[usize]) -> Matrix {
        self.logits[name].matrix(rows)
    }

    fn truth(&self, rows: &[usize]) -> Vec<usize> {
        let labels = &self.logits["cnn"].y;
        rows.iter().map(|&row| usize::from(labels[row])).collect()
    }

    /// Ensemble weights of some networks, fitted on some rows.
    pub fn ensemble_weights(&self, names: &[&str], rows: &[usize]) -> Result<Vec<f64>> {
        let logits: Vec<_> = names
            .iter()
            .map(|name| self.logits_of(name, rows))
            .collect();
        Ok(ensemble_weights(&logits, &self.truth(rows))?)
    }

    /// Combined logits of some networks for the test rows of each fold.
    pub fn cross_validate(
        &self,
        config: &SplitConfig,
        n_folds: usize,
        names: &[&str],
    ) -> Result<Vec<HeldOut>> {
        Split::folds(&self.logits["cnn"], config, n_folds)?
            .into_iter()
            .map(|split| {
                let weights = self.ensemble_weights(names, &split.train)?;
                let mut logits = vec![vec![0.0; self.logits["cnn"].row_len()]; split.test.len()];
                for (name, weight) in names.iter().zip(weights) {
                    let rows = self.logits_of(name, &split.test);
                    for (sums, row) in logits.iter_mut().zip(rows.rows()) {
                        for (sum, logit) in sums.iter_mut().zip(row) {
                            *sum += weight as f32 * logit;
                        }
                    }
                }
                Ok(HeldOut::new(
                    Matrix::from_iter(logits),
                    &self.logits["cnn"],
                    &split.test,
                ))
            })
            .collect()
    }

    /// The linear layer that computes the weighted sum of the networks' logits, and its matrix.
    pub fn layer(
        &self,
        weights: &BTreeMap<&str, Weights>,
        labels: &[String],
        ensemble_weights: &[f64],
    ) -> (MlpConfig, Vec<f32>) {
        let mut matrix = Vec::new();
        for (name, ensemble_weight) in self.logits.keys().zip(ensemble_weights) {
            let own = &weights[name].metadata.labels;
            for from in own {
                let weight = |to: &String| label_weight(own, from, to) * *ensemble_weight as f32;
                matrix.extend(labels.iter().map(weight));
            }
        }
        let layer = MlpConfig::new(matrix.len() / labels.len(), labels.len());
        (layer, matrix)
    }
}

/// Weight of a network's logit for the label `from` in the fusion's logit for the label `to`: 1 if they are
/// equal and 0 otherwise. For a label that the network does not have, all weights are equal and sum to 1, so
/// that its logit is the mean of the network's logits.
fn label_weight(own: &[String], from: &String, to: &String) -> f32 {
    match own.contains(to) {
        true => f32::from(u8::from(from == to)),
        false => 1.0 / own.len() as f32,
    }
}

/// Logits of the MLP for the fusion's labels, from features estimated from log-mel patches.
fn mlp_logits(
    mel: &Dataset,
    weights: &BTreeMap<&str, Weights>,
    device: &Device,
) -> Result<Dataset> {
    let outputs = |name: &str, data: &Dataset| -> Result<Dataset> {
        let network = weights[name].network(device)?;
        let normalisation = &weights[name].metadata.network.normalisation;
        let rows: Vec<usize> = (0..data.len()).collect();
        let values = block_on(row_logits(&network, normalisation, data, &rows, device))?;
        outputs_as_dataset(data, &rows, &values)
    };
    let own_logits = outputs(TABLE, &outputs(ATTRIBUTES, mel)?)?;
    // Maps them to the fusion's labels with the same weights as `MemberLogits::layer`.
    let own = &weights[TABLE].metadata.labels;
    let to = &weights["cnn"].metadata.labels;
    let mut logits = vec![0.0; own_logits.row_len()];
    let mut mapped = Matrix::default();
    for row in 0..own_logits.len() {
        own_logits.row_into(row, &mut logits);
        let logit = |to: &String| -> f32 {
            let weights = own.iter().map(|from| label_weight(own, from, to));
            weights
                .zip(&logits)
                .map(|(weight, logit)| weight * logit)
                .sum()
        };
        mapped.push_row(&to.iter().map(logit).collect::<Vec<_>>());
    }
    let rows: Vec<usize> = (0..own_logits.len()).collect();
    outputs_as_dataset(&own_logits, &rows, &mapped)
}
