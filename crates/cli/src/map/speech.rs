//! What tells recorded speech from the tracks of a map: a direction among embeddings.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::training::trainer::ridge;

/// Parts of which each is answered by a fit that has not seen its artists and speakers.
const FOLDS: usize = 5;

/// Share of the tracks that may be taken for speech.
const TAKEN: f64 = 0.01;

/// Weight of the penalty on the direction's length, for each row of the fit.
const PENALTY: f64 = 0.2;

/// Rows, and what a network made of them.
pub struct Embedded<'a> {
    pub rows: &'a Dataset,
    /// `[n][n_features]`
    pub embeddings: &'a [Vec<f32>],
}

/// The direction, and how well it tells speech.
pub struct Spoken {
    /// `[n_features]`
    pub direction: Vec<f32>,
    /// What lies above this along the direction is speech.
    pub limit: f32,
    /// Share of the speech that is found, by fits that had not heard the speakers.
    pub found: f64,
}

/// Learns what tells speech from music: a ridge regression to 1 for speech and -1 for music, in which
/// both count alike. The limit is chosen, and speech is found, by folds of artists and speakers.
///
/// # Errors
/// If there are fewer artists or speakers than folds.
pub fn learn(music: &Embedded, speech: &Embedded) -> Result<Spoken> {
    for (what, embedded) in [("the tracks", music), ("the speech", speech)] {
        let artists: HashSet<i32> = embedded.rows.artist_id.iter().copied().collect();
        ensure!(
            artists.len() >= FOLDS,
            "{what} must have at least {FOLDS} artists, to be measured by others than it was learned from"
        );
    }
    let config = SplitConfig {
        validation: 0.0,
        ..SplitConfig::default()
    };
    let folds = |embedded: &Embedded| Split::folds(embedded.rows, &config, FOLDS);
    let (mut tracks, mut voices) = (Vec::new(), Vec::new());
    for (tracks_fold, voices_fold) in folds(music)?.iter().zip(&folds(speech)?) {
        let (of_music, of_speech) = (&tracks_fold.train, &voices_fold.train);
        let fitted = fit(&music.select(of_music), &speech.select(of_speech))?;
        let score = |embedded: &Embedded, rows: &[usize]| -> Vec<f64> {
            let rows = rows.iter().map(|&row| &embedded.embeddings[row]);
            rows.map(|row| fitted.score(row)).collect()
        };
        tracks.extend(score(music, &tracks_fold.test));
        voices.extend(score(speech, &voices_fold.test));
    }
    tracks.sort_by(f64::total_cmp);
    let limit = tracks[(tracks.len() as f64 * (1.0 - TAKEN)) as usize];
    let found = voices.iter().filter(|&&score| score > limit).count();

    let all =
        |embedded: &Embedded| embedded.select(&(0..embedded.embeddings.len()).collect::<Vec<_>>());
    let fitted = fit(&all(music), &all(speech))?;
    Ok(Spoken {
        direction: fitted.direction.iter().map(|&value| value as f32).collect(),
        limit: (limit - fitted.bias) as f32,
        found: found as f64 / voices.len() as f64,
    })
}

impl Embedded<'_> {
    fn select(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let row = |&row: &usize| {
            self.embeddings[row]
                .iter()
                .map(|&value| value.into())
                .collect()
        };
        rows.iter().map(row).collect()
    }
}

/// A fitted regression.
struct Fitted {
    direction: Vec<f64>,
    bias: f64,
}

impl Fitted {
    fn score(&self, embedding: &[f32]) -> f64 {
        let products = embedding.iter().zip(&self.direction);
        self.bias
            + products
                .map(|(value, weight)| f64::from(*value) * weight)
                .sum::<f64>()
    }
}

fn fit(music: &[Vec<f64>], speech: &[Vec<f64>]) -> Result<Fitted> {
    // There is far less speech: its rows stand there as often as makes up for it.
    let copies = (music.len() / speech.len().max(1)).max(1);
    let mut inputs = music.to_vec();
    let mut outputs = vec![vec![-1.0]; music.len()];
    for _ in 0..copies {
        inputs.extend_from_slice(speech);
        outputs.extend(vec![vec![1.0]; speech.len()]);
    }
    let weights = ridge(&inputs, &outputs, PENALTY * inputs.len() as f64)?;
    let mut direction: Vec<f64> = weights.into_iter().map(|row| row[0]).collect();
    let bias = direction.pop().expect("the last row is the bias");
    Ok(Fitted { direction, bias })
}

#[cfg(test)]
mod tests {
    use tonearm::data::Values;

    use super::*;

    /// Embeddings around a point, of ten artists.
    fn heap(n: usize, centre: [f32; 3]) -> (Dataset, Vec<Vec<f32>>) {
        let wave = |row: usize, axis: usize| ((row * 7 + axis * 3) as f32).sin();
        let embedding = |row| (0..3).map(|axis| centre[axis] + wave(row, axis)).collect();
        let rows = Dataset::new(
            Values::F32(vec![0.0; n]),
            [1, 1],
            vec![0; n],
            (0..n as i32).collect(),
            (0..n as i32).map(|row| row % 10).collect(),
        );
        (
            rows.expect("as many of each"),
            (0..n).map(embedding).collect(),
        )
    }

    fn learn_from(
        music: &(Dataset, Vec<Vec<f32>>),
        speech: &(Dataset, Vec<Vec<f32>>),
    ) -> Result<Spoken> {
        let [music, speech] =
            [music, speech].map(|(rows, embeddings)| Embedded { rows, embeddings });
        learn(&music, &speech)
    }

    #[test]
    fn what_lies_apart_is_found_and_little_else_is_taken_for_it() {
        let (music, speech) = (heap(400, [0.0; 3]), heap(30, [0.0, 4.0, 0.0]));
        let learned = learn_from(&music, &speech).expect("there are artists enough");
        assert_eq!(learned.found, 1.0);
        let above = |embedding: &&Vec<f32>| {
            let products = embedding.iter().zip(&learned.direction);
            products.map(|(value, weight)| value * weight).sum::<f32>() > learned.limit
        };
        assert_eq!(speech.1.iter().filter(above).count(), 30);
        let taken = music.1.iter().filter(above).count();
        assert!(taken <= 8, "{taken} of 400");
    }

    #[test]
    fn a_few_speakers_are_too_few() {
        let (music, mut speech) = (heap(400, [0.0; 3]), heap(30, [0.0, 4.0, 0.0]));
        speech.0.artist_id.fill(7);
        assert!(learn_from(&music, &speech).is_err());
    }
}
