//! Temperature and confidence threshold, both chosen on validation rows.

use super::figures::{Confident, Figures, Headline};
use crate::data::{Dataset, Matrix};
use crate::evaluation::intervals::group_interval;
use crate::evaluation::metrics::{Metrics, argmax, nats};
use crate::models::softmax;

/// Accuracy that confident predictions must reach.
const CONFIDENT_PRECISION: f64 = 2.0 / 3.0;

/// Logits of rows outside the training set, with their labels.
#[derive(Clone, Default)]
pub struct HeldOut {
    /// Logits of each row: `[n][n_labels]`
    pub logits: Matrix,
    /// Label index of each row: `[n]`
    pub truth: Vec<usize>,
    /// Artist id of each row: `[n]`
    pub artists: Vec<i32>,
}

impl HeldOut {
    /// Pairs logits with the labels and artists of the given rows.
    pub fn new(logits: Matrix, data: &Dataset, rows: &[usize]) -> Self {
        Self {
            logits,
            truth: data.truth(rows),
            artists: rows.iter().map(|&row| data.artist_id[row]).collect(),
        }
    }

    /// Appends the rows of another set.
    pub fn append(&mut self, mut other: HeldOut) {
        self.logits.append(&other.logits);
        self.truth.append(&mut other.truth);
        self.artists.append(&mut other.artists);
    }

    /// Softmax probabilities at a temperature: `[n][n_labels]`
    pub fn probabilities(&self, temperature: f32) -> Matrix {
        let rows = self.logits.rows();
        rows.map(|row| softmax(row, temperature)).collect()
    }

    /// Temperature with the lowest cross entropy, or 1 if there are no rows.
    ///
    /// # Source
    /// Guo et al., *On calibration of modern neural networks*, ICML 2017. The loss has a single
    /// minimum in the temperature, so a golden-section search of 0.25..4 finds it.
    pub fn temperature(&self) -> f32 {
        if self.truth.is_empty() {
            return 1.0;
        }
        let loss = |log: f64| nats(&self.probabilities(log.exp() as f32), &self.truth);
        let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (0.25_f64.ln(), 4.0_f64.ln());
        for _ in 0..30 {
            let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
            if loss(left) < loss(right) {
                high = right;
            } else {
                low = left;
            }
        }
        ((low + high) / 2.0).exp() as f32
    }

    /// Coverage of the predictions that reach a threshold, and their accuracy.
    pub fn confident(&self, temperature: f32, threshold: f32) -> Confident {
        let (mut n, mut correct) = (0, 0);
        for (row, &label) in self.probabilities(temperature).rows().zip(&self.truth) {
            let top = argmax(row);
            if row[top] >= threshold {
                n += 1;
                correct += usize::from(top == label);
            }
        }
        Confident {
            coverage: f64::from(n) / self.truth.len().max(1) as f64,
            accuracy: correct as f64 / f64::from(n.max(1)),
        }
    }

    /// Metrics of these rows at a temperature; `part` names the rows in the card.
    pub fn figures(&self, part: &str, temperature: f32, labels: &[String]) -> Figures {
        let metrics =
            |temperature| Metrics::new(&self.probabilities(temperature), &self.truth, labels);
        Figures::new(part, &metrics(temperature), metrics(1.0).ece)
    }

    /// Confidence interval and confusion matrix of these rows; `part` names the rows in the card.
    pub fn headline(&self, part: &str, labels: &[String]) -> Headline {
        let metrics = Metrics::new(&self.probabilities(1.0), &self.truth, labels);
        let predictions = self.logits.rows().zip(&self.truth);
        let correct: Vec<bool> = predictions
            .map(|(row, &label)| argmax(row) == label)
            .collect();
        Headline {
            part: part.to_owned(),
            interval: group_interval(&correct, &self.artists),
            confusion: metrics.confusion,
        }
    }

    /// Metrics of each fold and of all folds together. Each fold is scaled by the temperature
    /// fitted on the other folds.
    pub fn fold_figures(folds: &[Self], labels: &[String]) -> Vec<Figures> {
        let mut all = Self::default();
        let mut figures = Vec::new();
        let temperatures = Self::cross_fit(folds, Self::temperature);
        for (index, (fold, temperature)) in folds.iter().zip(temperatures).enumerate() {
            let part = format!("fold {} of {}", index + 1, folds.len());
            figures.push(fold.figures(&part, temperature, labels));
            all.append(Self {
                logits: fold.scaled(temperature),
                ..fold.clone()
            });
        }
        let part = format!(
            "all rows, each by the fold of {} that had not seen it",
            folds.len()
        );
        let raw = Self {
            logits: folds.iter().flat_map(|fold| fold.logits.rows()).collect(),
            ..all.clone()
        };
        figures.push(Figures {
            raw_ece: raw.figures("", 1.0, labels).ece,
            ..all.figures(&part, 1.0, labels)
        });
        figures
    }

    /// Coverage and accuracy of confident predictions. The temperature and threshold of each fold
    /// are chosen on the other folds.
    pub fn fold_confident(folds: &[Self]) -> Confident {
        let choose = |others: &Self| {
            let temperature = others.temperature();
            (temperature, others.threshold(temperature))
        };
        Self::confident_by(folds, &Self::cross_fit(folds, choose))
    }

