//! The files that commands read: weights, labelled features, and the answers of a cross-validation.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tonearm::data::Dataset;
use tonearm::data::split::Split;
use tonearm::evaluation::calibration::HeldOut;
use tonearm::weights::{Metadata, Weights};

use crate::{labels, table};

/// Reads a weights file from disk.
///
/// # Errors
/// If the file cannot be opened or is no weights file.
pub fn read_weights(path: &Path) -> Result<Weights> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Weights::read(&bytes).with_context(|| path.display().to_string())
}

/// Reads labelled features from disk.
///
/// # Errors
/// If the file cannot be opened or is no such archive.
pub fn read_data(path: &Path) -> Result<Dataset> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Dataset::from_npz(BufReader::new(file)).with_context(|| path.display().to_string())
}

/// Reads what `train --folds --record` keeps, in the order of the file, with the file's rows.
///
/// # Errors
/// If the file cannot be read, or does not hold logits of so many labels.
pub fn read_held_out(path: &Path, n_labels: usize) -> Result<(HeldOut, Dataset)> {
    let data = read_data(path)?;
    ensure!(
        data.shape == [1, n_labels] && !data.is_empty(),
        "{} does not hold logits of these weights' labels",
        path.display()
    );
    data.check_labels(n_labels)?;
    Ok((held_out(&data), data))
}

/// What [`read_held_out`] read, of the rows that are left.
pub fn held_out(data: &Dataset) -> HeldOut {
    let rows: Vec<usize> = (0..data.len()).collect();
    let logits = rows.iter().map(|&row| {
        let mut logits = vec![0.0; data.row_len()];
        data.row_into(row, &mut logits);
        logits
    });
    HeldOut::new(logits.collect(), data, &rows)
}

/// The rows of each file, in the order in which the weights read them: those of tracks that all
/// files have.
///
/// # Errors
/// If a file cannot be read, the files are not what the weights read, or they have no track in
/// common.
pub fn read_all(
    paths: &[PathBuf],
    labels: Option<&Path>,
    metadata: &Metadata,
) -> Result<Vec<Dataset>> {
    let inputs = metadata.inputs();
    let mut files = Vec::new();
    for path in paths {
        let data = match is_table(path) {
            true => table::read(path, Some(&metadata.labels))?.rows,
            false => read_data(path)?,
        };
        check_labels(labels, path, metadata, &data)?;
        files.push((path, data));
    }
    let mut sources = Vec::new();
    for input in &inputs {
        let fits = |(_, data): &&(&PathBuf, Dataset)| {
            data.shape == input.shape() && data.layout() == input.layout()
        };
        let Some((_, data)) = files.iter().find(fits) else {
            let [height, width] = input.shape();
            let got = files.iter().map(|(path, data)| {
                format!(
                    "those of {} are {} x {}",
                    path.display(),
                    data.shape[0],
                    data.shape[1]
                )
            });
            bail!(
                "the weights read rows of {height} x {width}, and {}",
                got.collect::<Vec<_>>().join(", ")
            );
        };
        sources.push(data.clone());
    }
    ensure!(
        files.len() == inputs.len(),
        "the weights read {} kinds of features, and --data was given {} times",
        inputs.len(),
        files.len()
    );
    if let [first, others @ ..] = &mut sources[..] {
        join(first, &mut others.iter_mut().collect::<Vec<_>>());
    }
    ensure!(!sources[0].is_empty(), "the files have no track in common");
    Ok(sources)
}

/// What the rows of the data were to the weights: by their artists, or, where those stand on all sides,
/// by dealing the rows out once more. That these are the same rows is told by their number alone.
///
/// # Errors
/// If the weights come from a random split of other data.
pub fn split(weights: &Weights, data: &Dataset) -> Result<Split> {
    let card = &weights.metadata.card;
    let is_theirs = data.len() == card.data.rows;
    let all = || (0..data.len()).collect();
    if card.folds == 0 && card.split.random {
        ensure!(
            is_theirs,
            "these weights come from a random split of the {} rows of {}, and the data have {}",
            card.data.rows,
            card.data.file,
            data.len()
        );
        return Ok(Split::new(data, &card.split)?);
    }
    let of = |artists: &[i32]| -> Vec<usize> {
        let artists: HashSet<i32> = artists.iter().copied().collect();
        let is_theirs = |row: &usize| artists.contains(&data.artist_id[*row]);
        (0..data.len()).filter(is_theirs).collect()
    };
    let artists = &weights.artists;
    let is_nameless = artists.train.is_empty() && card.folds > 0;
    Ok(Split {
        train: match is_nameless && is_theirs {
            true => all(),
            false => of(&artists.train),
        },
        validation: of(&artists.validation),
        test: of(&artists.test),
    })
}

/// Whether a file is a table by its name; else it is an archive.
pub fn is_table(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Leaves of each source the rows of tracks that all have, in the order of the first.
pub fn join(first: &mut Dataset, others: &mut [&mut Dataset]) {
    let places: Vec<HashMap<i32, usize>> = others
        .iter()
        .map(|data| data.track_id.iter().copied().zip(0..).collect())
        .collect();
    let in_all = |row: &usize| {
        let track = &first.track_id[*row];
        places.iter().all(|places| places.contains_key(track))
    };
    let rows: Vec<usize> = (0..first.len()).filter(in_all).collect();
    *first = first.select(&rows);
    for (data, places) in others.iter_mut().zip(&places) {
        let rows: Vec<usize> = first.track_id.iter().map(|track| places[track]).collect();
        **data = data.select(&rows);
    }
}

/// Refuses data with other labels than the weights'.
///
/// # Errors
/// If a label has no name, or the list of names beside the file, or given, is another.
pub fn check_labels(
    labels: Option<&Path>,
    file: &Path,
    metadata: &Metadata,
    data: &Dataset,
) -> Result<()> {
    data.check_labels(metadata.labels.len())?;
    let beside = file.with_extension("genres.json");
    let path = match labels {
        Some(path) => path,
        None if beside.exists() => &beside,
        None => return Ok(()),
    };
    ensure!(
        labels::read(path)? == metadata.labels,
        "{} names other labels than the weights ({}); extract the data again with --labels",
        path.display(),
        metadata.labels.join(", ")
    );
    Ok(())
}
