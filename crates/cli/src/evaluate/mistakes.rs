//! Wrong predictions, for `tonearm evaluate` and the report.

use serde::Serialize;
use tonearm::data::{Dataset, Matrix};
use tonearm::evaluation::metrics::argmax;

/// A labelled row, without its features.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Index of the true label.
    pub label: usize,
    pub track_id: i32,
    pub artist_id: i32,
    /// Path of the audio file; `None` if the data does not contain it.
    pub path: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// A row of a data set.
    pub fn of(data: &'a Dataset, row: usize) -> Self {
        Self {
            label: data.y[row].into(),
            track_id: data.track_id[row],
            artist_id: data.artist_id[row],
            path: data.paths.as_ref().map(|paths| paths[row].as_str()),
        }
    }
}

/// A wrong prediction.
#[derive(Serialize)]
pub struct Mistake<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<&'a str>,
    pub track_id: i32,
    /// The true label.
    pub label: &'a str,
    pub prediction: &'a str,
    /// Probability of the prediction.
    pub probability: f32,
}

impl Mistake<'_> {
    /// The path of the file or, if it is unknown, the id of the track.
    pub fn name(&self) -> String {
        match self.path {
            Some(path) => path.to_owned(),
            None => format!("track {}", self.track_id),
        }
    }
}

/// The wrong predictions, most confident first.
///
/// # Shapes
/// - `probabilities`: `[n_rows][n_labels]`
pub fn mistakes<'a>(
    probabilities: &Matrix,
    rows: &[Row<'a>],
    labels: &'a [String],
) -> Vec<Mistake<'a>> {
    let mut mistakes: Vec<Mistake> = probabilities
        .rows()
        .zip(rows)
        .map(|(probabilities, row)| (argmax(probabilities), probabilities, row))
        .filter(|(prediction, _, row)| *prediction != row.label)
        .map(|(prediction, probabilities, row)| Mistake {
            path: row.path,
            track_id: row.track_id,
            label: &labels[row.label],
            prediction: &labels[prediction],
            probability: probabilities[prediction],
        })
        .collect();
    mistakes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    mistakes
}
