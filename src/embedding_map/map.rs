//! A map of the tracks that a network was trained on: where a new track lands among them, and
//! whether it is unlike all of them.

use serde::Serialize;

use super::pca::{Pca, dot, round};
use crate::{Error, Result};

/// Axes along which embeddings are compared, at most.
const N_AXES: usize = 12;

/// Tracks that each axis takes: of fewer, the axes would describe the very tracks and no others.
const TRACKS_PER_AXIS: usize = 10;

/// Tracks that settle where a new one lands.
const N_NEIGHBOURS: usize = 8;

/// Smallest step and limit: what 16 bits hold with all their precision.
const SMALLEST: f32 = 1e-4;

/// Share of the mapped tracks that count as familiar.
const FAMILIAR: f64 = 0.98;

/// Tracks by their embeddings: what the last layer of a network read of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// What the embeddings are compared along.
    pub(crate) axes: Pca,
    /// One step of `points` along each axis: `[n_axes]`
    pub(crate) steps: Vec<f32>,
    /// Embeddings along the axes, in whole steps: `[n][n_axes]`
    pub(crate) points: Vec<i8>,
    /// Where each track is drawn: `[n]`
    pub(crate) places: Vec<[f32; 2]>,
    /// Label of each track.
    pub(crate) labels: Vec<u8>,
    /// Id of each track.
    pub(crate) track_id: Vec<i32>,
    /// Largest distance from what the axes span that is familiar.
    pub(crate) limit: f32,
    /// What tells speech from the tracks; none where it is not known.
    pub(crate) speech: Option<Speech>,
}

/// A direction among embeddings: what lies further along it than almost all music is speech.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Speech {
    /// `[n_features]`
    pub(crate) direction: Vec<f32>,
    /// How far along it music lies, but for the share of it that is taken for speech.
    pub(crate) limit: f32,
}

/// A track of the map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub track_id: i32,
    /// Name of its class.
    pub label: String,
}

/// Where a track lands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// On the map, from the left.
    pub x: f32,
    /// On the map, upwards.
    pub y: f32,
    /// The tracks that sound most alike, the nearest first.
    pub neighbours: Vec<Neighbour>,
    /// Whether it is unlike all tracks of the map: noise, speech, or music of another kind.
    pub strange: bool,
    /// Whether it sounds like speech, and is strange for that.
    pub speech: bool,
}

impl Speech {
    fn fits(&self, n_features: usize) -> bool {
        let mut numbers = self.direction.iter().chain([&self.limit]);
        self.direction.len() == n_features && numbers.all(|value| value.is_finite())
    }
}

impl Map {
    /// A map of tracks, each drawn where `places` says.
    ///
    /// # Shapes
    /// - `embeddings`: `[n][n_features]`; the others: `[n]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if there is no track, or not one of each for every track.
    ///
    /// # Source
    /// Wang et al., *ViM: out-of-distribution with virtual-logit matching*, CVPR 2022: what is
    /// unlike the training data is far from the principal axes of its embeddings.
    pub fn new(
        embeddings: &[Vec<f32>],
        places: Vec<[f32; 2]>,
        labels: Vec<u8>,
        track_id: Vec<i32>,
    ) -> Result<Self> {
        let n_axes = (embeddings.len() / TRACKS_PER_AXIS).clamp(1, N_AXES);
        Self::along(n_axes, embeddings, places, labels, track_id)
    }

    fn along(
        n_axes: usize,
        embeddings: &[Vec<f32>],
        places: Vec<[f32; 2]>,
        labels: Vec<u8>,
        track_id: Vec<i32>,
    ) -> Result<Self> {
        let n = embeddings.len();
        if [places.len(), labels.len(), track_id.len()] != [n; 3] {
            return Err(Error::Dataset(
                "the parts of the map differ in length".into(),
            ));
        }
        if n < N_NEIGHBOURS {
            return Err(Error::Dataset(format!(
                "a map needs at least {N_NEIGHBOURS} tracks, and there are {n}"
            )));
        }
        // As a file keeps them, so that a map is the same before and after.
        let axes = Pca::fit(embeddings, n_axes)?.rounded();
        let (rows, mut beyond): (Vec<_>, Vec<_>) =
            embeddings.iter().map(|row| axes.project(row)).unzip();
        beyond.sort_by(f32::total_cmp);
        let limit = beyond[((n - 1) as f64 * FAMILIAR) as usize].max(SMALLEST);

        let n_axes = axes.directions.len();
        let widest = |axis: usize| {
            let values = rows.iter().map(|row| row[axis].abs());
            values.fold(0.0, f32::max)
        };
        let step = |axis| round((widest(axis) / f32::from(i8::MAX)).max(SMALLEST));
        let steps: Vec<f32> = (0..n_axes).map(step).collect();
        let whole = |row: &Vec<f32>| -> Vec<i8> {
            let values = row.iter().zip(&steps);
            values
                .map(|(value, step)| (value / step).round() as i8)
                .collect()
        };
        Ok(Self {
            points: rows.iter().flat_map(whole).collect(),
            axes,
            steps,
            places,
            labels,
            track_id,
            limit: round(limit),
            speech: None,
        })
    }

