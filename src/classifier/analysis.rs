//! Analysis of a clip, window by window.

use std::collections::BTreeMap;

use super::network::WindowPrediction;
use super::{Classifier, Prediction, Probabilities, Span};
use crate::data::Matrix;
use crate::embedding_map::MapPosition;
use crate::features::{Extractor, Spectrogram, Track, Window};
use crate::models::attributes;
use crate::{Clip, Result};

/// Analysis of one clip in progress. It owns all its data, so the host can store it between steps.
#[derive(Debug)]
pub struct Analysis {
    classifier: Classifier,
    /// One source for each kind of features that the networks read; at least one.
    sources: Vec<Source>,
    sample_rate: u32,
    /// Predictions for the windows done so far; `None` for a silent window.
    windows: Vec<Option<WindowPrediction>>,
}

/// The clip with the extractor for one kind of features.
#[derive(Debug)]
struct Source {
    extractor: Extractor,
    track: Track,
}

impl Source {
    fn open(extractor: &Extractor, clip: Clip, with_spectrogram: bool) -> Result<Self> {
        let track = match with_spectrogram {
            true => extractor.open_with_spectrogram(clip),
            false => extractor.open(clip),
        }?;
        Ok(Self {
            extractor: extractor.clone(),
            track,
        })
    }
}

impl Analysis {
    /// Opens a clip for every kind of features that the networks read; the first one computes the
    /// spectrogram, if it is requested.
    pub(super) fn new(classifier: Classifier, clip: Clip, with_spectrogram: bool) -> Result<Self> {
        // Refuses audio if the network reads a table.
        classifier.metadata().audio_features()?;
        let sample_rate = clip.sample_rate();
        let extractors = &classifier.0.extractors;
        let (first, others) = extractors
            .split_first()
            .expect("there is a kind of features");
        let mut sources = Vec::with_capacity(extractors.len());
        for extractor in others {
            sources.push(Source::open(extractor, clip.clone(), false)?);
        }
        // The first source takes ownership of the clip, which log-mel features use without
        // resampling.
        sources.insert(0, Source::open(first, clip, with_spectrogram)?);
        Ok(Self {
            classifier,
            sources,
            sample_rate,
            windows: Vec::new(),
        })
    }

    /// Number of windows.
    pub fn n_windows(&self) -> usize {
        self.track().windows().len()
    }

    /// Number of windows analysed so far.
    pub fn n_done(&self) -> usize {
        self.windows.len()
    }

    /// Fraction of the windows that is done, in 0..=1.
    pub fn progress(&self) -> f64 {
        self.n_done() as f64 / self.n_windows() as f64
    }

