//! A whole classifier: from a clip to a prediction, window by window.

mod prediction;

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::features::{Extractor, Spectrogram, Track, Window};
use crate::models::cnn::Cnn;
use crate::models::{read, softmax};
use crate::weights::{Metadata, Weights};
use crate::{Clip, Result};
pub use prediction::{Prediction, Probabilities, Span};

/// A network with everything that it needs: features, labels, normalisation.
///
/// A clone shares them.
#[derive(Clone, Debug)]
pub struct Classifier(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    metadata: Metadata,
    labels: Arc<[String]>,
    network: Cnn,
    device: Device,
}

impl Classifier {
    /// Builds a classifier from the bytes of a weights file.
    ///
    /// # Errors
    /// [`Error::Weights`](crate::Error::Weights),
    /// [`Error::NewerWeights`](crate::Error::NewerWeights) or
    /// [`Error::FeatureMismatch`](crate::Error::FeatureMismatch) if the bytes are no weights file,
    /// or one that this version cannot use.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let weights = Weights::read(bytes)?;
        let network = weights.network(device)?;
        Ok(Self(Arc::new(Parts {
            labels: weights.metadata.labels.clone().into(),
            metadata: weights.metadata,
            network,
            device: device.clone(),
        })))
    }

    /// What the weights file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// Names of the classes, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.0.labels
    }

    /// Begins to analyse a clip; [`Analysis::step`] does the work.
    ///
    /// # Errors
    /// [`Error::ClipTooShort`](crate::Error::ClipTooShort) under one second.
    pub fn analysis(&self, clip: Clip) -> Result<Analysis> {
        let extractor = Extractor::new(&self.0.metadata.features)?;
        let sample_rate = clip.sample_rate();
        let track = extractor.open(clip)?;
        Ok(Analysis {
            classifier: self.clone(),
            extractor,
            track,
            sample_rate,
            windows: Vec::new(),
        })
    }

    /// Answers one silent window, so that a host can time a window and kernels are compiled.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub async fn warm_up(&self) -> Result<()> {
        let [height, width] = self.0.metadata.features.shape();
        self.step_probabilities(vec![0.0; height * width])
            .await
            .map(drop)
    }

    /// Probabilities of each step of a window, and of the window as a whole.
    ///
    /// # Shapes
    /// - `picture`: `[n_mels][n_columns]`, in 0..1
    async fn step_probabilities(&self, mut picture: Vec<f32>) -> Result<WindowAnswer> {
        let Parts {
            metadata,
            network,
            device,
            labels,
        } = &*self.0;
        metadata.normalisation.apply(&mut picture);
        let [n_mels, n_columns] = metadata.features.shape();
        let picture = TensorData::new(picture, [1, n_mels, n_columns]);
        let logits = read(network.forward(Tensor::from_data(picture, device))).await?;

        let steps = logits.chunks_exact(labels.len());
        let mut pooled = vec![0.0; labels.len()];
        for step in steps.clone() {
            for (sum, logit) in pooled.iter_mut().zip(step) {
                *sum += logit / steps.len() as f32;
            }
        }
        Ok(WindowAnswer {
            probabilities: softmax(&pooled, metadata.temperature),
            steps: steps
                .map(|step| softmax(step, metadata.temperature))
                .collect(),
        })
    }
}

/// A clip that is being analysed; it holds all that it needs, so a host keeps it between steps.
#[derive(Debug)]
pub struct Analysis {
    classifier: Classifier,
    extractor: Extractor,
    track: Track,
    sample_rate: u32,
    /// Answers of the windows done; none for a silent one.
    windows: Vec<Option<WindowAnswer>>,
}

/// Probabilities of one window.
#[derive(Clone, Debug)]
struct WindowAnswer {
    probabilities: Vec<f32>,
    steps: Vec<Vec<f32>>, // [n_steps][n_labels]
}

impl Analysis {
    /// Number of windows, each one step of work.
    pub fn n_windows(&self) -> usize {
        self.track.windows().len()
    }

    /// Share of the windows that is done, in 0..=1.
    pub fn progress(&self) -> f64 {
        self.windows.len() as f64 / self.n_windows() as f64
    }

