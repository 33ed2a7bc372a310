//! The networks of one weights file, and how they answer together.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::models::{Network, read, softmax};
use crate::weights::{ATTRIBUTES, Metadata, Part, TABLE, Weights};

/// Built networks: the one that gives the answer, and those whose answers it reads.
#[derive(Debug)]
pub(super) struct Networks {
    answer: Network,
    parts: BTreeMap<String, Network>,
    /// Names of the estimates that are shown, and their places among all estimates.
    estimated: Vec<String>,
    places: Vec<usize>,
}

/// What one window sounds like.
#[derive(Clone, Debug)]
pub(super) struct WindowAnswer {
    pub(super) probabilities: Vec<f32>,
    pub(super) steps: Vec<Vec<f32>>, // [n_steps][n_labels]
    /// Values of the estimates that are shown; none if the networks make none.
    pub(super) estimates: Option<Vec<f32>>,
}

/// Logits of each step: `[n_steps][n_labels]`.
type Steps = Vec<Vec<f32>>;

impl Networks {
    pub(super) fn new(weights: &Weights, device: &Device) -> Result<Self> {
        let estimates = &weights.metadata.card.estimates;
        let shown = estimates.iter().enumerate().filter(|(_, e)| e.shown);
        let (places, estimated) = shown.map(|(place, e)| (place, e.name.clone())).unzip();
        Ok(Self {
            answer: weights.network(device)?,
            parts: weights.parts(device)?,
            estimated,
            places,
        })
    }

    /// Names of the estimates that are shown.
    pub(super) fn estimated(&self) -> &[String] {
        &self.estimated
    }

    /// Answers one window.
    ///
    /// # Shapes
    /// - `features`: of each of [`Metadata::inputs`], the pieces of the window
    pub(super) async fn window(
        &self,
        metadata: &Metadata,
        features: Vec<Vec<f32>>,
        device: &Device,
    ) -> Result<WindowAnswer> {
        let (steps, whole, estimates) = match metadata.parts.is_empty() {
            true => {
                let rows = features.into_iter().next().expect("one kind of features");
                let steps = steps(&self.answer, &metadata.network, rows, device).await?;
                let whole = mean(&steps);
                (steps, whole, None)
            }
            false => self.fuse(metadata, &features, device).await?,
        };
        let probabilities = |logits: &Vec<f32>| softmax(logits, metadata.temperature);
        Ok(WindowAnswer {
            probabilities: probabilities(&whole),
            steps: steps.iter().map(probabilities).collect(),
            estimates,
        })
    }

    /// Logits of the steps and of the window from those of the parts, and the estimates.
    async fn fuse(
        &self,
        metadata: &Metadata,
        features: &[Vec<f32>],
        device: &Device,
    ) -> Result<(Steps, Vec<f32>, Option<Vec<f32>>)> {
        let kinds = metadata.audio_features()?;
        let mut answers: BTreeMap<&str, Steps> = BTreeMap::new();
        for (name, part) in &metadata.parts {
            let Ok(reads) = part.input.audio() else {
                continue;
            };
            let kind = kinds.iter().position(|kind| *kind == reads);
            let rows = features[kind.expect("all kinds are listed")].clone();
            let steps = steps(&self.parts[name], part, rows, device).await?;
            answers.insert(name, steps);
        }

        let mut estimates = None;
        if let Some(guess) = answers.remove(ATTRIBUTES) {
            let guess = mean(&guess);
            estimates = Some(self.places.iter().map(|&place| guess[place]).collect());
            let table = &metadata.parts[TABLE];
            let members = steps(&self.parts[TABLE], table, guess, device).await?;
            // Its steps are its members: there is one answer for the whole window.
            answers.insert(TABLE, vec![mean(&members)]);
        }

        let n_steps = answers.values().map(Vec::len).max().unwrap_or(1);
        let row_at = |step: usize| -> Vec<f32> {
            let at = |steps: &Steps| steps[(2 * step + 1) * steps.len() / (2 * n_steps)].clone();
            answers.values().flat_map(at).collect()
        };
        let whole: Vec<f32> = answers.values().flat_map(|steps| mean(steps)).collect();
        let rows: Vec<f32> = (0..n_steps).flat_map(row_at).chain(whole).collect();
        let mut logits = piecewise(&self.answer, &metadata.network, rows, device).await?;
        let whole = logits.pop().expect("the window's row is the last");
        Ok((logits, whole, estimates))
    }
}

/// Logits of the steps of consecutive pieces.
async fn steps(network: &Network, part: &Part, rows: Vec<f32>, device: &Device) -> Result<Steps> {
    let logits = forward(network, part, rows, device).await?;
    let n_labels = part.model.n_labels();
    Ok(logits.chunks_exact(n_labels).map(<[f32]>::to_vec).collect())
}

/// Logits of each piece as a whole.
async fn piecewise(
    network: &Network,
    part: &Part,
    rows: Vec<f32>,
    device: &Device,
) -> Result<Steps> {
    let n_pieces = rows.len() / part.input.layout().n_values();
    let steps = steps(network, part, rows, device).await?;
    let per_piece = steps.len() / n_pieces;
    Ok(steps.chunks_exact(per_piece).map(mean).collect())
}

async fn forward(
    network: &Network,
    part: &Part,
    mut rows: Vec<f32>,
    device: &Device,
) -> Result<Vec<f32>> {
    let layout = part.input.layout();
    part.normalisation.apply(&mut rows, layout);
    let [height, width] = layout.shape();
    let n_pieces = rows.len() / layout.n_values();
    let rows = TensorData::new(rows, [n_pieces, height, width]);
    read(network.forward(Tensor::from_data(rows, device))).await
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
