//! A whole classifier: networks with everything that they need to answer.

mod analysis;
mod network;
mod prediction;

use std::sync::Arc;

use burn::tensor::Device;

use crate::embedding_map::Map;
use crate::features::Input;
use crate::models::ModelConfig;
use crate::weights::{Metadata, Weights};
use crate::{Clip, Error, Result};
pub use analysis::Analysis;
use network::{Networks, WindowAnswer};
pub use prediction::{Prediction, Probabilities, Span};

/// A network with everything that it needs: features, labels, normalisation.
///
/// A clone shares them.
#[derive(Clone, Debug)]
pub struct Classifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metadata: Metadata,
    labels: Arc<[String]>,
    networks: Networks,
    map: Option<Map>,
    device: Device,
    /// Most windows that are answered at once.
    at_once: usize,
}

/// Windows that a graphics card answers at once: each answer is waited for, and a network's many small
/// pieces of work are as many for one window as for all.
const AT_ONCE_ON_GPU: usize = 8;

impl Classifier {
    /// Builds a classifier from the bytes of a weights file.
    ///
    /// # Errors
    /// [`Error::Weights`],
    /// [`Error::NewerWeights`] or
    /// [`Error::FeatureMismatch`] if the bytes are no weights file,
    /// or one that this version cannot use.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, networks) = read(bytes, device)?;
        Ok(Self::new(weights, networks, device, 1))
    }

    /// The same on a device that is a graphics card, which answers several windows at once.
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`].
    pub fn on_gpu(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, networks) = read(bytes, device)?;
        Ok(Self::new(weights, networks, device, AT_ONCE_ON_GPU))
    }

    /// The same on a device that is the CPU, where some layers are quicker without Burn
    /// ([`crate::models::fused_cpu`]).
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`].
    pub async fn on_cpu(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, mut networks) = read(bytes, device)?;
        networks.go_direct().await?;
        Ok(Self::new(weights, networks, device, 1))
    }

    fn new(weights: Weights, networks: Networks, device: &Device, at_once: usize) -> Self {
        Self(Arc::new(Inner {
            labels: weights.metadata.labels.clone().into(),
            metadata: weights.metadata,
            map: weights.map,
            networks,
            device: device.clone(),
            at_once,
        }))
    }

    /// What the weights file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// Names of the classes, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.0.labels
    }

    /// The tracks that the network was trained on, if the weights file maps them.
    pub fn map(&self) -> Option<&Map> {
        self.0.map.as_ref()
    }

    /// Begins to analyse a clip; [`Analysis::step`] does the work.
    ///
    /// # Errors
    /// [`Error::ClipTooShort`] under one second,
    /// [`Error::NotAudio`] if the network reads a table.
    pub fn analysis(&self, clip: Clip) -> Result<Analysis> {
        Analysis::new(self.clone(), clip)
    }

    /// Answers as many silent windows as a step does at most, and says how many, so that a host can time
    /// a window and kernels are compiled.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails,
    /// [`Error::NotAudio`] if the network reads a table.
    pub async fn warm_up(&self) -> Result<usize> {
        let n_windows = self.0.at_once;
        let features = self.0.metadata.audio_features()?;
        let silence = features.iter().map(|features| {
            let [height, width] = features.shape();
            vec![0.0; n_windows * features.n_pieces() * height * width]
        });
        self.answer(silence.collect(), n_windows).await?;
        Ok(n_windows)
    }

    /// Classifies features that were computed before.
    ///
    /// # Shapes
    /// - `features`: for a network that reads a table, one row of it; else of each kind in
    ///   [`Metadata::audio_features`], one or more pieces of a window
    ///
    /// # Errors
    /// [`Error::Dataset`] if they are of other shapes, or not numbers,
    /// [`Error::Device`] if the device fails.
    pub async fn features(&self, features: Vec<Vec<f32>>) -> Result<Probabilities> {
        let expected = self.0.metadata.inputs();
        let fits = |(values, input): (&Vec<f32>, &Input)| {
            let n_values = input.layout().n_values();
            let n_pieces = values.len() / n_values;
            values.len() == n_pieces * n_values
                && n_pieces >= 1
                && (n_pieces == 1 || input.audio().is_ok())
                && values.iter().all(|value| value.is_finite())
        };
        if features.len() != expected.len() || !features.iter().zip(&expected).all(fits) {
            let shapes: Vec<_> = expected.iter().map(Input::shape).collect();
            return Err(Error::Dataset(format!(
                "the network reads finite numbers of the shapes {shapes:?}"
            )));
        }
        let mut answers = self.answer(features, 1).await?;
        let answer = answers.pop().expect("one window has one answer");
        Ok(Probabilities::new(
            self.0.labels.clone(),
            answer.probabilities,
        ))
    }

    async fn answer(&self, features: Vec<Vec<f32>>, n_windows: usize) -> Result<Vec<WindowAnswer>> {
        let Inner {
            metadata,
            networks,
            device,
            ..
        } = &*self.0;
        networks
            .windows(metadata, features, n_windows, device)
            .await
    }
}

/// Reads a weights file and builds its networks.
fn read(bytes: &[u8], device: &Device) -> Result<(Weights, Networks)> {
    let weights = Weights::read(bytes)?;
    if matches!(weights.metadata.network.model, ModelConfig::Attributes(_)) {
        let reason = "it estimates features of music and names no genre";
        return Err(Error::Weights(reason.into()));
    }
    let networks = Networks::new(&weights, device)?;
    Ok((weights, networks))
}
