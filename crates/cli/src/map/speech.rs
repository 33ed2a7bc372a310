//! What tells recorded speech from the tracks of a map: a direction among embeddings.

use anyhow::Result;
use tonearm::dataset::Dataset;
use tonearm::split::{Split, SplitConfig};
use tonearm::trainer::ridge;

/// Parts of which each is answered by a fit that has not seen its artists and speakers.
const FOLDS: usize = 5;

/// Share of the tracks that may be taken for speech.
const TAKEN: f64 = 0.01;

/// Weight of the penalty on the direction's length, for each row of the fit.
const PENALTY: f64 = 0.2;

/// Rows, and what a network made of them.
pub struct Heard<'a> {
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
/// If there is no speech, or no music.
pub fn learn(music: &Heard, speech: &Heard) -> Result<Spoken> {
    let folds = |heard: &Heard| Split::folds(heard.rows, &SplitConfig::default(), FOLDS);
    let (mut tracks, mut voices) = (Vec::new(), Vec::new());
    for (tracks_fold, voices_fold) in folds(music)?.iter().zip(&folds(speech)?) {
        let [of_music, of_speech] =
            [tracks_fold, voices_fold].map(|fold| [&fold.train[..], &fold.validation].concat());
        let fitted = fit(&music.select(&of_music), &speech.select(&of_speech))?;
        let score = |heard: &Heard, rows: &[usize]| -> Vec<f64> {
            let rows = rows.iter().map(|&row| &heard.embeddings[row]);
            rows.map(|row| fitted.score(row)).collect()
        };
        tracks.extend(score(music, &tracks_fold.test));
        voices.extend(score(speech, &voices_fold.test));
    }
    tracks.sort_by(f64::total_cmp);
    let limit = tracks[(tracks.len() as f64 * (1.0 - TAKEN)) as usize];
    let found = voices.iter().filter(|&&score| score > limit).count();

    let all = |heard: &Heard| heard.select(&(0..heard.embeddings.len()).collect::<Vec<_>>());
    let fitted = fit(&all(music), &all(speech))?;
    Ok(Spoken {
        direction: fitted.direction.iter().map(|&value| value as f32).collect(),
        limit: (limit - fitted.bias) as f32,
        found: found as f64 / voices.len() as f64,
    })
}

impl Heard<'_> {
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