    /// Coverage and accuracy of confident predictions, given a temperature and a threshold for each
    /// part.
    pub fn confident_by(parts: &[Self], choices: &[(f32, f32)]) -> Confident {
        let n: usize = parts.iter().map(|part| part.truth.len()).sum();
        let (mut n_confident, mut correct) = (0.0, 0.0);
        for (part, &(temperature, threshold)) in parts.iter().zip(choices) {
            let own = part.confident(temperature, threshold);
            let reached = own.coverage * part.truth.len() as f64;
            n_confident += reached;
            correct += own.accuracy * reached;
        }
        Confident {
            coverage: n_confident / n.max(1) as f64,
            accuracy: correct / n_confident.max(1.0),
        }
    }

    /// Cross-fits a choice: the result for each part is computed on all the other parts.
    pub fn cross_fit<T>(parts: &[Self], choose: impl Fn(&Self) -> T) -> Vec<T> {
        let choose = |index| choose(&Self::all_but(parts, index));
        (0..parts.len()).map(choose).collect()
    }

    /// All parts except one, concatenated.
    fn all_but(folds: &[Self], index: usize) -> Self {
        let mut others = Self::default();
        let parts = folds.iter().enumerate();
        parts
            .filter(|(other, _)| *other != index)
            .for_each(|(_, part)| others.append(part.clone()));
        others
    }

    /// Logits divided by a temperature.
    fn scaled(&self, temperature: f32) -> Matrix {
        let scale =
            |row: &[f32]| -> Vec<f32> { row.iter().map(|logit| logit / temperature).collect() };
        self.logits.rows().map(scale).collect()
    }

    /// Lowest confidence at and above which two thirds of the predictions are correct, or 1 if
    /// there is no such confidence.
    pub fn threshold(&self, temperature: f32) -> f32 {
        let probabilities = self.probabilities(temperature);
        let prediction = |(row, &label): (&[f32], &usize)| {
            let top = argmax(row);
            (row[top], top == label)
        };
        let mut predictions: Vec<(f32, bool)> = probabilities
            .rows()
            .zip(&self.truth)
            .map(prediction)
            .collect();
        predictions.sort_by(|a, b| b.0.total_cmp(&a.0));

        let (mut n, mut correct, mut threshold) = (0, 0, 1.0);
        // Predictions of equal confidence are above or below the threshold together.
        for equal in predictions.chunk_by(|a, b| a.0 == b.0) {
            n += equal.len();
            correct += equal.iter().filter(|(_, is_correct)| *is_correct).count();
            if correct as f64 >= CONFIDENT_PRECISION * n as f64 {
                threshold = equal[0].0;
            }
        }
        threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predictions with a probability of 0.9, of which only three quarters are correct.
    fn overconfident() -> HeldOut {
        let odds = 9.0_f32.ln();
        HeldOut {
            logits: (0..100).map(|_| [odds, 0.0]).collect(),
            truth: (0..100).map(|row| usize::from(row % 4 == 0)).collect(),
            artists: (0..100).collect(),
        }
    }

    #[test]
    fn temperature_scaling_lowers_confidence_to_accuracy() {
        let held_out = overconfident();
        let temperature = held_out.temperature();
        let confidence = held_out.probabilities(temperature).row(0)[0];
        assert!((confidence - 0.75).abs() < 1e-3, "{confidence}");
    }

    #[test]
    fn each_part_is_scored_with_the_temperature_fitted_on_the_others() {
        let confident_and_correct = HeldOut {
            logits: [[1.0, 0.0]; 4].into_iter().collect(),
            truth: vec![0; 4],
            artists: vec![0; 4],
        };
        let parts = [overconfident(), confident_and_correct];
        let temperatures = HeldOut::cross_fit(&parts, HeldOut::temperature);
        assert!(
            temperatures[0] < 1.0 && temperatures[1] > 1.0,
            "{temperatures:?}"
        );
        let confident = HeldOut::confident_by(&parts, &[(1.0, 0.5), (1.0, 0.9)]);
        // All of the first part is confident, with three of four correct; none of the second is.
        assert_eq!(
            (confident.coverage, confident.accuracy),
            (100.0 / 104.0, 0.75)
        );
    }

    #[test]
    fn two_thirds_of_the_predictions_above_the_threshold_are_correct() {
        // Sorted by confidence: correct, correct, wrong, correct, wrong, wrong.
        let held_out = HeldOut {
            logits: [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
                .map(|logit| [logit, 0.0])
                .into_iter()
                .collect(),
            truth: vec![0, 0, 1, 0, 1, 1],
            ..HeldOut::default()
        };
        let expected = softmax(&[3.0, 0.0], 1.0)[0];
        assert_eq!(held_out.threshold(1.0), expected);
    }

    #[test]
    fn predictions_of_equal_confidence_are_on_one_side_of_the_threshold() {
        let held_out = HeldOut {
            logits: [[3.0, 0.0]; 3].into_iter().collect(),
            truth: vec![0, 1, 1],
            ..HeldOut::default()
        };
        assert_eq!(held_out.threshold(1.0), 1.0);
    }

    #[test]
    fn a_network_that_is_never_correct_is_never_confident() {
        let held_out = HeldOut {
            logits: Matrix::from_iter([[3.0, 0.0]]),
            truth: vec![1],
            ..HeldOut::default()
        };
        assert_eq!(held_out.threshold(1.0), 1.0);
    }
}
