//! The networks of a weights file, and how their logits are combined.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::data::Matrix;
use crate::models::fused_cpu::FusedCpu;
use crate::models::{Network, pool, read, softmax};
use crate::weights::{ATTRIBUTES, Metadata, NetworkSpec, TABLE, Weights};

/// Networks on a device: the main network, and the parts whose logits it reads.
#[derive(Debug)]
pub(super) struct Networks {
    main: Runner,
    parts: BTreeMap<String, Runner>,
    /// Names of the estimates that are shown, and their indices among all estimates.
    estimate_names: Vec<String>,
    estimate_indices: Vec<usize>,
}

/// A network, with a faster implementation of some layers if it runs on the CPU.
#[derive(Debug)]
struct Runner {
    network: Network,
    fused_cpu: Option<FusedCpu>,
}

/// Prediction for one window.
#[derive(Clone, Debug)]
pub(super) struct WindowPrediction {
    pub(super) probabilities: Vec<f32>,
    /// Probabilities of each time step: `[n_steps][n_labels]`
    pub(super) steps: Matrix,
    /// Values of the estimates that are shown; `None` if the networks make no estimates.
    pub(super) estimates: Option<Vec<f32>>,
    /// Embedding of each segment, as the map uses them; empty if the networks have none.
    pub(super) embeddings: Matrix,
}

/// Output of the networks for one window, before the softmax.
struct WindowLogits {
    window: Vec<f32>,
    steps: Matrix,
    estimates: Option<Vec<f32>>,
    embeddings: Matrix,
}

impl Networks {
    pub(super) fn new(weights: &Weights, device: &Device) -> Result<Self> {
        let estimates = &weights.metadata.card.estimates;
        let shown = estimates.iter().enumerate().filter(|(_, e)| e.shown);
        let (estimate_indices, estimate_names) =
            shown.map(|(index, e)| (index, e.name.clone())).unzip();
        Ok(Self {
            main: weights.network(device)?.into(),
            parts: weights
                .parts(device)?
                .into_iter()
                .map(|(name, network)| (name, network.into()))
                .collect(),
            estimate_names,
            estimate_indices,
        })
    }

    /// Replaces layers with their faster CPU implementation, where there is one.
    pub(super) async fn use_fused_cpu(&mut self) -> Result<()> {
        for runner in self.parts.values_mut().chain([&mut self.main]) {
            runner.fused_cpu = runner.network.fused_cpu().await?;
        }
        Ok(())
    }

    /// Names of the estimates that are shown.
    pub(super) fn estimate_names(&self) -> &[String] {
        &self.estimate_names
    }

    /// Classifies windows in one batch.
    ///
    /// # Shapes
    /// - `features`: for each of [`Metadata::inputs`], the segments of all windows in order,
    ///   equally many for each window
    pub(super) async fn predict(
        &self,
        metadata: &Metadata,
        features: Vec<Vec<f32>>,
        n_windows: usize,
        device: &Device,
    ) -> Result<Vec<WindowPrediction>> {
        let outputs = match metadata.parts.is_empty() {
            true => {
                let rows = features.into_iter().next().expect("one kind of features");
                let (steps, embeddings) =
                    forward(&self.main, &metadata.network, rows, device).await?;
                let windows = steps.split(n_windows);
                windows
                    .zip(embeddings.split(n_windows))
                    .map(|(steps, embeddings)| WindowLogits {
                        window: mean(&steps),
                        steps,
                        estimates: None,
                        embeddings,
                    })
                    .collect()
            }
            false => self.combine(metadata, features, n_windows, device).await?,
        };
        let probabilities = |logits: &[f32]| softmax(logits, metadata.temperature);
        let predict = |outputs: WindowLogits| WindowPrediction {
            probabilities: probabilities(&outputs.window),
            steps: outputs.steps.rows().map(probabilities).collect(),
            estimates: outputs.estimates,
            embeddings: outputs.embeddings,
        };
        Ok(outputs.into_iter().map(predict).collect())
    }

