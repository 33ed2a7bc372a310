//! Classification metrics, from probabilities and true labels.

use serde::{Deserialize, Serialize};

use crate::data::Matrix;

/// Number of bins of the expected calibration error.
const N_BINS: usize = 15;

/// Metrics of one evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Number of rows.
    pub n: usize,
    /// Fraction of rows whose most probable label is the true one.
    pub top1: f64,
    /// Fraction of rows whose true label is among the three most probable.
    pub top3: f64,
    /// Balanced accuracy: the mean recall over the labels that occur in the rows.
    pub balanced: f64,
    /// Mean F1 over the labels; labels that neither occur nor are predicted are left out.
    pub macro_f1: f64,
    /// Expected calibration error: the mean absolute difference between confidence and accuracy
    /// over 15 bins of equal width, weighted by the number of rows in each bin.
    pub ece: f64,
    /// Confusion matrix, as counts: `[true label][predicted label]`
    pub confusion: Vec<Vec<u32>>,
    /// Metrics of each label.
    pub per_class: Vec<ClassMetrics>,
}

/// Metrics of one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Name of the label.
    pub label: String,
    /// Number of rows with this label.
    pub n: u32,
    /// Fraction of the rows predicted as this label that have it; 0 if none is predicted.
    pub precision: f64,
    /// Fraction of the rows with this label that are predicted as it; 0 if there are none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
}

impl Metrics {
    /// Computes the metrics of predictions.
    ///
    /// # Shapes
    /// - `probabilities`: `[n][n_labels]`
    /// - `truth`: `[n]`, indices into `labels`
    ///
    /// # Source
    /// Naeini et al., *Obtaining well calibrated probabilities using Bayesian binning*, AAAI 2015
    /// (expected calibration error); the other metrics follow scikit-learn's definitions.
    pub fn new(probabilities: &Matrix, truth: &[usize], labels: &[String]) -> Self {
        let n = truth.len();
        let mut confusion = vec![vec![0; labels.len()]; labels.len()];
        let mut in_top3 = 0;
        for (row, &label) in probabilities.rows().zip(truth) {
            confusion[label][argmax(row)] += 1;
            in_top3 += usize::from(rank(row, label) < 3);
        }
        let per_class: Vec<_> = (0..labels.len())
            .map(|label| ClassMetrics::new(&labels[label], label, &confusion))
            .collect();
        let correct: u32 = (0..labels.len()).map(|label| confusion[label][label]).sum();
        Self {
            n,
            top1: ratio(f64::from(correct), n),
            top3: ratio(f64::from(in_top3 as u32), n),
            balanced: balanced(&per_class),
            macro_f1: macro_f1(&per_class, &confusion),
            ece: calibration_error(probabilities, truth),
            confusion,
            per_class,
        }
    }
}

impl ClassMetrics {
    fn new(name: &str, label: usize, confusion: &[Vec<u32>]) -> Self {
        let correct = f64::from(confusion[label][label]);
        let n: u32 = confusion[label].iter().sum();
        let predicted: u32 = confusion.iter().map(|row| row[label]).sum();
        let of = |total: f64| if total > 0.0 { correct / total } else { 0.0 };
        Self {
            label: name.to_owned(),
            n,
            precision: of(f64::from(predicted)),
            recall: of(f64::from(n)),
            f1: of(f64::from(n + predicted) / 2.0),
        }
    }
}

/// Mean cross entropy of probabilities, in nats.
///
/// # Shapes
/// - `probabilities`: `[n][n_labels]`, `truth`: `[n]`
pub fn nats(probabilities: &Matrix, truth: &[usize]) -> f64 {
    let loss = |(row, &label): (&[f32], &usize)| -f64::from(row[label].max(1e-12)).ln();
    let sum: f64 = probabilities.rows().zip(truth).map(loss).sum();
    sum / truth.len().max(1) as f64
}

/// Index of the largest value; the first one if several are equal.
pub fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

/// Zero-based rank of `index` when the values are sorted in descending order.
fn rank(values: &[f32], index: usize) -> usize {
    let before = |(other, value): (usize, &f32)| {
        *value > values[index] || (*value == values[index] && other < index)
    };
    values
        .iter()
        .enumerate()
        .filter(|&item| before(item))
        .count()
}

/// `sum / n`, or 0 if `n` is 0.
fn ratio(sum: f64, n: usize) -> f64 {
    if n == 0 { 0.0 } else { sum / n as f64 }
}

