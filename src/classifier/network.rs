//! The networks of one weights file, and how they answer together.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::models::fused_cpu::FusedCpu;
use crate::models::{Network, pool, read, softmax};
use crate::weights::{ATTRIBUTES, Metadata, Part, TABLE, Weights};

/// Built networks: the one that gives the answer, and those whose answers it reads.
#[derive(Debug)]
pub(super) struct Networks {
    answer: Runner,
    parts: BTreeMap<String, Runner>,
    /// Names of the estimates that are shown, and their places among all estimates.
    estimated: Vec<String>,
    places: Vec<usize>,
}

/// A network, and what stands in for its layers where they are not Burn's to do.
#[derive(Debug)]
struct Runner {
    network: Network,
    fused_cpu: Option<FusedCpu>,
}

/// What one window sounds like.
#[derive(Clone, Debug)]
pub(super) struct WindowAnswer {
    pub(super) probabilities: Vec<f32>,
    pub(super) steps: Vec<Vec<f32>>, // [n_steps][n_labels]
    /// Values of the estimates that are shown; none if the networks make none.
    pub(super) estimates: Option<Vec<f32>>,
    /// Of each piece, what the map, if there is one, is of; empty if the networks have none.
    pub(super) embeddings: Vec<Vec<f32>>,
}

/// The same before the softmax.
struct Embedded {
    whole: Vec<f32>,
    steps: Steps,
    estimates: Option<Vec<f32>>,
    embeddings: Vec<Vec<f32>>,
}

/// Logits of each step: `[n_steps][n_labels]`.
type Steps = Vec<Vec<f32>>;

impl Networks {
    pub(super) fn new(weights: &Weights, device: &Device) -> Result<Self> {
        let estimates = &weights.metadata.card.estimates;
        let shown = estimates.iter().enumerate().filter(|(_, e)| e.shown);
        let (places, estimated) = shown.map(|(place, e)| (place, e.name.clone())).unzip();
        Ok(Self {
            answer: weights.network(device)?.into(),
            parts: weights
                .parts(device)?
                .into_iter()
                .map(|(name, network)| (name, network.into()))
                .collect(),
            estimated,
            places,
        })
    }

    /// Takes the layers that there is another way for from Burn.
    pub(super) async fn go_direct(&mut self) -> Result<()> {
        for runner in self.parts.values_mut().chain([&mut self.answer]) {
            runner.fused_cpu = runner.network.fused_cpu().await?;
        }
        Ok(())
    }

    /// Names of the estimates that are shown.
    pub(super) fn estimated(&self) -> &[String] {
        &self.estimated
    }

    /// Answers windows, all of them at once.
    ///
    /// # Shapes
    /// - `features`: of each of [`Metadata::inputs`], the pieces of the windows, one after the other;
    ///   each window has as many
    pub(super) async fn windows(
        &self,
        metadata: &Metadata,
        features: Vec<Vec<f32>>,
        n_windows: usize,
        device: &Device,
    ) -> Result<Vec<WindowAnswer>> {
        let embedded = match metadata.parts.is_empty() {
            true => {
                let rows = features.into_iter().next().expect("one kind of features");
                let (steps, embeddings) =
                    forward(&self.answer, &metadata.network, rows, device).await?;
                let windows = apart(steps, n_windows).into_iter();
                windows
                    .zip(apart(embeddings, n_windows))
                    .map(|(steps, embeddings)| Embedded {
                        whole: mean(&steps),
                        steps,
                        estimates: None,
                        embeddings,
                    })
                    .collect()
            }
            false => self.fuse(metadata, features, n_windows, device).await?,
        };
        let probabilities = |logits: &Vec<f32>| softmax(logits, metadata.temperature);
        let answer = |embedded: Embedded| WindowAnswer {
            probabilities: probabilities(&embedded.whole),
            steps: embedded.steps.iter().map(probabilities).collect(),
            estimates: embedded.estimates,
            embeddings: embedded.embeddings,
        };
        Ok(embedded.into_iter().map(answer).collect())
    }

