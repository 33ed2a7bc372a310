//! Confidence intervals of an accuracy.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_pcg::Pcg64;

/// Bounds of the 95 % bootstrap interval of the accuracy, resampled by group.
///
/// Rows by one artist are not independent, so an interval from resampling single rows would be too
/// narrow.
///
/// # Shapes
/// - `correct` and `groups`: `[n]`
///
/// # Source
/// Efron and Tibshirani, *An introduction to the bootstrap*, 1993: percentile interval.
pub fn group_interval(correct: &[bool], groups: &[i32]) -> [f64; 2] {
    const DRAWS: usize = 2000;
    let mut counts: BTreeMap<i32, [u32; 2]> = BTreeMap::new();
    for (&correct, &group) in correct.iter().zip(groups) {
        let count = counts.entry(group).or_default();
        count[0] += u32::from(correct);
        count[1] += 1;
    }
    let counts: Vec<[u32; 2]> = counts.into_values().collect();
    if counts.is_empty() {
        return [0.0; 2];
    }
    let mut rng = Pcg64::new(0, 0);
    let mut shares: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (mut correct, mut n) = (0, 0);
            for _ in 0..counts.len() {
                let [more, of] = counts[rng.random_range(0..counts.len())];
                correct += more;
                n += of;
            }
            f64::from(correct) / f64::from(n)
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    [shares[DRAWS * 25 / 1000], shares[DRAWS * 975 / 1000 - 1]]
}

/// Bounds of the 95 % confidence interval of a fraction observed over `n` independent trials.
///
/// Unlike a bootstrap interval, it has a width above 0 even if all trials have the same outcome.
///
/// # Source
/// Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 1927.
pub fn wilson_interval(fraction: f64, n: usize) -> [f64; 2] {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return [0.0, 1.0];
    }
    let n = n as f64;
    let centre = fraction + Z * Z / (2.0 * n);
    let half = Z * (fraction * (1.0 - fraction) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    [(centre - half) / whole, (centre + half) / whole].map(|bound| bound.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wider_for_grouped_rows() {
        let correct: Vec<bool> = (0..400).map(|row| row % 40 < 20).collect();
        let ungrouped: Vec<i32> = (0..400).collect();
        let grouped: Vec<i32> = (0..400).map(|row| row / 20).collect();
        let [low, high] = group_interval(&correct, &ungrouped);
        // Two standard errors of the mean of 400 fair coin flips are 0.05.
        assert!(
            (low - 0.45).abs() < 0.01 && (high - 0.55).abs() < 0.01,
            "{low} to {high}"
        );
        let [lower, higher] = group_interval(&correct, &grouped);
        assert!(
            lower < low - 0.05 && higher > high + 0.05,
            "{lower} to {higher}"
        );
    }

    #[test]
    fn a_few_trials_with_one_outcome_still_have_a_wide_interval() {
        let [low, high] = wilson_interval(1.0, 2);
        assert!((low - 0.342_38).abs() < 1e-4 && high == 1.0, "{low} {high}");
        let [low, high] = wilson_interval(0.5, 100);
        assert!(
            (low - 0.403_83).abs() < 1e-4 && (high - 0.596_17).abs() < 1e-4,
            "{low} {high}"
        );
    }
}