    /// Analyses one more window; false when there was none left.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub async fn step(&mut self) -> Result<bool> {
        let index = self.windows.len();
        if index == self.n_windows() {
            return Ok(false);
        }
        let window = self.extractor.window(&mut self.track, index);
        let answer = if window.silent {
            None
        } else {
            Some(self.classifier.step_probabilities(window.features).await?)
        };
        self.windows.push(answer);
        Ok(true)
    }

    /// The answer from the windows done so far, and the picture of the track.
    pub fn finish(self) -> (Prediction, Spectrogram) {
        (self.prediction(), self.track.into_spectrogram())
    }

    fn prediction(&self) -> Prediction {
        let sounding: Vec<&[f32]> = self.sounding().map(|(_, w)| &w.probabilities[..]).collect();
        let probabilities = self.probabilities(mean(&sounding));
        let ranked = probabilities.as_ref().map(Probabilities::ranked);
        let top = |place: usize| {
            ranked
                .as_ref()
                .and_then(|ranked| ranked.get(place))
                .copied()
        };
        let threshold = self.classifier.metadata().threshold;
        let confident = top(0).is_some_and(|(_, probability)| probability >= threshold);
        let between = match (top(0), top(1)) {
            (Some((first, _)), Some((second, _))) if !confident => {
                Some([first.into(), second.into()])
            }
            _ => None,
        };
        Prediction {
            label: top(0).map(|(label, _)| label.into()),
            confident,
            between,
            windows: self.window_spans(),
            moments: self.moments(),
            duration_seconds: self.track.duration_seconds(),
            sample_rate: self.sample_rate,
            looped: self.track.looped(),
            probabilities,
        }
    }

    /// The windows that are done and not silent.
    fn sounding(&self) -> impl Iterator<Item = (&Window, &WindowAnswer)> {
        let windows = self.track.windows().iter().zip(&self.windows);
        windows.filter_map(|(window, answer)| Some((window, answer.as_ref()?)))
    }

    fn probabilities(&self, values: Option<Vec<f32>>) -> Option<Probabilities> {
        Some(Probabilities::new(
            self.classifier.0.labels.clone(),
            values?,
        ))
    }

    fn window_spans(&self) -> Vec<Span> {
        let windows = self.track.windows().iter().zip(&self.windows);
        let span = |(window, answer): (&Window, &Option<WindowAnswer>)| Span {
            start_seconds: window.start_seconds,
            end_seconds: window.end_seconds.min(self.track.duration_seconds()),
            probabilities: self.probabilities(answer.as_ref().map(|w| w.probabilities.clone())),
        };
        windows.map(span).collect()
    }

    /// Cuts the track into equal moments, about as long as the network's steps: each is answered
    /// by the mean of the steps at its middle, one of each sounding window there.
    fn moments(&self) -> Vec<Span> {
        let features = &self.classifier.metadata().features;
        let n_steps = self.classifier.metadata().model.n_steps(features);
        let duration = self.track.duration_seconds();
        let n_moments = (duration / features.window_seconds() * n_steps as f64)
            .round()
            .max(1.0);
        let moment = |index: usize| {
            let start_seconds = duration * index as f64 / n_moments;
            let end_seconds = duration * (index + 1) as f64 / n_moments;
            let steps = self.steps_at((start_seconds + end_seconds) / 2.0);
            Span {
                start_seconds,
                end_seconds,
                probabilities: self.probabilities(mean(&steps)),
            }
        };
        (0..n_moments as usize).map(moment).collect()
    }

    /// The step at a point in time, of each sounding window that spans it.
    fn steps_at(&self, seconds: f64) -> Vec<&[f32]> {
        let step = |(window, answer): (&Window, &'_ WindowAnswer)| {
            let length = window.end_seconds - window.start_seconds;
            let place = (seconds - window.start_seconds) / length;
            (0.0..1.0)
                .contains(&place)
                .then_some((place * answer.steps.len() as f64) as usize)
        };
        self.sounding()
            .filter_map(|(window, answer)| Some(&answer.steps[step((window, answer))?][..]))
            .collect()
    }
}

/// Mean of rows of one length; none of no rows.
fn mean(rows: &[&[f32]]) -> Option<Vec<f32>> {
    let n = rows.len() as f32;
    let mut sums = vec![0.0; rows.first()?.len()];
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(*row) {
            *sum += value / n;
        }
    }
    Some(sums)
}