    /// The same map, which also tells speech: embeddings whose product with `direction` is above
    /// `limit`.
    ///
    /// # Shapes
    /// - `direction`: `[n_features]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if the direction is not one of the embeddings.
    pub fn with_speech(mut self, direction: &[f32], limit: f32) -> Result<Self> {
        let largest = direction
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        // As a file keeps them: in numbers of 16 bits, of which small ones have few digits.
        let speech = Speech {
            direction: direction
                .iter()
                .map(|value| round(value / largest))
                .collect(),
            limit: round(limit / largest),
        };
        if !speech.fits(self.axes.mean.len()) {
            return Err(Error::Dataset(
                "the direction of speech is none of the map's embeddings".into(),
            ));
        }
        self.speech = Some(speech);
        Ok(self)
    }

    /// Where a track lands, from the embeddings of its pieces; none without a piece.
    ///
    /// # Shapes
    /// - `pieces`: `[n_pieces][n_features]`
    /// - `names`: `[n_labels]`
    pub fn place(&self, pieces: &[&[f32]], names: &[String]) -> Option<Place> {
        let n_pieces = pieces.len() as f32;
        let mut point = vec![0.0; self.axes.directions.len()];
        let (mut beyond, mut spoken) = (0.0, 0.0);
        for piece in pieces {
            if let Some(speech) = &self.speech {
                spoken += dot(&speech.direction, piece) / n_pieces;
            }
            let (along, distance) = self.axes.project(piece);
            for (sum, value) in point.iter_mut().zip(along) {
                *sum += value / n_pieces;
            }
            beyond += distance / n_pieces;
        }
        if pieces.is_empty() {
            return None;
        }
        let nearest = self.nearest(&point);
        // The nearest counts most; a track of the map itself lands where it stands.
        let weight = |squared: f32| squared.clamp(1e-6, 1e12).powi(-2);
        let total: f32 = nearest.iter().map(|&(squared, _)| weight(squared)).sum();
        let along = |axis: usize| -> f32 {
            let shares = nearest.iter();
            shares
                .map(|&(squared, row)| weight(squared) / total * self.places[row][axis])
                .sum()
        };
        let (x, y) = (along(0), along(1));
        // A network of enormous numbers lands nowhere.
        if !(x.is_finite() && y.is_finite()) {
            return None;
        }
        // Where the axes span everything, nothing is beyond them but rounding.
        let spanned = self.axes.directions.len() == self.axes.mean.len();
        let speech = self
            .speech
            .as_ref()
            .is_some_and(|speech| spoken > speech.limit);
        Some(Place {
            x,
            y,
            neighbours: nearest
                .iter()
                .map(|&(_, row)| Neighbour {
                    track_id: self.track_id[row],
                    label: names[usize::from(self.labels[row])].clone(),
                })
                .collect(),
            strange: speech || beyond > self.limit && !spanned,
            speech,
        })
    }

    /// Squared distances and rows of the nearest tracks, the nearest first.
    fn nearest(&self, point: &[f32]) -> Vec<(f32, usize)> {
        let mut nearest: Vec<(f32, usize)> = Vec::with_capacity(N_NEIGHBOURS + 1);
        for (row, steps) in self.points.chunks_exact(point.len()).enumerate() {
            let differences = steps.iter().zip(&self.steps).zip(point);
            let squared = differences
                .map(|((&whole, step), value)| (f32::from(whole) * step - value).powi(2))
                .sum();
            if nearest.len() < N_NEIGHBOURS || squared < nearest[N_NEIGHBOURS - 1].0 {
                let at = nearest.partition_point(|(other, _)| *other <= squared);
                nearest.insert(at, (squared, row));
                nearest.truncate(N_NEIGHBOURS);
            }
        }
        nearest
    }

    /// Where each track is drawn, as x and y.
    ///
    /// # Shapes
    /// - returns `[n]`
    pub fn places(&self) -> &[[f32; 2]] {
        &self.places
    }