    /// Combines the logits of the parts with the main network.
    async fn combine(
        &self,
        metadata: &Metadata,
        features: Vec<Vec<f32>>,
        n_windows: usize,
        device: &Device,
    ) -> Result<Vec<WindowLogits>> {
        let kinds = metadata.audio_features()?;
        let mapped = metadata.embedding().map(|(name, _)| name);
        let mut outputs: BTreeMap<&str, Vec<Matrix>> = BTreeMap::new();
        let mut embeddings = vec![Matrix::default(); n_windows];
        for (name, part) in &metadata.parts {
            let Ok(reads) = part.input.audio() else {
                continue;
            };
            let kind = kinds.iter().position(|kind| *kind == reads);
            let rows = features[kind.expect("all kinds are listed")].clone();
            let (steps, own) = forward(&self.parts[name], part, rows, device).await?;
            outputs.insert(name, steps.split(n_windows).collect());
            if mapped == Some(name) {
                embeddings = own.split(n_windows).collect();
            }
        }

        let mut estimates = vec![None; n_windows];
        if let Some(estimated) = outputs.remove(ATTRIBUTES) {
            let estimated: Matrix = estimated.iter().map(mean).collect();
            for (estimates, values) in estimates.iter_mut().zip(estimated.rows()) {
                *estimates = Some(
                    self.estimate_indices
                        .iter()
                        .map(|&index| values[index])
                        .collect(),
                );
            }
            let table = &metadata.parts[TABLE];
            let window_logits =
                member_means(&self.parts[TABLE], table, estimated.into_values(), device);
            // The steps of a table network are its ensemble members, so their mean is the logits of
            // the window.
            outputs.insert(TABLE, window_logits.await?.split(n_windows).collect());
        }

        let n_steps = outputs.values().map(|windows| windows[0].n_rows()).max();
        let n_steps = n_steps.unwrap_or(1);
        let rows_of = |window: usize| {
            let logits = outputs.values().map(move |windows| &windows[window]);
            let row_at = |step: usize| {
                let at = |steps: &'_ Matrix| {
                    let step = (2 * step + 1) * steps.n_rows() / (2 * n_steps);
                    steps.row(step).to_vec()
                };
                logits.clone().flat_map(at).collect::<Vec<f32>>()
            };
            let window_logits = logits.clone().flat_map(mean).collect();
            (0..n_steps)
                .map(row_at)
                .chain([window_logits])
                .collect::<Vec<_>>()
        };
        let rows = (0..n_windows).flat_map(rows_of).flatten().collect();
        let combined = member_means(&self.main, &metadata.network, rows, device).await?;
        let windows = combined.split(n_windows).zip(estimates).zip(embeddings);
        let outputs = windows.map(|((rows, estimates), embeddings)| WindowLogits {
            // The row of the window is the last.
            window: rows.row(n_steps).to_vec(),
            steps: rows.rows().take(n_steps).collect(),
            estimates,
            embeddings,
        });
        Ok(outputs.collect())
    }
}

/// Logits of a network for each row of a table, averaged over its ensemble members.
async fn member_means(
    runner: &Runner,
    part: &NetworkSpec,
    rows: Vec<f32>,
    device: &Device,
) -> Result<Matrix> {
    let n_rows = rows.len() / part.input.layout().n_values();
    let (steps, _) = forward(runner, part, rows, device).await?;
    Ok(steps.split(n_rows).map(|steps| mean(&steps)).collect())
}

/// Logits of the time steps of consecutive segments, and the embedding of each segment, if the
/// network has embeddings.
async fn forward(
    runner: &Runner,
    part: &NetworkSpec,
    mut rows: Vec<f32>,
    device: &Device,
) -> Result<(Matrix, Matrix)> {
    let layout = part.input.layout();
    part.normalisation.apply(&mut rows, layout);
    let [height, width] = layout.shape();
    let n_segments = rows.len() / layout.n_values();
    let (logits, features) = runner.forward(rows, [n_segments, height, width], device);
    let logits: Tensor<1> = logits.flatten(0, 2);
    let [n_logits] = logits.dims();
    // A single read back, because each one waits for the GPU.
    let values = match features {
        Some(features) => Tensor::cat(vec![logits, pool(features).flatten(0, 1)], 0),
        None => logits,
    };
    let mut values = read(values).await?;
    let features = values.split_off(n_logits);
    Ok((
        Matrix::new(part.model.n_labels(), values)?,
        Matrix::new(part.model.n_features().unwrap_or(1), features)?,
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
    /// Runs [`Network::forward_with_features`] on rows of the given shape.
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
        let [n_segments, height, width] = shape;
        let (features, shape) = fused_cpu.features(&rows, [height, width]);
        let features = TensorData::new(features, [n_segments, shape[0], shape[1]]);
        let features = Tensor::from_data(features, device);
        (
            self.network.classify_features(features.clone()),
            Some(features),
        )
    }
}

/// Mean over the time steps of a network.
fn mean(steps: &Matrix) -> Vec<f32> {
    steps.mean().expect("a network has at least one time step")
}