    /// Analyses the next batch of windows. Returns false if there was none left.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub async fn step(&mut self) -> Result<bool> {
        let first = self.n_done();
        let end = self.n_windows().min(first + self.classifier.0.batch_size);
        if first == end {
            return Ok(false);
        }
        let mut features = vec![Vec::new(); self.sources.len()];
        let mut audible = Vec::with_capacity(end - first);
        for index in first..end {
            let mut silent = false;
            let mut own = Vec::with_capacity(self.sources.len());
            for Source { extractor, track } in &mut self.sources {
                let window = extractor.window(track, index);
                silent |= window.silent;
                own.push(window.features);
            }
            audible.push(!silent);
            if !silent {
                for (all, own) in features.iter_mut().zip(&own) {
                    all.extend_from_slice(own);
                }
            }
        }
        let n_audible = audible.iter().filter(|&&is_audible| is_audible).count();
        let mut predictions = match n_audible {
            0 => Vec::new(),
            n => self.classifier.predict(features, n).await?,
        }
        .into_iter();
        let done = audible.into_iter().map(|is_audible| match is_audible {
            true => predictions.next(),
            false => None,
        });
        self.windows.extend(done);
        Ok(true)
    }

    /// Track of the first source, for properties that all sources share.
    fn track(&self) -> &Track {
        &self.sources[0].track
    }

    /// Prediction from the windows done so far, and the spectrogram of the track, if it was
    /// requested with [`Classifier::analysis_with_spectrogram`].
    pub fn finish(mut self) -> (Prediction, Option<Spectrogram>) {
        let prediction = self.prediction();
        let first = self.sources.swap_remove(0);
        (prediction, first.track.into_spectrogram())
    }

    fn prediction(&self) -> Prediction {
        let audible: Matrix = self.audible().map(|(_, w)| &w.probabilities).collect();
        let probabilities = self.probabilities(audible.mean());
        let ranked = probabilities.as_ref().map(Probabilities::ranked);
        let top = |rank: usize| ranked.as_ref().and_then(|ranked| ranked.get(rank)).copied();
        let threshold = self.classifier.metadata().threshold;
        let map_position = self.map_position();
        let out_of_distribution = map_position
            .as_ref()
            .is_some_and(|position| position.out_of_distribution);
        let probable = top(0).is_some_and(|(_, probability)| probability >= threshold);
        let confident = probable && !out_of_distribution;
        let between = match (top(0), top(1)) {
            (Some((first, _)), Some((second, _))) if !probable && !out_of_distribution => {
                Some([first.into(), second.into()])
            }
            _ => None,
        };
        Prediction {
            label: top(0).map(|(label, _)| label.into()),
            confident,
            between,
            windows: self.window_spans(),
            timeline: self.timeline(),
            duration_seconds: self.track().duration_seconds(),
            sample_rate: self.sample_rate,
            looped: self.track().looped(),
            estimates: self.estimates(),
            map_position,
            probabilities,
        }
    }

    /// Mean of the estimates over the windows, within the range of each feature.
    fn estimates(&self) -> Option<BTreeMap<String, f32>> {
        let windows = self.audible();
        let rows: Matrix = windows
            .filter_map(|(_, window)| window.estimates.as_deref())
            .collect();
        let names = self.classifier.0.networks.estimate_names();
        let limited = names.iter().zip(rows.mean()?).map(|(name, value)| {
            let value = attributes::limit_to_range(name, value);
            (name.clone(), value)
        });
        Some(limited.collect())
    }

    /// Position of the track on the map.
    fn map_position(&self) -> Option<MapPosition> {
        let windows = self.audible();
        let embeddings: Matrix = windows
            .flat_map(|(_, window)| window.embeddings.rows())
            .collect();
        let classifier = &self.classifier;
        classifier.map()?.position(&embeddings, classifier.labels())
    }

    /// Windows that are done and not silent, with their predictions.
    fn audible(&self) -> impl Iterator<Item = (&Window, &WindowPrediction)> {
        let windows = self.track().windows().iter().zip(&self.windows);
        windows.filter_map(|(window, prediction)| Some((window, prediction.as_ref()?)))
    }

    fn probabilities(&self, values: Option<Vec<f32>>) -> Option<Probabilities> {
        Some(Probabilities::new(
            self.classifier.0.labels.clone(),
            values?,
        ))
    }

    fn window_spans(&self) -> Vec<Span> {
        let windows = self.track().windows().iter().zip(&self.windows);
        let span = |(window, prediction): (&Window, &Option<WindowPrediction>)| Span {
            start_seconds: window.start_seconds,
            end_seconds: window.end_seconds.min(self.track().duration_seconds()),
            probabilities: self.probabilities(prediction.as_ref().map(|w| w.probabilities.clone())),
        };
        windows.map(span).collect()
    }

    /// Divides the track into equal timeline steps, about as long as a time step of the network. The
    /// probabilities of a timeline step are the mean over the windows that contain its centre, each at
    /// the network's time step there.
    fn timeline(&self) -> Vec<Span> {
        let duration = self.track().duration_seconds();
        let window = self.track().windows()[0].clone();
        let n_steps = self
            .audible()
            .map(|(_, window)| window.steps.n_rows())
            .next()
            .unwrap_or(1);
        let n_timeline_steps = (duration / (window.end_seconds - window.start_seconds)
            * n_steps as f64)
            .round()
            .max(1.0);
        let timeline_step = |index: usize| {
            let start_seconds = duration * index as f64 / n_timeline_steps;
            let end_seconds = duration * (index + 1) as f64 / n_timeline_steps;
            let steps = self.steps_at((start_seconds + end_seconds) / 2.0);
            Span {
                start_seconds,
                end_seconds,
                probabilities: self.probabilities(steps.mean()),
            }
        };
        (0..n_timeline_steps as usize).map(timeline_step).collect()
    }

    /// Probabilities of the network's step at a point in time, for each window that contains it.
    fn steps_at(&self, seconds: f64) -> Matrix {
        let step = |(window, prediction): (&Window, &'_ WindowPrediction)| {
            let length = window.end_seconds - window.start_seconds;
            let position = (seconds - window.start_seconds) / length;
            (0.0..1.0)
                .contains(&position)
                .then_some((position * prediction.steps.n_rows() as f64) as usize)
        };
        self.audible()
            .filter_map(|(window, prediction)| {
                Some(prediction.steps.row(step((window, prediction))?))
            })
            .collect()
    }
}
