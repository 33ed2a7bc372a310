//! From a clip to a prediction, window by window.

use std::collections::BTreeMap;

use super::network::WindowAnswer;
use super::{Classifier, Prediction, Probabilities, Span};
use crate::embedding_map::Place;
use crate::features::{Extractor, FeatureConfig, Spectrogram, Track, Window};
use crate::{Clip, Result};

/// A clip that is being analysed; it holds all that it needs, so a host keeps it between steps.
#[derive(Debug)]
pub struct Analysis {
    classifier: Classifier,
    /// One of each kind of features that the networks read; at least one.
    sources: Vec<Source>,
    sample_rate: u32,
    /// Answers of the windows done; none for a silent one.
    windows: Vec<Option<WindowAnswer>>,
}

/// The clip as one kind of features.
#[derive(Debug)]
struct Source {
    extractor: Extractor,
    track: Track,
}

impl Source {
    fn open(features: &FeatureConfig, clip: Clip) -> Result<Self> {
        let extractor = Extractor::new(features)?;
        let track = extractor.open(clip)?;
        Ok(Self { extractor, track })
    }
}

impl Analysis {
    /// Opens a clip as every kind of features that the networks read.
    pub(super) fn new(classifier: Classifier, clip: Clip) -> Result<Self> {
        let features = classifier.metadata().audio_features()?;
        let sample_rate = clip.sample_rate();
        let (first, others) = features.split_first().expect("there is a kind of features");
        let mut sources = Vec::with_capacity(features.len());
        for features in others {
            sources.push(Source::open(features, clip.clone())?);
        }
        // The first takes the clip: at its own rate, mel pictures need no copy of it.
        sources.insert(0, Source::open(first, clip)?);
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

    /// Windows that are done.
    pub fn n_done(&self) -> usize {
        self.windows.len()
    }

    /// Share of the windows that is done, in 0..=1.
    pub fn progress(&self) -> f64 {
        self.n_done() as f64 / self.n_windows() as f64
    }

    /// Analyses one more window, or several where the device answers several at once; false when there
    /// was none left.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub async fn step(&mut self) -> Result<bool> {
        let first = self.n_done();
        let end = self.n_windows().min(first + self.classifier.0.at_once);
        if first == end {
            return Ok(false);
        }
        let mut features = vec![Vec::new(); self.sources.len()];
        let mut sounding = Vec::with_capacity(end - first);
        for index in first..end {
            let mut silent = false;
            let mut own = Vec::with_capacity(self.sources.len());
            for Source { extractor, track } in &mut self.sources {
                let window = extractor.window(track, index);
                silent |= window.silent;
                own.push(window.features);
            }
            sounding.push(!silent);
            if !silent {
                for (all, own) in features.iter_mut().zip(&own) {
                    all.extend_from_slice(own);
                }
            }
        }
        let n_sounding = sounding.iter().filter(|&&sounds| sounds).count();
        let mut answers = match n_sounding {
            0 => Vec::new(),
            n => self.classifier.answer(features, n).await?,
        }
        .into_iter();
        let done = sounding.into_iter().map(|sounds| match sounds {
            true => answers.next(),
            false => None,
        });
        self.windows.extend(done);
        Ok(true)
    }

    /// The first source's track, for what is the same of all.
    fn track(&self) -> &Track {
        &self.sources[0].track
    }

    /// The answer from the windows done so far, and the picture of the track.
    pub fn finish(mut self) -> (Prediction, Spectrogram) {
        let prediction = self.prediction();
        let first = self.sources.swap_remove(0);
        (prediction, first.track.into_spectrogram())
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
        let place = self.place();
        let strange = place.as_ref().is_some_and(|place| place.strange);
        let probable = top(0).is_some_and(|(_, probability)| probability >= threshold);
        let confident = probable && !strange;
        let between = match (top(0), top(1)) {
            (Some((first, _)), Some((second, _))) if !probable && !strange => {
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
            duration_seconds: self.track().duration_seconds(),
            sample_rate: self.sample_rate,
            looped: self.track().looped(),
            estimates: self.estimates(),
            place,
            probabilities,
        }
    }

    /// The mean of the windows' estimates.
    fn estimates(&self) -> Option<BTreeMap<String, f32>> {
        let rows: Vec<&[f32]> = self
            .sounding()
            .filter_map(|(_, window)| window.estimates.as_deref())
            .collect();
        let names = self.classifier.0.networks.estimated();
        Some(names.iter().cloned().zip(mean(&rows)?).collect())
    }

    /// Where the track lands on the map.
    fn place(&self) -> Option<Place> {
        let pieces = self.sounding().flat_map(|(_, window)| &window.embeddings);
        let pieces: Vec<&[f32]> = pieces.map(Vec::as_slice).collect();
        let classifier = &self.classifier;
        classifier.map()?.place(&pieces, classifier.labels())
    }

    /// The windows that are done and not silent.
    fn sounding(&self) -> impl Iterator<Item = (&Window, &WindowAnswer)> {
        let windows = self.track().windows().iter().zip(&self.windows);
        windows.filter_map(|(window, answer)| Some((window, answer.as_ref()?)))
    }

    fn probabilities(&self, values: Option<Vec<f32>>) -> Option<Probabilities> {
        Some(Probabilities::new(
            self.classifier.0.labels.clone(),
            values?,
        ))
    }

    fn window_spans(&self) -> Vec<Span> {
        let windows = self.track().windows().iter().zip(&self.windows);
        let span = |(window, answer): (&Window, &Option<WindowAnswer>)| Span {
            start_seconds: window.start_seconds,
            end_seconds: window.end_seconds.min(self.track().duration_seconds()),
            probabilities: self.probabilities(answer.as_ref().map(|w| w.probabilities.clone())),
        };
        windows.map(span).collect()
    }

    /// Cuts the track into equal moments, about as long as the network's steps: each is answered
    /// by the mean of the steps at its middle, one of each sounding window there.
    fn moments(&self) -> Vec<Span> {
        let duration = self.track().duration_seconds();
        let window = self.track().windows()[0].clone();
        let n_steps = self
            .sounding()
            .map(|(_, window)| window.steps.len())
            .next()
            .unwrap_or(1);
        let n_moments = (duration / (window.end_seconds - window.start_seconds) * n_steps as f64)
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
