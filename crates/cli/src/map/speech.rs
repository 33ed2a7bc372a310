//! Tells speech from music: a direction in embedding space and a threshold along it.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use tonearm::data::split::{Split, SplitConfig};
use tonearm::data::{Dataset, Matrix};
use tonearm::training::trainer::ridge;

/// Number of folds, split by artist and speaker.
const FOLDS: usize = 5;

/// Fraction of the tracks that may be mistaken for speech.
const FALSE_POSITIVE_RATE: f64 = 0.01;

/// Ridge penalty per training row.
const PENALTY: f64 = 0.2;

/// Rows and their embeddings.
pub struct Embedded<'a> {
    pub rows: &'a Dataset,
    /// `[n][n_features]`
    pub embeddings: &'a Matrix,
}

/// The direction, the threshold, and how well they recognise speech.
pub struct SpeechDirection {
    /// `[n_features]`
    pub direction: Vec<f32>,
    /// A projection onto `direction` above this is speech.
    pub threshold: f32,
    /// Fraction of the speech that is recognised, cross-validated.
    pub recall: f64,
}

/// Fits a ridge regression to 1 for speech and -1 for music, with equal total weight for both. Threshold and
/// recall come from a cross-validation by artist and speaker.
///
/// # Errors
/// If there are fewer artists or speakers than folds.
pub fn fit_direction(music: &Embedded, speech: &Embedded) -> Result<SpeechDirection> {
    for (name, embedded) in [("--data", music), ("--speech", speech)] {
        let artists: HashSet<i32> = embedded.rows.artist_id.iter().copied().collect();
        ensure!(
            artists.len() >= FOLDS,
            "{name} must have rows by at least {FOLDS} artists or speakers for the cross-validation, but has {}",
            artists.len()
        );
    }
    let config = SplitConfig {
        validation: 0.0,
        ..SplitConfig::default()
    };
    let folds = |embedded: &Embedded| Split::folds(embedded.rows, &config, FOLDS);
    let (mut music_scores, mut speech_scores) = (Vec::new(), Vec::new());
    for (music_fold, speech_fold) in folds(music)?.iter().zip(&folds(speech)?) {
        let fitted = fit(
            &music.select(&music_fold.train),
            &speech.select(&speech_fold.train),
        )?;
        let score = |embedded: &Embedded, rows: &[usize]| -> Vec<f64> {
            let rows = rows.iter().map(|&row| embedded.embeddings.row(row));
            rows.map(|row| fitted.score(row)).collect()
        };
        music_scores.extend(score(music, &music_fold.test));
        speech_scores.extend(score(speech, &speech_fold.test));
    }
    music_scores.sort_by(f64::total_cmp);
    let threshold =
        music_scores[(music_scores.len() as f64 * (1.0 - FALSE_POSITIVE_RATE)) as usize];
    let n_recognised = speech_scores
        .iter()
        .filter(|&&score| score > threshold)
        .count();

    let all = |embedded: &Embedded| {
        embedded.select(&(0..embedded.embeddings.n_rows()).collect::<Vec<_>>())
    };
    let fitted = fit(&all(music), &all(speech))?;
    Ok(SpeechDirection {
        direction: fitted.direction.iter().map(|&value| value as f32).collect(),
        threshold: (threshold - fitted.bias) as f32,
        recall: n_recognised as f64 / speech_scores.len() as f64,
    })
}

impl Embedded<'_> {
    fn select(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let row = |&row: &usize| {
            let values = self.embeddings.row(row).iter();
            values.map(|&value| value.into()).collect()
        };
        rows.iter().map(row).collect()
    }
}

/// A linear function of embeddings.
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
    // Speech rows are repeated so that both classes have about the same number of rows.
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

    /// Embeddings around a point, by ten artists.
    fn cluster(n: usize, centre: [f32; 3]) -> (Dataset, Matrix) {
        let wave = |row: usize, axis: usize| ((row * 7 + axis * 3) as f32).sin();
        let embedding = |row| [0, 1, 2].map(|axis| centre[axis] + wave(row, axis));
        let rows = Dataset::new(
            Values::F32(vec![0.0; n]),
            [1, 1],
            vec![0; n],
            (0..n as i32).collect(),
            (0..n as i32).map(|row| row % 10).collect(),
        );
        (
            rows.expect("the columns have equal length"),
            (0..n).map(embedding).collect(),
        )
    }

    fn fit_clusters(
        music: &(Dataset, Matrix),
        speech: &(Dataset, Matrix),
    ) -> Result<SpeechDirection> {
        let [music, speech] =
            [music, speech].map(|(rows, embeddings)| Embedded { rows, embeddings });
        fit_direction(&music, &speech)
    }

    #[test]
    fn a_separate_cluster_is_recognised_with_few_false_positives() {
        let (music, speech) = (cluster(400, [0.0; 3]), cluster(30, [0.0, 4.0, 0.0]));
        let fitted = fit_clusters(&music, &speech).expect("there are enough artists");
        assert_eq!(fitted.recall, 1.0);
        let above = |embedding: &&[f32]| {
            let products = embedding.iter().zip(&fitted.direction);
            products.map(|(value, weight)| value * weight).sum::<f32>() > fitted.threshold
        };
        assert_eq!(speech.1.rows().filter(above).count(), 30);
        let false_positives = music.1.rows().filter(above).count();
        assert!(false_positives <= 8, "{false_positives} of 400");
    }

    #[test]
    fn a_single_speaker_is_refused() {
        let (music, mut speech) = (cluster(400, [0.0; 3]), cluster(30, [0.0, 4.0, 0.0]));
        speech.0.artist_id.fill(7);
        assert!(fit_clusters(&music, &speech).is_err());
    }
}