    /// Logits of the steps and of each window from those of the parts.
    async fn fuse(
        &self,
        metadata: &Metadata,
        features: Vec<Vec<f32>>,
        n_windows: usize,
        device: &Device,
    ) -> Result<Vec<Embedded>> {
        let kinds = metadata.audio_features()?;
        let mapped = metadata.embedding().map(|(name, _)| name);
        let mut embedded: BTreeMap<&str, Vec<Steps>> = BTreeMap::new();
        let mut embeddings = vec![Vec::new(); n_windows];
        for (name, part) in &metadata.parts {
            let Ok(reads) = part.input.audio() else {
                continue;
            };
            let kind = kinds.iter().position(|kind| *kind == reads);
            let rows = features[kind.expect("all kinds are listed")].clone();
            let (steps, own) = forward(&self.parts[name], part, rows, device).await?;
            embedded.insert(name, apart(steps, n_windows));
            if mapped == Some(name) {
                embeddings = apart(own, n_windows);
            }
        }

        let mut estimates = vec![None; n_windows];
        if let Some(guesses) = embedded.remove(ATTRIBUTES) {
            let guesses: Vec<Vec<f32>> = guesses.iter().map(|steps| mean(steps)).collect();
            for (estimates, guess) in estimates.iter_mut().zip(&guesses) {
                *estimates = Some(self.places.iter().map(|&place| guess[place]).collect());
            }
            let table = &metadata.parts[TABLE];
            let whole = answers(&self.parts[TABLE], table, guesses.concat(), device);
            // Its steps are its members: there is one answer for the whole window.
            let whole = whole.await?.into_iter().map(|answer| vec![answer]);
            embedded.insert(TABLE, whole.collect());
        }

        let n_steps = embedded.values().map(|windows| windows[0].len()).max();
        let n_steps = n_steps.unwrap_or(1);
        let rows_of = |window: usize| {
            let answers = embedded.values().map(move |windows| &windows[window]);
            let row_at = |step: usize| {
                let at =
                    |steps: &Steps| steps[(2 * step + 1) * steps.len() / (2 * n_steps)].clone();
                answers.clone().flat_map(at).collect::<Vec<f32>>()
            };
            let whole = answers.clone().flat_map(|steps| mean(steps)).collect();
            (0..n_steps).map(row_at).chain([whole]).collect::<Vec<_>>()
        };
        let rows = (0..n_windows).flat_map(rows_of).flatten().collect();
        let fused = answers(&self.answer, &metadata.network, rows, device).await?;
        let windows = apart(fused, n_windows).into_iter();
        let windows = windows.zip(estimates).zip(embeddings);
        let embedded = windows.map(|((mut steps, estimates), embeddings)| Embedded {
            whole: steps.pop().expect("the window's row is the last"),
            steps,
            estimates,
            embeddings,
        });
        Ok(embedded.collect())
    }
}

/// Logits of a network's answer to each row of a table as a whole.
async fn answers(runner: &Runner, part: &Part, rows: Vec<f32>, device: &Device) -> Result<Steps> {
    let n_rows = rows.len() / part.input.layout().n_values();
    let (steps, _) = forward(runner, part, rows, device).await?;
    Ok(apart(steps, n_rows)
        .iter()
        .map(|steps| mean(steps))
        .collect())
}

/// Logits of the steps of consecutive pieces, and of each piece the mean of its steps' features, where
/// there are any.
async fn forward(
    runner: &Runner,
    part: &Part,
    mut rows: Vec<f32>,
    device: &Device,
) -> Result<(Steps, Vec<Vec<f32>>)> {
    let layout = part.input.layout();
    part.normalisation.apply(&mut rows, layout);
    let [height, width] = layout.shape();
    let n_pieces = rows.len() / layout.n_values();
    let (logits, features) = runner.forward(rows, [n_pieces, height, width], device);
    let logits: Tensor<1> = logits.flatten(0, 2);
    let [n_logits] = logits.dims();
    // Read together: a GPU is waited for once.
    let values = match features {
        Some(features) => Tensor::cat(vec![logits, pool(features).flatten(0, 1)], 0),
        None => logits,
    };
    let mut values = read(values).await?;
    let features = values.split_off(n_logits);
    let rows = |values: &[f32], n: usize| values.chunks_exact(n).map(<[f32]>::to_vec).collect();
    Ok((
        rows(&values, part.model.n_labels()),
        rows(&features, part.model.n_features().unwrap_or(1)),
    ))
}

impl From<Network> for Runner {
    fn from(network: Network) -> Self {
        Self {
            network,
            fused_cpu: None,
        }
    }
}

impl Runner {
    /// [`Network::forward_with_features`] of rows of a shape.
    fn forward(
        &self,
        rows: Vec<f32>,
        shape: [usize; 3],
        device: &Device,
    ) -> (Tensor<3>, Option<Tensor<3>>) {
        let Some(fused_cpu) = &self.fused_cpu else {
            let rows = TensorData::new(rows, shape);
            return self
                .network
                .forward_with_features(Tensor::from_data(rows, device));
        };
        let [n_pieces, height, width] = shape;
        let (features, shape) = fused_cpu.features(&rows, [height, width]);
        let features = TensorData::new(features, [n_pieces, shape[0], shape[1]]);
        let features = Tensor::from_data(features, device);
        (self.network.answer(features.clone()), Some(features))
    }
}

/// Rows one after the other, those of each of `n` windows by themselves.
fn apart(mut rows: Vec<Vec<f32>>, n: usize) -> Vec<Vec<Vec<f32>>> {
    let each = rows.len() / n;
    let mut windows: Vec<_> = (1..n)
        .rev()
        .map(|window| rows.split_off(window * each))
        .collect();
    windows.push(rows);
    windows.reverse();
    windows
}

/// Mean of rows of one length; there is at least one.
fn mean(rows: &[Vec<f32>]) -> Vec<f32> {
    let mut sums = vec![0.0; rows[0].len()];
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value / rows.len() as f32;
        }
    }
    sums
}
