//! Genre classifier: the networks of a weights file with everything needed to classify audio.

mod analysis;
mod network;
mod prediction;

use std::sync::Arc;

use burn::tensor::Device;

use crate::embedding_map::Map;
use crate::error::Defect;
use crate::features::{Extractor, Input};
use crate::models::ModelConfig;
use crate::weights::{Metadata, Weights};
use crate::{Clip, Error, Result};
pub use analysis::Analysis;
use network::{Networks, WindowPrediction};
pub use prediction::{Prediction, Probabilities, Span};

/// A trained classifier: networks, feature extraction, normalisation and labels.
///
/// Cloning is cheap: clones share the networks.
#[derive(Clone, Debug)]
pub struct Classifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metadata: Metadata,
    labels: Arc<[String]>,
    networks: Networks,
    map: Option<Map>,
    /// One for each kind of features that the networks read; none if they read a table.
    extractors: Vec<Extractor>,
    device: Device,
    /// Maximum number of windows classified in one batch.
    batch_size: usize,
}

/// Batch size on a GPU, where the cost of launching kernels and reading results back hardly depends
/// on the number of windows.
const GPU_BATCH_SIZE: usize = 8;

impl Classifier {
    /// Builds a classifier from a weights file.
    ///
    /// # Errors
    /// [`Error::Weights`], [`Error::NewerWeights`] or [`Error::FeatureMismatch`] if the bytes are
    /// not a weights file that this version can use.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, networks) = read(bytes, device)?;
        Self::new(weights, networks, device, 1)
    }

    /// Builds a classifier for a GPU device, which classifies several windows in one batch.
    ///
    /// # Errors
    /// As [`Classifier::from_bytes`].
    pub fn on_gpu(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, networks) = read(bytes, device)?;
        Self::new(weights, networks, device, GPU_BATCH_SIZE)
    }

    /// Builds a classifier for a CPU device, with a faster implementation of some layers
    /// ([`crate::models::fused_cpu`]).
    ///
    /// # Errors
    /// Same as [`Classifier::from_bytes`], and [`Error::Device`] if the parameters cannot be read
    /// back.
    pub async fn on_cpu(bytes: &[u8], device: &Device) -> Result<Self> {
        let (weights, mut networks) = read(bytes, device)?;
        networks.use_fused_cpu().await?;
        Self::new(weights, networks, device, 1)
    }

    fn new(
        weights: Weights,
        networks: Networks,
        device: &Device,
        batch_size: usize,
    ) -> Result<Self> {
        let kinds = weights.metadata.audio_features().unwrap_or_default();
        let extractors = kinds.into_iter().map(Extractor::new);
        Ok(Self(Arc::new(Inner {
            extractors: extractors.collect::<Result<_>>()?,
            labels: weights.metadata.labels.clone().into(),
            metadata: weights.metadata,
            map: weights.map,
            networks,
            device: device.clone(),
            batch_size,
        })))
    }

    /// Metadata of the weights file.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// Names of the classes, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.0.labels
    }

    /// Map of the training tracks, if the weights file has one.
    pub fn map(&self) -> Option<&Map> {
        self.0.map.as_ref()
    }

    /// Starts the analysis of a clip; [`Analysis::step`] does the work.
    ///
    /// # Errors
    /// [`Error::ClipTooShort`] if the clip is shorter than one second, [`Error::NotAudio`] if the
    /// network reads a table.
    pub fn analysis(&self, clip: Clip) -> Result<Analysis> {
        Analysis::new(self.clone(), clip, false)
    }

    /// Starts the analysis of a clip, as [`Classifier::analysis`] does, with its spectrogram for
    /// display.
    ///
    /// # Errors
    /// Same as [`Classifier::analysis`].
    pub fn analysis_with_spectrogram(&self, clip: Clip) -> Result<Analysis> {
        Analysis::new(self.clone(), clip, true)
    }

    /// Classifies one batch of silent windows and returns its size, so that kernels are compiled
    /// and the host can estimate the time per window.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, [`Error::NotAudio`] if the network reads a table.
    pub async fn warm_up(&self) -> Result<usize> {
        let n_windows = self.0.batch_size;
        let features = self.0.metadata.audio_features()?;
        let silence = features.iter().map(|features| {
            let [height, width] = features.shape();
            vec![0.0; n_windows * features.n_segments() * height * width]
        });
        self.predict(silence.collect(), n_windows).await?;
        Ok(n_windows)
    }

    /// Classifies precomputed features.
    ///
    /// # Shapes
    /// - `features`: for a network that reads a table, one row; otherwise, for each kind of
    ///   [`Metadata::audio_features`], one or more segments of a window
    ///
    /// # Errors
    /// [`Error::Dataset`] if the features have other shapes or are not finite, [`Error::Device`] if
    /// the device fails.
    pub async fn features(&self, features: Vec<Vec<f32>>) -> Result<Probabilities> {
        let expected = self.0.metadata.inputs();
        let fits = |(values, input): (&Vec<f32>, &Input)| {
            let n_values = input.layout().n_values();
            let n_segments = values.len() / n_values;
            values.len() == n_segments * n_values
                && n_segments >= 1
                && (n_segments == 1 || input.audio().is_ok())
                && values.iter().all(|value| value.is_finite())
        };
        if features.len() != expected.len() || !features.iter().zip(&expected).all(fits) {
            let shapes: Vec<_> = expected.iter().map(Input::shape).collect();
            let expected = format!("be finite and have the shapes {shapes:?}");
            let lengths: Vec<_> = features.iter().map(Vec::len).collect();
            let got = format!("{lengths:?} values");
            return Err(Error::dataset(Defect::mismatch(
                "the features",
                expected,
                got,
            )));
        }
        let mut predictions = self.predict(features, 1).await?;
        let prediction = predictions.pop().expect("one window has one prediction");
        Ok(Probabilities::new(
            self.0.labels.clone(),
            prediction.probabilities,
        ))
    }

    async fn predict(
        &self,
        features: Vec<Vec<f32>>,
        n_windows: usize,
    ) -> Result<Vec<WindowPrediction>> {
        let Inner {
            metadata,
            networks,
            device,
            ..
        } = &*self.0;
        networks
            .predict(metadata, features, n_windows, device)
            .await
    }
}

/// Reads a weights file and builds its networks.
///
/// # Errors
/// Same as [`Classifier::from_bytes`].
fn read(bytes: &[u8], device: &Device) -> Result<(Weights, Networks)> {
    let weights = Weights::read(bytes)?;
    if matches!(weights.metadata.network.model, ModelConfig::Attributes(_)) {
        return Err(Error::NotAClassifier);
    }
    let networks = Networks::new(&weights, device)?;
    Ok((weights, networks))
}
