//! The rows of one part of the split that weights were trained on.

use std::collections::HashSet;

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use tonearm::data::Dataset;
use tonearm::weights::{Artists, DataCard, Weights};

use crate::input::sources;
use crate::storage::weights_file::group_name;

/// A part of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The training set
    Train,
    /// The validation set
    Val,
    /// The test set
    Test,
    /// All rows
    All,
}

/// The rows of a part of the split, ascending.
///
/// # Errors
/// As [`sources::split`].
pub fn rows(weights: &Weights, data: &Dataset, part: Part) -> Result<Vec<usize>> {
    Ok(match part {
        Part::All => (0..data.len()).collect(),
        Part::Train => sources::split(weights, data)?.train,
        Part::Val => sources::split(weights, data)?.validation,
        Part::Test => sources::split(weights, data)?.test,
    })
}

/// Number of rows by artists in the training set.
pub fn count_seen(data: &Dataset, rows: &[usize], artists: &Artists) -> usize {
    let seen: HashSet<i32> = artists.train.iter().copied().collect();
    rows.iter()
        .filter(|row| seen.contains(&data.artist_id[**row]))
        .count()
}

/// How many of the rows are in the training set, as the end of a phrase; by artist or group if these are known.
pub fn describe_seen(n_seen: usize, data: &DataCard) -> String {
    match group_name(data) {
        Some(groups) => format!(", {n_seen} of them from {groups} in the training set"),
        None => format!(", {n_seen} of them in the training set"),
    }
}