    /// Label of each track.
    ///
    /// # Shapes
    /// - returns `[n]`
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Checks a map that came from outside against itself and against the network.
    pub(crate) fn validate(&self, n_features: usize, n_labels: usize) -> Result<()> {
        let (n, n_axes) = (self.labels.len(), self.axes.directions.len());
        let positive = |values: &[f32]| values.iter().all(|&v| v.is_finite() && v > 0.0);
        let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let sound = n > 0
            && n_axes > 0
            && self.axes.mean.len() == n_features
            && self.axes.deviation.len() == n_features
            && self
                .axes
                .directions
                .iter()
                .all(|axis| axis.len() == n_features)
            && self.steps.len() == n_axes
            && self.points.len() == n * n_axes
            && self.places.len() == n
            && self.track_id.len() == n
            && self
                .labels
                .iter()
                .all(|&label| usize::from(label) < n_labels)
            && finite(&self.axes.mean)
            && positive(&self.axes.deviation)
            && self.axes.directions.iter().all(|axis| finite(axis))
            && positive(&self.steps)
            && self.places.iter().all(|place| finite(place))
            && positive(&[self.limit])
            && self
                .speech
                .as_ref()
                .is_none_or(|speech| speech.fits(n_features));
        match sound {
            true => Ok(()),
            false => Err(Error::Weights("its map contradicts itself".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A track of one of two heaps; the last feature follows the first, nearly.
    fn embedding(row: usize) -> Vec<f32> {
        let wave = |rate: f32| (row as f32 * rate).sin();
        let first = side(row) + 0.2 * wave(0.9);
        vec![first, wave(0.3), first + 0.05 * wave(2.3)]
    }

    fn side(row: usize) -> f32 {
        if row < 50 { -1.0 } else { 1.0 }
    }

    /// The heaps, drawn left and right.
    fn map() -> Map {
        let embeddings: Vec<_> = (0..100).map(embedding).collect();
        let places = (0..100).map(|row| [side(row) * 10.0, row as f32]).collect();
        let labels = (0..100).map(|row| u8::from(row >= 50)).collect();
        Map::along(2, &embeddings, places, labels, (0..100).collect()).expect("they fit")
    }

    fn names() -> Vec<String> {
        ["Folk", "Rock"].map(String::from).to_vec()
    }

    #[test]
    fn a_track_lands_among_those_it_sounds_like() {
        let place = map()
            .place(&[&[1.0, 0.0, 1.0]], &names())
            .expect("a window");
        assert!((place.x - 10.0).abs() < 1e-3, "{place:?}");
        assert!(place.neighbours.iter().all(|track| track.label == "Rock"));
        assert_eq!(place.neighbours.len(), N_NEIGHBOURS);
        assert!(!place.strange);
    }

    #[test]
    fn a_track_of_the_map_lands_where_it_stands() {
        let place = map().place(&[&embedding(7)], &names()).expect("a window");
        assert_eq!(place.neighbours[0].track_id, 7);
        assert!((place.y - 7.0).abs() < 1.0, "{place:?}");
    }

    #[test]
    fn what_breaks_the_pattern_of_all_tracks_is_strange() {
        let place = map()
            .place(&[&[1.0, 0.0, -1.0]], &names())
            .expect("a window");
        assert!(place.strange);
    }

    #[test]
    fn what_lies_beyond_all_music_along_a_direction_is_speech() {
        let map = map().with_speech(&[0.0, 30.0, 0.0], 45.0).expect("it fits");
        let place = |second: f32| {
            let place = map.place(&[&[1.0, second, 1.0]], &names());
            let place = place.expect("a window");
            (place.speech, place.strange)
        };
        assert_eq!(place(1.4), (false, false));
        assert_eq!(place(1.6), (true, true));
        // The mean of the pieces counts.
        let pieces: [&[f32]; 2] = [&[1.0, 2.5, 1.0], &[1.0, 0.0, 1.0]];
        assert!(!map.place(&pieces, &names()).expect("two windows").speech);
    }

    #[test]
    fn a_direction_that_is_none_is_refused() {
        for direction in [&[0.0, 1.0][..], &[0.0; 3], &[f32::NAN; 3]] {
            assert!(map().with_speech(direction, 1.0).is_err());
        }
        for limit in [f32::NAN, 1e6] {
            assert!(map().with_speech(&[1.0; 3], limit).is_err());
        }
    }

    #[test]
    fn where_the_axes_span_everything_nothing_is_strange() {
        let embeddings: Vec<_> = (0..100).map(embedding).collect();
        let places = vec![[0.0; 2]; 100];
        let map = Map::new(&embeddings, places, vec![0; 100], (0..100).collect());
        let map = map.expect("they fit");
        let place = map
            .place(&[&[50.0, 0.0, -50.0]], &names())
            .expect("a window");
        assert!(!place.strange);
    }

    #[test]
    fn tracks_that_do_not_differ_make_a_map_that_can_be_kept() {
        let map = |n: usize| {
            let tracks = (0..n as i32).collect();
            Map::new(
                &vec![vec![1.0; 20]; n],
                vec![[0.0; 2]; n],
                vec![0; n],
                tracks,
            )
        };
        assert!(map(20).expect("enough tracks").validate(20, 1).is_ok());
        assert!(map(3).is_err(), "too few tracks");
    }

    #[test]
    fn no_window_lands_nowhere() {
        assert_eq!(map().place(&[], &names()), None);
    }

    #[test]
    fn a_map_that_contradicts_itself_is_refused() {
        assert!(map().validate(3, 2).is_ok());
        assert!(map().validate(4, 2).is_err(), "another network");
        assert!(map().validate(3, 1).is_err(), "a label too many");
        let broken: [fn(&mut Map); 4] = [
            |map| map.places[3] = [f32::NAN, 0.0],
            |map| map.points.truncate(9),
            |map| map.steps[0] = 0.0,
            |map| map.labels.clear(),
        ];
        for spoil in broken {
            let mut map = map();
            spoil(&mut map);
            assert!(map.validate(3, 2).is_err());
        }
    }
}
