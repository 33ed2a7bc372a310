//! Map of the training tracks: nearest neighbours and position of a new track among them.

use serde::Serialize;

use super::out_of_distribution::{OutOfDistribution, Speech};
use super::pca::{MIN_SCALE, Pca, round};
use crate::data::Matrix;
use crate::error::Defect;
use crate::{Error, Result};

/// Maximum number of principal components along which embeddings are compared.
const N_AXES: usize = 12;

/// Training tracks needed per principal component; with fewer, the components would overfit them.
const TRACKS_PER_AXIS: usize = 10;

/// Number of nearest neighbours that determine the position of a new track.
const N_NEIGHBOURS: usize = 8;

/// Training tracks by their embeddings: the features of the network's last layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Principal components along which embeddings are compared.
    pub(crate) pca: Pca,
    /// Size of one quantisation step along each component: `[n_axes]`
    pub(crate) quantisation_scale: Vec<f32>,
    /// Embeddings along the components, as multiples of `quantisation_scale`: `[n][n_axes]`
    pub(crate) points: Vec<i8>,
    /// Position of each track in the plane, as x and y: `[n]`
    pub(crate) coordinates: Vec<[f32; 2]>,
    /// Label index of each track: `[n]`
    pub(crate) labels: Vec<u8>,
    /// Id of each track: `[n]`
    pub(crate) track_id: Vec<i32>,
    /// Decides whether a track is unlike all tracks of the map.
    pub(crate) out_of_distribution: OutOfDistribution,
}

/// A track of the map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// Id of the track.
    pub track_id: i32,
    /// Name of its class.
    pub label: String,
}

/// Position of a track on the map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapPosition {
    /// Horizontal coordinate, rightwards.
    pub x: f32,
    /// Vertical coordinate, upwards.
    pub y: f32,
    /// The most similar tracks of the map, by increasing distance of their embeddings.
    pub neighbours: Vec<Neighbour>,
    /// Whether the track is unlike all tracks of the map: noise, speech, or another kind of music.
    pub out_of_distribution: bool,
    /// Whether the track is speech; it is then out of distribution too.
    pub speech: bool,
}

impl Map {
    /// Builds a map from the embeddings of tracks and their coordinates in the plane.
    ///
    /// # Shapes
    /// - `embeddings`: `[n][n_features]`
    /// - `coordinates`, `labels` and `track_id`: `[n]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if there are too few tracks, or the arguments differ in length.
    pub fn new(
        embeddings: &Matrix,
        coordinates: Vec<[f32; 2]>,
        labels: Vec<u8>,
        track_id: Vec<i32>,
    ) -> Result<Self> {
        let n_axes = (embeddings.n_rows() / TRACKS_PER_AXIS).clamp(1, N_AXES);
        Self::with_n_axes(n_axes, embeddings, coordinates, labels, track_id)
    }

    fn with_n_axes(
        n_axes: usize,
        embeddings: &Matrix,
        coordinates: Vec<[f32; 2]>,
        labels: Vec<u8>,
        track_id: Vec<i32>,
    ) -> Result<Self> {
        let n = embeddings.n_rows();
        if [coordinates.len(), labels.len(), track_id.len()] != [n; 3] {
            let expected = format!("have a position, a label and an id for each of {n} embeddings");
            let got = [coordinates.len(), labels.len(), track_id.len()]
                .map(|n| n.to_string())
                .join(", ");
            return Err(Error::dataset(Defect::mismatch("the map", expected, got)));
        }
        if n < N_NEIGHBOURS {
            let expected = format!("have at least {N_NEIGHBOURS} tracks");
            return Err(Error::dataset(Defect::mismatch("the map", expected, n)));
        }
        // Rounded as a file stores them, so that saving does not change the map.
        let pca = Pca::fit(embeddings, n_axes)?.rounded();
        let (rows, residuals): (Vec<_>, Vec<_>) =
            embeddings.rows().map(|row| pca.project(row)).unzip();
        let rows = Matrix::from_iter(rows);
        let quantisation_scale = quantisation_scale(&rows);
        let quantise = |row: &[f32]| -> Vec<i8> {
            let values = row.iter().zip(&quantisation_scale);
            values
                .map(|(value, scale)| (value / scale).round() as i8)
                .collect()
        };
        Ok(Self {
            points: rows.rows().flat_map(quantise).collect(),
            pca,
            quantisation_scale,
            coordinates,
            labels,
            track_id,
            out_of_distribution: OutOfDistribution::fit(residuals),
        })
    }

    /// Adds a speech detector: a track whose mean embedding has a dot product with `direction`
    /// above `threshold` is speech.
    ///
    /// # Shapes
    /// - `direction`: `[n_features]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if the direction has another length than the embeddings, is zero, or
    /// anything is not finite.
    pub fn with_speech(mut self, direction: &[f32], threshold: f32) -> Result<Self> {
        let speech = Speech::new(direction, threshold, self.pca.mean.len())?;
        self.out_of_distribution.speech = Some(speech);
        Ok(self)
    }

