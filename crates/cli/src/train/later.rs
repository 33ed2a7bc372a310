//! A split by time, for archives whose track ids increase with time: the latest tracks of each genre are
//! the test set.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};

/// Splits by track id. The test set has, for each label, the fraction `config.test` of the tracks with the
/// highest ids. Earlier rows of the same groups are left out; the remaining groups are split into training
/// and validation set.
///
/// # Errors
/// If the training set is empty.
pub fn split(data: &Dataset, config: &SplitConfig) -> Result<Split> {
    let mut test = Vec::new();
    for label in 0..=data.y.iter().copied().max().unwrap_or(0) {
        let of_label = (0..data.len()).filter(|&row| data.y[row] == label);
        let mut rows: Vec<usize> = of_label.collect();
        rows.sort_by_key(|&row| data.track_id[row]);
        let n_before = (rows.len() as f64 * (1.0 - config.test)).round() as usize;
        test.extend_from_slice(&rows[n_before..]);
    }
    test.sort_unstable();
    let test_groups: HashSet<i32> = test.iter().map(|&row| data.artist_id[row]).collect();
    let is_before = |row: &usize| !test_groups.contains(&data.artist_id[*row]);
    let before: Vec<usize> = (0..data.len()).filter(is_before).collect();
    let inner = SplitConfig {
        test: 0.0,
        ..config.clone()
    };
    let inner = Split::new(&data.select(&before), &inner)?;
    ensure!(
        !inner.train.is_empty(),
        "the training set of --split later is empty, because every group has a track in the test set"
    );
    Ok(Split {
        test,
        ..inner.map(|row| [before[row]])
    })
}

#[cfg(test)]
mod tests {
    use tonearm::data::Values;

    use super::*;

    #[test]
    fn the_latest_tracks_are_the_test_set_and_their_groups_are_left_out() {
        // The labels alternate, and 50 consecutive rows form a group.
        let n = 400;
        let data = Dataset::new(
            Values::F32(vec![0.0; n]),
            [1, 1],
            (0..n).map(|row| (row % 2) as u8).collect(),
            (0..n as i32).map(|row| 1_000 - row).collect(),
            (0..n as i32).map(|row| row / 50).collect(),
        )
        .expect("the columns have equal length");
        let split = split(&data, &SplitConfig::default()).expect("there are training rows");
        // The ids decrease, so the first rows are the latest.
        assert_eq!(split.test, (0..60).collect::<Vec<_>>());
        let mut before = [&split.train[..], &split.validation].concat();
        before.sort_unstable();
        assert_eq!(before, (100..400).collect::<Vec<_>>());
        assert!(split.validation.len() >= 50);
        let groups = |rows: &[usize]| -> HashSet<i32> {
            rows.iter().map(|&row| data.artist_id[row]).collect()
        };
        assert!(groups(&split.train).is_disjoint(&groups(&split.validation)));
    }

    #[test]
    fn a_single_group_is_refused() {
        let data = Dataset::new(
            Values::F32(vec![0.0; 20]),
            [1, 1],
            vec![0; 20],
            (0..20).collect(),
            vec![7; 20],
        );
        assert!(
            split(
                &data.expect("the columns have equal length"),
                &SplitConfig::default()
            )
            .is_err()
        );
    }
}
