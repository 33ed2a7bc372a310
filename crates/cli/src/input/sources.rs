//! Labelled features and cross-validated logits, as commands read them.

use std::collections::{HashMap, HashSet};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::weights::{Metadata, Weights};

use crate::{input::labels, input::table, storage::files};

/// Reads labelled features.
///
/// # Errors
/// If the file cannot be read or is not an `.npz` archive of features.
pub fn read_data(path: &Path) -> Result<Dataset> {
    Dataset::from_npz(BufReader::new(files::open(path)?))
        .with_context(|| path.display().to_string())
}

/// Reads the logits that `train --folds --records` writes, in the order of the file, and the rows that
/// they belong to.
///
/// # Errors
/// If the file cannot be read, or does not hold logits for `n_labels` labels.
pub fn read_held_out(path: &Path, n_labels: usize) -> Result<(HeldOut, Dataset)> {
    let data = read_data(path)?;
    ensure!(
        data.shape == [1, n_labels] && !data.is_empty(),
        "{} does not hold logits for the labels of these weights",
        path.display()
    );
    data.check_labels(n_labels)?;
    Ok((held_out(&data), data))
}

/// The logits in a data set from [`read_held_out`], for example after [`join`].
pub fn held_out(data: &Dataset) -> HeldOut {
    let rows: Vec<usize> = (0..data.len()).collect();
    HeldOut::new(data.matrix(&rows), data, &rows)
}

/// The rows of tracks that are in all files: one data set per input of the weights, in their order.
///
/// # Errors
/// If a file cannot be read, the files do not match the inputs of the weights, or they have no track in
/// common.
pub fn read_all(
    paths: &[PathBuf],
    labels: Option<&Path>,
    metadata: &Metadata,
) -> Result<Vec<Dataset>> {
    let inputs = metadata.inputs();
    let mut given = Vec::new();
    for path in paths {
        let data = match is_table(path) {
            true => table::read(path, Some(&metadata.labels))?.rows,
            false => read_data(path)?,
        };
        check_labels(labels, path, metadata, &data)?;
        given.push((path, data));
    }
    let mut sources = Vec::new();
    for input in &inputs {
        let matches = |(_, data): &&(&PathBuf, Dataset)| {
            data.shape == input.shape() && data.layout() == input.layout()
        };
        let Some((_, data)) = given.iter().find(matches) else {
            let [height, width] = input.shape();
            let got = given.iter().map(|(path, data)| {
                format!(
                    "those in {} are {} x {}",
                    path.display(),
                    data.shape[0],
                    data.shape[1]
                )
            });
            bail!(
                "the weights expect rows of {height} x {width}, but {}",
                got.collect::<Vec<_>>().join(", ")
            );
        };
        sources.push(data.clone());
    }
    ensure!(
        given.len() == inputs.len(),
        "the weights expect {} data files, but --data was given {} times",
        inputs.len(),
        given.len()
    );
    if let [first, others @ ..] = &mut sources[..] {
        join(first, &mut others.iter_mut().collect::<Vec<_>>());
    }
    ensure!(
        !sources[0].is_empty(),
        "the --data files have no track in common"
    );
    Ok(sources)
}

/// The split that the weights were trained on, recovered from the artist ids in the weights file or, for a
/// random split, by splitting again with the same seed. Only the number of rows is checked, not whether
/// they are the same rows.
///
/// # Errors
/// If the weights come from a random split and the data has a different number of rows.
pub fn split(weights: &Weights, data: &Dataset) -> Result<Split> {
    let card = &weights.metadata.card;
    let same_size = data.len() == card.data.rows;
    let all = || (0..data.len()).collect();
    if card.folds == 0 && card.split.random {
        ensure!(
            same_size,
            "these weights were trained on a random split of the {} rows of {}, but the data has {}; \
             pass the same file with --data",
            card.data.rows,
            card.data.file,
            data.len()
        );
        return Ok(Split::new(data, &card.split)?);
    }
    let of = |artists: &[i32]| -> Vec<usize> {
        let artists: HashSet<i32> = artists.iter().copied().collect();
        let is_by_artist = |row: &usize| artists.contains(&data.artist_id[*row]);
        (0..data.len()).filter(is_by_artist).collect()
    };
    let artists = &weights.artists;
    // Trained on all rows of a table without groups, so no ids were saved.
    let has_no_ids = artists.train.is_empty() && card.folds > 0;
    Ok(Split {
        train: match has_no_ids && same_size {
            true => all(),
            false => of(&artists.train),
        },
        validation: of(&artists.validation),
        test: of(&artists.test),
    })
}

/// Whether a file is a CSV table, by its extension; otherwise it is an `.npz` archive.
pub fn is_table(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// Keeps the rows of tracks that all data sets have, in the order of the first.
pub fn join(first: &mut Dataset, others: &mut [&mut Dataset]) {
    let indices: Vec<HashMap<i32, usize>> = others
        .iter()
        .map(|data| data.track_id.iter().copied().zip(0..).collect())
        .collect();
    let in_all = |row: &usize| {
        let track = &first.track_id[*row];
        indices.iter().all(|indices| indices.contains_key(track))
    };
    let rows: Vec<usize> = (0..first.len()).filter(in_all).collect();
    *first = first.select(&rows);
    for (data, indices) in others.iter_mut().zip(&indices) {
        let rows: Vec<usize> = first.track_id.iter().map(|track| indices[track]).collect();
        **data = data.select(&rows);
    }
}

/// Checks that data and weights have the same labels: the list in `labels` if given, else the list beside
/// the file, if there is one.
///
/// # Errors
/// If a label number has no name, or the lists differ.
pub fn check_labels(
    labels: Option<&Path>,
    file: &Path,
    metadata: &Metadata,
    data: &Dataset,
) -> Result<()> {
    data.check_labels(metadata.labels.len())?;
    let default = file.with_extension("genres.json");
    let path = match labels {
        Some(path) => path,
        None if default.exists() => &default,
        None => return Ok(()),
    };
    ensure!(
        labels::read(path)? == metadata.labels,
        "the labels in {} differ from those of the weights ({}); extract the data again with --labels",
        path.display(),
        metadata.labels.join(", ")
    );
    Ok(())
}