    /// Places a track on the map, from the embeddings of its segments.
    ///
    /// Returns `None` if there are no segments, or the embeddings are too large for `f32`.
    ///
    /// # Shapes
    /// - `embeddings`: `[n_segments][n_features]`
    /// - `names`: `[n_labels]`
    pub fn position(&self, embeddings: &Matrix, names: &[String]) -> Option<MapPosition> {
        let segments = embeddings.rows().map(|row| self.pca.project(row));
        let (points, residuals): (Vec<_>, Vec<_>) = segments.unzip();
        let point = Matrix::from_iter(points).mean()?;
        let residual = residuals
            .iter()
            .map(|residual| residual / residuals.len() as f32)
            .sum::<f32>();
        if !(residual.is_finite() && point.iter().all(|value| value.is_finite())) {
            return None;
        }
        let nearest = self.nearest(&point);
        // Inverse distance weighting; clamped so that a track of the map lands on itself.
        let weight = |squared: f32| squared.clamp(1e-6, 1e12).powi(-2);
        let total: f32 = nearest.iter().map(|&(squared, _)| weight(squared)).sum();
        let coordinate = |axis: usize| -> f32 {
            let nearest = nearest.iter();
            nearest
                .map(|&(squared, row)| weight(squared) / total * self.coordinates[row][axis])
                .sum()
        };
        let (x, y) = (coordinate(0), coordinate(1));
        let full_rank = self.pca.directions.len() == self.pca.mean.len();
        let verdict = self
            .out_of_distribution
            .verdict(embeddings, residual, full_rank);
        Some(MapPosition {
            x,
            y,
            neighbours: nearest
                .iter()
                .map(|&(_, row)| Neighbour {
                    track_id: self.track_id[row],
                    label: names[usize::from(self.labels[row])].clone(),
                })
                .collect(),
            out_of_distribution: verdict.out_of_distribution,
            speech: verdict.speech,
        })
    }

    /// Squared distances and row indices of the nearest tracks, by increasing distance.
    fn nearest(&self, point: &[f32]) -> Vec<(f32, usize)> {
        let mut nearest: Vec<(f32, usize)> = Vec::with_capacity(N_NEIGHBOURS + 1);
        for (row, quantised) in self.points.chunks_exact(point.len()).enumerate() {
            let differences = quantised.iter().zip(&self.quantisation_scale).zip(point);
            let squared = differences
                .map(|((&steps, scale), value)| (f32::from(steps) * scale - value).powi(2))
                .sum();
            if nearest.len() < N_NEIGHBOURS || squared < nearest[N_NEIGHBOURS - 1].0 {
                let at = nearest.partition_point(|(other, _)| *other <= squared);
                nearest.insert(at, (squared, row));
                nearest.truncate(N_NEIGHBOURS);
            }
        }
        nearest
    }

    /// Position of each track in the plane, as x and y.
    ///
    /// # Shapes
    /// - returns `[n]`
    pub fn coordinates(&self) -> &[[f32; 2]] {
        &self.coordinates
    }

    /// Label index of each track.
    ///
    /// # Shapes
    /// - returns `[n]`
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Checks that a map read from a file is consistent and matches the network.
    ///
    /// # Errors
    /// [`Error::Weights`] if it is not.
    pub(crate) fn validate(&self, n_features: usize, n_labels: usize) -> Result<()> {
        let (n, n_axes) = (self.labels.len(), self.pca.directions.len());
        let positive = |values: &[f32]| values.iter().all(|&v| v.is_finite() && v > 0.0);
        let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let valid = n > 0
            && n_axes > 0
            && self.pca.mean.len() == n_features
            && self.pca.deviation.len() == n_features
            && self
                .pca
                .directions
                .iter()
                .all(|axis| axis.len() == n_features)
            && self.quantisation_scale.len() == n_axes
            && self.points.len() == n * n_axes
            && self.coordinates.len() == n
            && self.track_id.len() == n
            && self
                .labels
                .iter()
                .all(|&label| usize::from(label) < n_labels)
            && finite(&self.pca.mean)
            && positive(&self.pca.deviation)
            && self.pca.directions.iter().all(|axis| finite(axis))
            && positive(&self.quantisation_scale)
            && self.coordinates.iter().all(|position| finite(position))
            && self.out_of_distribution.is_valid(n_features);
        match valid {
            true => Ok(()),
            false => {
                let expected = format!(
                    "be consistent and match its network, which has {n_features} features and \
                     {n_labels} labels"
                );
                let got = format!("a map of {} features", self.pca.mean.len());
                Err(Error::weights(Defect::mismatch("its map", expected, got)))
            }
        }
    }
}

