//! Weights of an ensemble of networks.

use super::ridge::solve;
use crate::data::Matrix;
use crate::error::Defect;
use crate::models::softmax;
use crate::{Error, Result};

/// Number of Newton steps; so few weights converge after a handful.
const STEPS: usize = 20;

/// L2 penalty per row. It keeps the weights finite if a network is never wrong, or several always
/// agree.
const PENALTY: f64 = 1e-3;

/// Ensemble weights: one per network, such that the weighted sum of their logits has the lowest
/// cross entropy.
///
/// A full matrix from all logits to all labels, and even a bias per label, generalised worse to new
/// artists.
///
/// # Shapes
/// - `logits`: `[n_networks][n_rows][n_labels]`
/// - `truth`: `[n_rows]`
/// - returns `[n_networks]`
///
/// # Errors
/// [`Error::Dataset`] if there are no rows.
///
/// # Source
/// Heskes, *Selecting weighting factors in logarithmic opinion pools*, NIPS 1997.
pub fn ensemble_weights(logits: &[Matrix], truth: &[usize]) -> Result<Vec<f64>> {
    let n_networks = logits.len();
    if truth.is_empty() || logits.iter().any(|rows| rows.n_rows() != truth.len()) {
        let expected = match truth.len() {
            0 => "have logits for at least one row".to_owned(),
            n => format!("each have logits for {n} rows"),
        };
        let mut n_rows = logits.iter().map(Matrix::n_rows);
        let got = n_rows.find(|&n| n != truth.len()).unwrap_or(0);
        return Err(Error::dataset(Defect::mismatch(
            "the networks of an ensemble",
            expected,
            got,
        )));
    }
    let mut weights = vec![1.0 / n_networks.max(1) as f64; n_networks];
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; n_networks];
        let mut curvature = vec![vec![0.0; n_networks]; n_networks];
        for (row, &label) in truth.iter().enumerate() {
            let predictions: Vec<&[f32]> = logits.iter().map(|rows| rows.row(row)).collect();
            let probabilities = softmax(&weighted_sum(&predictions, &weights), 1.0);
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

/// Weighted sum of logits.
fn weighted_sum(predictions: &[&[f32]], weights: &[f64]) -> Vec<f32> {
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
    fn an_informative_network_gets_its_log_odds_as_weight() {
        // The first network is correct three times out of four, the second is random.
        let truth: Vec<usize> = (0..400).map(|row| row % 2).collect();
        let logits_for = |label: usize| {
            if label == 0 { [1.0, -1.0] } else { [-1.0, 1.0] }
        };
        let informative = |row: usize| {
            logits_for(if row % 4 == 3 {
                1 - truth[row]
            } else {
                truth[row]
            })
        };
        let first = (0..400).map(informative).collect();
        let second = (0..400).map(|row| logits_for(row / 4 % 2)).collect();
        let weights = ensemble_weights(&[first, second], &truth).expect("they differ");
        // The log-odds are 3 to 1, and the logits differ by 2.
        assert!(
            (weights[0] - 3.0_f64.ln() / 2.0).abs() < 0.05,
            "{weights:?}"
        );
        assert!(weights[1].abs() < 0.05, "{weights:?}");
    }

    #[test]
    fn fitting_without_rows_is_refused() {
        assert!(ensemble_weights(&[Matrix::default()], &[]).is_err());
    }
}
