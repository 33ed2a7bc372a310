//! Which rows train, validate and test: stratified by label, grouped by artist.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::{Error, Result};

/// How rows are shared out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitConfig {
    /// Decides, with the artist's id, the order in which artists are dealt out. Default: 0.
    pub seed: u64,
    /// Share of the rows for validation; in 0..1. Default: 0.15.
    pub validation: f64,
    /// Share of the rows for testing; in 0..1. Default: 0.15.
    pub test: f64,
    /// Whether rows are dealt out one by one, so that an artist may stand on both sides: as the
    /// study did it, and only to compare with it. Default: no.
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

/// Row indices of the three parts, each ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// Rows that the parameters are fitted on.
    pub train: Vec<usize>,
    /// Rows that choices are made on.
    pub validation: Vec<usize>,
    /// Rows that figures are printed from.
    pub test: Vec<usize>,
}

impl Split {
    /// Deals artists out to training, validation and test.
    ///
    /// An artist stands on one side with all rows. Artists are taken in the order of a hash of
    /// their id, and each goes to the part that is furthest behind its share of the artist's
    /// most frequent label.
    ///
    /// # Errors
    /// [`Error::Config`] if the shares leave nothing to train on.
    pub fn new(data: &Dataset, config: &SplitConfig) -> Result<Self> {
        let train = 1.0 - config.validation - config.test;
        let in_range = config.validation >= 0.0 && config.test >= 0.0 && train > 0.0;
        if !in_range {
            return Err(Error::Config {
                field: "validation + test",
                rule: "at least 0 and below 1",
                got: config.validation + config.test,
            });
        }
        let all: Vec<usize> = (0..data.len()).collect();
        let shares = [train, config.validation, config.test];
        let mut parts = group_split(data, &all, &shares, config).into_iter();
        let mut next = || parts.next().expect("as many parts as shares");
        Ok(Self {
            train: next(),
            validation: next(),
            test: next(),
        })
    }

    /// Splits off each of `k` folds as the test part once; of the rest, the share
    /// `config.validation` of the rows validates.
    ///
    /// # Errors
    /// [`Error::Config`] if `k` is below 2.
    pub fn folds(data: &Dataset, config: &SplitConfig, k: usize) -> Result<Vec<Self>> {
        if k < 2 {
            return Err(Error::Config {
                field: "folds",
                rule: "at least 2",
                got: k as f64,
            });
        }
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
            let shares = [1.0 - config.validation, config.validation];
            let mut parts = group_split(data, &rest, &shares, config).into_iter();
            let mut next = || parts.next().expect("as many parts as shares");
            Self {
                train: next(),
                validation: next(),
                test: folds[fold].clone(),
            }
        };
        Ok((0..k).map(split).collect())
    }
}

/// Deals the artists of `rows` out to as many parts as there are shares.
fn group_split(
    data: &Dataset,
    rows: &[usize],
    shares: &[f64],
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

    let mut parts = vec![Vec::new(); shares.len()];
    let mut counts = vec![vec![0.0; n_labels]; shares.len()];
    for (_, rows) in artists {
        let label = main_label(data, &rows, n_labels);
        let lack = |part: usize| shares[part] * targets[label] - counts[part][label];
        let part = (0..shares.len())
            .max_by(|&a, &b| lack(a).total_cmp(&lack(b)).then(b.cmp(&a)))
            .expect("there is a share");
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

/// The label that most of the rows have; the lowest of several.
fn main_label(data: &Dataset, rows: &[usize], n_labels: usize) -> usize {
    let mut counts = vec![0_usize; n_labels];
    for &row in rows {
        counts[usize::from(data.y[row])] += 1;
    }
    (0..n_labels)
        .max_by_key(|&label| (counts[label], std::cmp::Reverse(label)))
        .unwrap_or(0)
}

/// SplitMix64 of the artist and the seed: the same on every machine, and without order.
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

    /// 600 rows of 3 labels by 150 artists; artist 7 has a fifth of label 1.
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
        .expect("the parts fit")
    }

    fn artists(data: &Dataset, rows: &[usize]) -> BTreeSet<i32> {
        rows.iter().map(|&row| data.artist_id[row]).collect()
    }

    fn assert_apart(data: &Dataset, split: &Split) {
        let parts = [&split.train, &split.validation, &split.test];
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            assert!(artists(data, parts[a]).is_disjoint(&artists(data, parts[b])));
        }
        let n: usize = parts.iter().map(|part| part.len()).sum();
        assert_eq!(n, data.len());
    }

    #[test]
    fn no_artist_stands_on_two_sides_and_no_row_is_lost() {
        let data = data();
        let split = Split::new(&data, &SplitConfig::default()).expect("valid shares");
        assert_apart(&data, &split);
        for split in Split::folds(&data, &SplitConfig::default(), 3).expect("valid folds") {
            assert_apart(&data, &split);
        }
    }

    #[test]
    fn every_label_has_about_its_share_in_every_part() {
        let data = data();
        let split = Split::new(&data, &SplitConfig::default()).expect("valid shares");
        for label in 0..3 {
            for (rows, share) in [
                (&split.train, 0.7),
                (&split.validation, 0.15),
                (&split.test, 0.15),
            ] {
                let n = rows.iter().filter(|&&row| data.y[row] == label).count() as f64;
                assert!(
                    (n / 200.0 - share).abs() < 0.06,
                    "label {label}: {n} of 200 for {share}"
                );
            }
        }
    }

    #[test]
    fn the_test_parts_of_the_folds_cover_each_row_once() {
        let data = data();
        let folds = Split::folds(&data, &SplitConfig::default(), 4).expect("valid folds");
        let mut rows: Vec<usize> = folds.into_iter().flat_map(|split| split.test).collect();
        rows.sort_unstable();
        assert_eq!(rows, (0..data.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_random_split_tears_artists_apart() {
        let data = data();
        let config = SplitConfig {
            random: true,
            ..SplitConfig::default()
        };
        let split = Split::new(&data, &config).expect("valid shares");
        let n: usize = [&split.train, &split.validation, &split.test]
            .map(Vec::len)
            .iter()
            .sum();
        assert_eq!(n, data.len());
        assert!(!artists(&data, &split.train).is_disjoint(&artists(&data, &split.test)));
    }

    #[test]
    fn the_seed_decides_the_split() {
        let data = data();
        let split = |seed| {
            let config = SplitConfig {
                seed,
                ..SplitConfig::default()
            };
            Split::new(&data, &config).expect("valid shares")
        };
        assert_eq!(split(3), split(3));
        assert_ne!(split(3), split(4));
    }

    #[test]
    fn shares_that_leave_nothing_to_train_on_are_refused() {
        let config = SplitConfig {
            validation: 0.5,
            test: 0.5,
            ..SplitConfig::default()
        };
        let error = Split::new(&data(), &config).expect_err("nothing left");
        assert!(error.to_string().contains("validation + test"), "{error}");
    }
}
