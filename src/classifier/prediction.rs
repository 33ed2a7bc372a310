//! Prediction for a track. The binary prints it as JSON; in JavaScript its fields have camelCase names.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::embedding_map::MapPosition;

/// Prediction for a track, as a whole and over time.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Prediction {
    /// Most probable class; `None` if the track is silent.
    pub label: Option<String>,
    /// Whether the top probability reaches the threshold of the weights file and the track is not
    /// out of distribution.
    pub confident: bool,
    /// The two most probable classes, if the top probability is below the threshold; `None` if the
    /// track is out of distribution, since then no class fits.
    pub between: Option<[String; 2]>,
    /// Mean over the windows that are not silent; `None` if the track is silent.
    pub probabilities: Option<Probabilities>,
    /// Estimated Echo Nest features by name, each within its range, only those marked as shown in the
    /// weights file. `None` if the track is silent or the network makes no estimates.
    pub estimates: Option<BTreeMap<String, f32>>,
    /// Position of the track on the map; `None` if the track is silent or the weights file has no map.
    pub map_position: Option<MapPosition>,
    /// Predictions for the windows, in order; windows overlap.
    pub windows: Vec<Span>,
    /// Predictions for consecutive timeline steps of about two seconds, which cover the track.
    pub timeline: Vec<Span>,
    /// Duration of the track, in seconds.
    pub duration_seconds: f64,
    /// Sample rate of the decoded clip, in Hz.
    pub sample_rate: u32,
    /// Whether the track was looped to fill a window.
    pub looped: bool,
}

/// Prediction for a time span of a track.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Span {
    /// Start, in seconds.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// Probabilities of the classes; `None` if the span is silent.
    pub probabilities: Option<Probabilities>,
}

/// Probability of each class; they sum to 1. Serialises as a map from class to number.
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

    /// Probabilities, in the order of the labels.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Classes with their probabilities, in descending order of probability.
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
