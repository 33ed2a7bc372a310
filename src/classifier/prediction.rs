//! The answer for a track: one JSON in the binary, in the page and in a saved file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::embedding_map::Place;

/// What a track sounds like, as a whole and moment by moment.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Prediction {
    /// The most probable class; none where there is no sound.
    pub label: Option<String>,
    /// Whether its probability reaches the threshold that was chosen on validation, and the track is
    /// not unlike all that the network was trained on.
    pub confident: bool,
    /// The two most probable classes, where neither is probable enough; none where the track is unlike
    /// all that the network was trained on, since then no class fits.
    pub between: Option<[String; 2]>,
    /// Mean of the sounding windows; none where there is no sound.
    pub probabilities: Option<Probabilities>,
    /// Estimates of the Echo Nest's features, by name: only those that the weights file vouches for;
    /// none where there is no sound, or the network makes none.
    pub estimates: Option<BTreeMap<String, f32>>,
    /// Where it lands among the tracks that the network was trained on; none where there is no sound,
    /// or the weights file has no map.
    pub place: Option<Place>,
    /// The windows, in order; they overlap.
    pub windows: Vec<Span>,
    /// Stretches of about two seconds that cover the track, in order, without overlap.
    pub moments: Vec<Span>,
    /// Duration of the track, in seconds.
    pub duration_seconds: f64,
    /// Sample rate of the clip as it came, in Hz.
    pub sample_rate: u32,
    /// Whether the track was repeated to fill a window.
    pub looped: bool,
}

/// A stretch of a track and its answer.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Span {
    /// Where it begins, in seconds.
    pub start_seconds: f64,
    /// Where it ends, in seconds.
    pub end_seconds: f64,
    /// Its answer; none where it is silent.
    pub probabilities: Option<Probabilities>,
}

/// A probability for each class; they sum to 1. Serialises as a map from class to number.
#[derive(Clone, Debug, PartialEq)]
pub struct Probabilities {
    labels: Arc<[String]>,
    values: Vec<f32>,
}

impl Probabilities {
    /// Pairs labels with their probabilities.
    ///
    /// # Shapes
    /// - `values`: `[n_labels]`
    pub(super) fn new(labels: Arc<[String]>, values: Vec<f32>) -> Self {
        debug_assert_eq!(labels.len(), values.len());
        Self { labels, values }
    }

    /// The probabilities, in the order of the labels.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Classes with their probabilities, the most probable first.
    pub fn ranked(&self) -> Vec<(&str, f32)> {
        let labels = self.labels.iter().map(String::as_str);
        let mut ranked: Vec<_> = labels.zip(self.values.iter().copied()).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }
}

impl Serialize for Probabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (label, value) in self.labels.iter().zip(&self.values) {
            map.serialize_entry(label, value)?;
        }
        map.end()
    }
}