/// Scale of each component with which its largest magnitude becomes the largest `i8`.
fn quantisation_scale(rows: &Matrix) -> Vec<f32> {
    let largest = |axis: usize| {
        let values = rows.rows().map(|row| row[axis].abs());
        values.fold(0.0, f32::max)
    };
    let scale = |axis| round((largest(axis) / f32::from(i8::MAX)).max(MIN_SCALE));
    (0..rows.n_columns()).map(scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A track in one of two clusters; the last feature is almost equal to the first.
    fn embedding(row: usize) -> [f32; 3] {
        let wave = |rate: f32| (row as f32 * rate).sin();
        let first = side(row) + 0.2 * wave(0.9);
        [first, wave(0.3), first + 0.05 * wave(2.3)]
    }

    fn side(row: usize) -> f32 {
        if row < 50 { -1.0 } else { 1.0 }
    }

    /// A map with one cluster on the left and one on the right.
    fn map() -> Map {
        let embeddings = (0..100).map(embedding).collect();
        let coordinates = (0..100).map(|row| [side(row) * 10.0, row as f32]).collect();
        let labels = (0..100).map(|row| u8::from(row >= 50)).collect();
        Map::with_n_axes(2, &embeddings, coordinates, labels, (0..100).collect())
            .expect("one of each for every track")
    }

    fn names() -> Vec<String> {
        ["Folk", "Rock"].map(String::from).to_vec()
    }

    #[test]
    fn a_track_is_placed_among_similar_tracks() {
        let position = map()
            .position(&Matrix::from_iter([[1.0, 0.0, 1.0]]), &names())
            .expect("there is a segment");
        assert!((position.x - 10.0).abs() < 1e-3, "{position:?}");
        assert!(
            position
                .neighbours
                .iter()
                .all(|track| track.label == "Rock")
        );
        assert_eq!(position.neighbours.len(), N_NEIGHBOURS);
        assert!(!position.out_of_distribution);
    }

    #[test]
    fn a_track_of_the_map_is_placed_at_its_own_coordinates() {
        let position = map()
            .position(&Matrix::from_iter([embedding(7)]), &names())
            .expect("there is a segment");
        assert_eq!(position.neighbours[0].track_id, 7);
        assert!((position.y - 7.0).abs() < 1.0, "{position:?}");
    }

    #[test]
    fn a_track_with_a_large_residual_is_out_of_distribution() {
        let position = map()
            .position(&Matrix::from_iter([[1.0, 0.0, -1.0]]), &names())
            .expect("there is a segment");
        assert!(position.out_of_distribution);
    }

    #[test]
    fn a_track_above_the_speech_threshold_is_speech_and_out_of_distribution() {
        let map = map()
            .with_speech(&[0.0, 30.0, 0.0], 45.0)
            .expect("three finite weights");
        let position = |second: f32| {
            let position = map.position(&Matrix::from_iter([[1.0, second, 1.0]]), &names());
            let position = position.expect("there is a segment");
            (position.speech, position.out_of_distribution)
        };
        assert_eq!(position(1.4), (false, false));
        assert_eq!(position(1.6), (true, true));
        // The decision is on the mean over the segments.
        let segments = Matrix::from_iter([[1.0, 2.5, 1.0], [1.0, 0.0, 1.0]]);
        assert!(
            !map.position(&segments, &names())
                .expect("two segments")
                .speech
        );
    }

    #[test]
    fn a_speech_direction_of_another_length_or_not_finite_is_refused() {
        for direction in [&[0.0, 1.0][..], &[0.0; 3], &[f32::NAN; 3]] {
            assert!(map().with_speech(direction, 1.0).is_err());
        }
        for threshold in [f32::NAN, 1e6] {
            assert!(map().with_speech(&[1.0; 3], threshold).is_err());
        }
    }

    #[test]
    fn with_full_rank_no_track_is_out_of_distribution() {
        let embeddings = (0..100).map(embedding).collect();
        let coordinates = vec![[0.0; 2]; 100];
        let map = Map::new(&embeddings, coordinates, vec![0; 100], (0..100).collect());
        let map = map.expect("one of each for every track");
        let position = map
            .position(&Matrix::from_iter([[50.0, 0.0, -50.0]]), &names())
            .expect("there is a segment");
        assert!(!position.out_of_distribution);
    }

    #[test]
    fn identical_tracks_make_a_valid_map() {
        let map = |n: usize| {
            let tracks = (0..n as i32).collect();
            Map::new(
                &vec![[1.0; 20]; n].into_iter().collect(),
                vec![[0.0; 2]; n],
                vec![0; n],
                tracks,
            )
        };
        assert!(map(20).expect("enough tracks").validate(20, 1).is_ok());
        assert!(map(3).is_err(), "too few tracks");
    }

    #[test]
    fn a_track_without_segments_has_no_place() {
        assert_eq!(map().position(&Matrix::default(), &names()), None);
    }

    #[test]
    fn an_inconsistent_map_is_refused() {
        assert!(map().validate(3, 2).is_ok());
        assert!(map().validate(4, 2).is_err(), "another network");
        assert!(map().validate(3, 1).is_err(), "one label too many");
        let broken: [fn(&mut Map); 4] = [
            |map| map.coordinates[3] = [f32::NAN, 0.0],
            |map| map.points.truncate(9),
            |map| map.quantisation_scale[0] = 0.0,
            |map| map.labels.clear(),
        ];
        for invalidate in broken {
            let mut map = map();
            invalidate(&mut map);
            assert!(map.validate(3, 2).is_err());
        }
    }
}
