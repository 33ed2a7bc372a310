//! How much each of several networks counts when they answer together.

use super::ridge::solve;
use crate::models::softmax;
use crate::{Error, Result};

/// Steps of Newton's method; a handful are enough for so few weights.
const STEPS: usize = 20;

/// Penalty on the squares of the weights, a row: what keeps networks that are never wrong, or always
/// of one opinion, from weights without end.
const PENALTY: f64 = 1e-3;

/// One weight for each network, with which the sum of their logits has the lowest cross entropy.
///
/// A weight a network and nothing more: a matrix from all logits to all labels, and even a bias a
/// label, did worse on artists that they were not fitted on.
///
/// # Shapes
/// - `logits`: `[n_networks][n_rows][n_labels]`
/// - `truth`: `[n_rows]`
/// - returns `[n_networks]`
///
/// # Errors
/// [`Error::Dataset`] if there is no row.
///
/// # Source
/// Heskes, *Selecting weighting factors in logarithmic opinion pools*, NIPS 1997.
pub fn ensemble_weights(logits: &[Vec<Vec<f32>>], truth: &[usize]) -> Result<Vec<f64>> {
    let n_networks = logits.len();
    if truth.is_empty() || logits.iter().any(|rows| rows.len() != truth.len()) {
        return Err(Error::Dataset(
            "there is no row to weigh predictions on".into(),
        ));
    }
    let mut weights = vec![1.0 / n_networks.max(1) as f64; n_networks];
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; n_networks];
        let mut curvature = vec![vec![0.0; n_networks]; n_networks];
        for (row, &label) in truth.iter().enumerate() {
            let predictions: Vec<&[f32]> = logits.iter().map(|rows| &rows[row][..]).collect();
            let probabilities = softmax(&together(&predictions, &weights), 1.0);
            let mean = |of: &dyn Fn(usize) -> f64| -> f64 {
                let weigh = |(label, p): (usize, &f32)| f64::from(*p) * of(label);
                probabilities.iter().enumerate().map(weigh).sum()
            };
            let logit = |network: usize, label: usize| f64::from(predictions[network][label]);
            let means: Vec<f64> = (0..n_networks).map(|i| mean(&|l| logit(i, l))).collect();
            for i in 0..n_networks {
                gradient[i] += logit(i, label) - means[i];
                for j in 0..=i {
                    curvature[i][j] += mean(&|l| logit(i, l) * logit(j, l)) - means[i] * means[j];
                }
            }
        }
        let penalty = PENALTY * truth.len() as f64;
        for (i, weight) in weights.iter().enumerate() {
            gradient[i] -= penalty * weight;
            curvature[i][i] += penalty;
        }
        let mut steps = [gradient];
        solve(&mut curvature, &mut steps)?;
        for (weight, step) in weights.iter_mut().zip(&steps[0]) {
            *weight += step;
        }
    }
    Ok(weights)
}

/// The weighted sum of logits.
fn together(predictions: &[&[f32]], weights: &[f64]) -> Vec<f32> {
    let mut sums = vec![0.0; predictions.first().map_or(0, |first| first.len())];
    for (prediction, weight) in predictions.iter().zip(weights) {
        for (sum, logit) in sums.iter_mut().zip(*prediction) {
            *sum += *weight as f32 * logit;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opinion_counts_as_much_as_it_knows() {
        // The first knows the truth three times out of four, the second nothing.
        let truth: Vec<usize> = (0..400).map(|row| row % 2).collect();
        let says = |label: usize| {
            if label == 0 {
                vec![1.0, -1.0]
            } else {
                vec![-1.0, 1.0]
            }
        };
        let knows = |row: usize| {
            says(if row % 4 == 3 {
                1 - truth[row]
            } else {
                truth[row]
            })
        };
        let first: Vec<_> = (0..400).map(knows).collect();
        let second: Vec<_> = (0..400).map(|row| says(row / 4 % 2)).collect();
        let weights = ensemble_weights(&[first, second], &truth).expect("they differ");
        // Odds of 3 to 1 from a difference of 2.
        assert!(
            (weights[0] - 3.0_f64.ln() / 2.0).abs() < 0.05,
            "{weights:?}"
        );
        assert!(weights[1].abs() < 0.05, "{weights:?}");
    }

    #[test]
    fn without_rows_there_is_nothing_to_weigh() {
        assert!(ensemble_weights(&[Vec::new()], &[]).is_err());
    }
}