fn balanced(per_class: &[ClassMetrics]) -> f64 {
    let seen = per_class.iter().filter(|class| class.n > 0);
    let recalls: Vec<f64> = seen.map(|class| class.recall).collect();
    ratio(recalls.iter().sum(), recalls.len())
}

fn macro_f1(per_class: &[ClassMetrics], confusion: &[Vec<u32>]) -> f64 {
    let seen = |label: usize| per_class[label].n > 0 || confusion.iter().any(|row| row[label] > 0);
    let scores: Vec<f64> = (0..per_class.len())
        .filter(|&label| seen(label))
        .map(|label| per_class[label].f1)
        .collect();
    ratio(scores.iter().sum(), scores.len())
}

/// One bin of a reliability diagram: predictions with similar confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// Number of predictions.
    pub n: u32,
    /// Mean confidence: the probability of the top label.
    pub confidence: f64,
    /// Fraction of the predictions that are correct.
    pub accuracy: f64,
}

/// Reliability diagram: predictions grouped by confidence into 15 bins of equal width.
///
/// # Shapes
/// - `probabilities`: `[n][n_labels]`, `truth`: `[n]`
pub fn reliability(probabilities: &Matrix, truth: &[usize]) -> [Bin; N_BINS] {
    let mut bins = [Bin::default(); N_BINS];
    for (row, &label) in probabilities.rows().zip(truth) {
        let predicted = argmax(row);
        let confidence = f64::from(row[predicted]);
        let bin = ((confidence * N_BINS as f64).ceil() as usize).clamp(1, N_BINS) - 1;
        bins[bin].n += 1;
        bins[bin].confidence += confidence;
        bins[bin].accuracy += f64::from(u8::from(predicted == label));
    }
    for bin in &mut bins {
        let n = bin.n as usize;
        bin.confidence = ratio(bin.confidence, n);
        bin.accuracy = ratio(bin.accuracy, n);
    }
    bins
}

fn calibration_error(probabilities: &Matrix, truth: &[usize]) -> f64 {
    let gap: f64 = reliability(probabilities, truth)
        .iter()
        .map(|bin| f64::from(bin.n) * (bin.confidence - bin.accuracy).abs())
        .sum();
    ratio(gap, truth.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<String> {
        ["Folk", "Pop", "Rock", "Jazz"].map(String::from).to_vec()
    }

    /// Three of four rows are correct; the fourth is Folk predicted as Pop, with Folk in third
    /// place.
    fn metrics() -> Metrics {
        let probabilities = Matrix::from_iter([
            [0.7, 0.1, 0.1, 0.1],
            [0.2, 0.5, 0.2, 0.1],
            [0.1, 0.1, 0.8, 0.0],
            [0.1, 0.6, 0.3, 0.0],
        ]);
        Metrics::new(&probabilities, &[0, 1, 2, 0], &labels())
    }

    #[test]
    fn accuracy_counts_the_top_one_and_the_top_three_labels() {
        let metrics = metrics();
        assert_eq!((metrics.n, metrics.top1, metrics.top3), (4, 0.75, 1.0));
    }

    #[test]
    fn confusion_rows_are_true_labels_and_columns_are_predictions() {
        let expected = [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]];
        assert_eq!(metrics().confusion, expected.map(Vec::from));
    }

    #[test]
    fn macro_f1_is_that_of_scikit_learn() {
        // f1_score([0, 1, 2, 0], [0, 1, 2, 1], average="macro") is the mean of 2/3, 2/3 and 1.
        assert!((metrics().macro_f1 - 7.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn balanced_accuracy_matches_scikit_learn() {
        // balanced_accuracy_score([0, 1, 2, 0], [0, 1, 2, 1]) is the mean of 1/2, 1 and 1.
        assert!((metrics().balanced - 5.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn calibration_error_is_the_weighted_gap_over_the_bins() {
        // Each row falls into its own bin: the gaps are 0.3, 0.5, 0.2 and 0.6 (the wrong row).
        assert!((metrics().ece - 0.4).abs() < 1e-6);
    }

    #[test]
    fn a_tie_for_third_place_goes_to_the_lower_index() {
        let probabilities = Matrix::from_iter([[0.25; 4]]);
        assert_eq!(Metrics::new(&probabilities, &[2], &labels()).top3, 1.0);
        assert_eq!(Metrics::new(&probabilities, &[3], &labels()).top3, 0.0);
    }

    #[test]
    fn no_rows_give_zeros_instead_of_nan() {
        let metrics = Metrics::new(&Matrix::default(), &[], &labels());
        assert_eq!(
            (metrics.top1, metrics.macro_f1, metrics.ece),
            (0.0, 0.0, 0.0)
        );
    }
}
