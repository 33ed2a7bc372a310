//! Train/validation/test splits, stratified by label and grouped by artist.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::data::Dataset;
use crate::error::{check, fraction, within};

/// Settings of a split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitConfig {
    /// Seed of the pseudo-random order in which artists are assigned. Default: 0.
    pub seed: u64,
    /// Fraction of the rows for validation; in 0..1. Default: 0.15.
    pub validation: f64,
    /// Fraction of the rows for testing; in 0..1. Default: 0.15.
    pub test: f64,
    /// Whether rows are assigned individually, so that an artist can be in several parts. The original
    /// study split this way; it serves only for comparison. Default: false.
    #[serde(default)]
    pub random: bool,
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            validation: 0.15,
            test: 0.15,
            random: false,
        }
    }
}

/// The row indices of the three parts, each in ascending order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// Rows of the training set.
    pub train: Vec<usize>,
    /// Rows of the validation set, used to select models and settings.
    pub validation: Vec<usize>,
    /// Rows of the test set, used for the reported metrics.
    pub test: Vec<usize>,
}

impl Split {
    /// Splits the rows into training, validation and test sets.
    ///
    /// All rows of an artist are in one part. Artists are assigned in the order of a hash of their id,
    /// each to the part that lacks the most rows of the artist's most frequent label.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if a fraction is negative or no rows are left for training.
    pub fn new(data: &Dataset, config: &SplitConfig) -> Result<Self> {
        let train = 1.0 - config.validation - config.test;
        check([
            fraction("validation", config.validation),
            fraction("test", config.test),
            fraction("validation + test", config.validation + config.test),
        ])?;
        let all: Vec<usize> = (0..data.len()).collect();
        let fractions = [train, config.validation, config.test];
        let mut parts = group_split(data, &all, &fractions, config).into_iter();
        let mut next = || parts.next().expect("as many parts as fractions");
        Ok(Self {
            train: next(),
            validation: next(),
            test: next(),
        })
    }

    /// Returns `k` splits for cross-validation; each of `k` folds is the test set of one split.
    ///
    /// Of the remaining rows of a split, the fraction `config.validation` is the validation set.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if `k` is below 2, or the fraction is not in `0..1`.
    pub fn folds(data: &Dataset, config: &SplitConfig, k: usize) -> Result<Vec<Self>> {
        check([
            within("folds", k, 2..=usize::MAX, "at least 2"),
            fraction("validation", config.validation),
        ])?;
        let all: Vec<usize> = (0..data.len()).collect();
        let folds = group_split(data, &all, &vec![1.0 / k as f64; k], config);
        let split = |fold: usize| {
            let mut rest: Vec<usize> = Vec::new();
            for (other, rows) in folds.iter().enumerate() {
                if other != fold {
                    rest.extend(rows);
                }
            }
            rest.sort_unstable();
            if config.validation == 0.0 {
                return Self {
                    train: rest,
                    validation: Vec::new(),
                    test: folds[fold].clone(),
                };
            }
            let fractions = [1.0 - config.validation, config.validation];
            let mut parts = group_split(data, &rest, &fractions, config).into_iter();
            let mut next = || parts.next().expect("as many parts as fractions");
            Self {
                train: next(),
                validation: next(),
                test: folds[fold].clone(),
            }
        };
        Ok((0..k).map(split).collect())
    }
}

impl Split {
    /// Replaces each row by some others, for example the rows of a file by those of its windows.
    pub fn map<I: IntoIterator<Item = usize>>(self, rows: impl Fn(usize) -> I) -> Self {
        let map = |part: Vec<usize>| part.into_iter().flat_map(&rows).collect();
        Self {
            train: map(self.train),
            validation: map(self.validation),
            test: map(self.test),
        }
    }
}

/// Splits `rows` by artist into one part per fraction.
fn group_split(
    data: &Dataset,
    rows: &[usize],
    fractions: &[f64],
    config: &SplitConfig,
) -> Vec<Vec<usize>> {
    let n_labels = data.y.iter().max().map_or(0, |&y| usize::from(y) + 1);
    let mut targets = vec![0.0; n_labels];
    let mut artists: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        targets[usize::from(data.y[row])] += 1.0;
        let artist = match config.random {
            true => row as i32,
            false => data.artist_id[row],
        };
        artists.entry(artist).or_default().push(row);
    }
    let mut artists: Vec<_> = artists.into_iter().collect();
    artists.sort_by_key(|(artist, _)| hash(*artist, config.seed));

    let mut parts = vec![Vec::new(); fractions.len()];
    let mut counts = vec![vec![0.0; n_labels]; fractions.len()];
    for (_, rows) in artists {
        let labels = rows.iter().map(|&row| usize::from(data.y[row]));
        let label = most_frequent(labels, n_labels);
        let deficit = |part: usize| fractions[part] * targets[label] - counts[part][label];
        let part = (0..fractions.len())
            .max_by(|&a, &b| deficit(a).total_cmp(&deficit(b)).then(b.cmp(&a)))
            .expect("there is a fraction");
        for &row in &rows {
            counts[part][usize::from(data.y[row])] += 1.0;
        }
        parts[part].extend(rows);
    }
    for part in &mut parts {
        part.sort_unstable();
    }
    parts
}

/// Returns the most frequent label, or the lowest of several.
pub(crate) fn most_frequent(labels: impl Iterator<Item = usize>, n_labels: usize) -> usize {
    let mut counts = vec![0_usize; n_labels];
    for label in labels {
        counts[label] += 1;
    }
    (0..n_labels)
        .max_by_key(|&label| (counts[label], std::cmp::Reverse(label)))
        .unwrap_or(0)
}

/// Returns the SplitMix64 hash of an artist id and a seed, which is the same on every platform.
pub(crate) fn hash(artist: i32, seed: u64) -> u64 {
    let mut z = u64::from(artist.cast_unsigned())
        .wrapping_add(seed.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::Values;

    /// Returns 600 rows of 3 labels by 150 artists; artist 7 has a fifth of the rows of label 1.
    fn data() -> Dataset {
        let n = 600;
        let artist = |row: usize| {
            if row % 3 == 1 && row.is_multiple_of(5) {
                7
            } else {
                (row % 150) as i32
            }
        };
        Dataset::new(
            Values::U8(vec![0; n]),
            [1, 1],
            (0..n).map(|row| (row % 3) as u8).collect(),
            (0..n as i32).collect(),
            (0..n).map(artist).collect(),
        )
        .expect("the arrays have the same length")
    }

    fn artists(data: &Dataset, rows: &[usize]) -> BTreeSet<i32> {
        rows.iter().map(|&row| data.artist_id[row]).collect()
    }

    /// Asserts that the parts share no artist and together hold all rows.
    fn assert_grouped_by_artist(data: &Dataset, split: &Split) {
        let parts = [&split.train, &split.validation, &split.test];
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            assert!(artists(data, parts[a]).is_disjoint(&artists(data, parts[b])));
        }
        let n: usize = parts.iter().map(|part| part.len()).sum();
        assert_eq!(n, data.len());
    }

    #[test]
    fn no_artist_is_in_two_parts_and_no_row_is_lost() {
        let data = data();
        let split = Split::new(&data, &SplitConfig::default()).expect("valid fractions");
        assert_grouped_by_artist(&data, &split);
        for split in Split::folds(&data, &SplitConfig::default(), 3).expect("valid folds") {
            assert_grouped_by_artist(&data, &split);
        }
    }

    #[test]
    fn every_part_has_about_the_same_fraction_of_every_label() {
        let data = data();
        let split = Split::new(&data, &SplitConfig::default()).expect("valid fractions");
        for label in 0..3 {
            for (rows, fraction) in [
                (&split.train, 0.7),
                (&split.validation, 0.15),
                (&split.test, 0.15),
            ] {
                let n = rows.iter().filter(|&&row| data.y[row] == label).count() as f64;
                assert!(
                    (n / 200.0 - fraction).abs() < 0.06,
                    "label {label}: {n} of 200 rows, expected {fraction}"
                );
            }
        }
    }

    #[test]
    fn each_row_is_in_the_test_set_of_one_fold() {
        let data = data();
        let folds = Split::folds(&data, &SplitConfig::default(), 4).expect("valid folds");
        let mut rows: Vec<usize> = folds.into_iter().flat_map(|split| split.test).collect();
        rows.sort_unstable();
        assert_eq!(rows, (0..data.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_random_split_puts_artists_on_both_sides() {
        let data = data();
        let config = SplitConfig {
            random: true,
            ..SplitConfig::default()
        };
        let split = Split::new(&data, &config).expect("valid fractions");
        let n: usize = [&split.train, &split.validation, &split.test]
            .map(Vec::len)
            .iter()
            .sum();
        assert_eq!(n, data.len());
        assert!(!artists(&data, &split.train).is_disjoint(&artists(&data, &split.test)));
    }

    #[test]
    fn the_seed_determines_the_split() {
        let data = data();
        let split = |seed| {
            let config = SplitConfig {
                seed,
                ..SplitConfig::default()
            };
            Split::new(&data, &config).expect("valid fractions")
        };
        assert_eq!(split(3), split(3));
        assert_ne!(split(3), split(4));
    }

    #[test]
    fn fractions_that_leave_no_training_rows_are_refused() {
        let config = SplitConfig {
            validation: 0.5,
            test: 0.5,
            ..SplitConfig::default()
        };
        let error = Split::new(&data(), &config).expect_err("no training rows");
        assert!(error.to_string().contains("validation + test"), "{error}");
    }
}
