//! `tonearm map`: adds to a weights file where its training tracks lie.

mod speech;

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::Dataset;
use tonearm::embedding_map::Map;
use tonearm::models::row_embeddings;
use tonearm::weights::{Metadata, Part, Weights};

use crate::train::file;
use crate::{output, sources, tsne};

/// Add a map of the training tracks to a weights file
///
/// The tracks are drawn by t-SNE of their embeddings. A track that is classified with the weights then
/// lands among those that it sounds like; one that is unlike all of them is answered "not sure". So is
/// speech, where it was learned what tells it from the tracks.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The weights; the map is added to this file
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Features of the tracks that it was trained on; of several networks, those that the CNN reads
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// The same features of recorded speech; the artists are the speakers, or collections of recordings
    #[arg(long, value_name = "S.npz")]
    speech: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the network has no embeddings, or the data are none that it reads.
pub fn run(args: &Args) -> Result<()> {
    let mut weights = sources::read_weights(&args.weights)?;
    let data = sources::read_data(&args.data)?;
    sources::check_labels(None, &args.data, &weights.metadata, &data)?;
    ensure!(
        !weights.metadata.card.split.random,
        "these weights come from a random split: it is not known which tracks they were fitted on"
    );
    let fitted: HashSet<i32> = weights.artists.train.iter().copied().collect();
    let is_fitted = |row: &usize| fitted.contains(&data.artist_id[*row]);
    let (rows, others): (Vec<usize>, Vec<usize>) = (0..data.len()).partition(is_fitted);
    ensure!(
        !rows.is_empty(),
        "{} has no track that the weights were fitted on",
        args.data.display()
    );
    ensure!(
        weights.metadata.embedding().is_some(),
        "{} has no embeddings to map",
        args.weights.display()
    );
    let embed = |rows: &[usize]| {
        embeddings(&weights, &data, rows).with_context(|| args.data.display().to_string())
    };
    let (embedded, unseen) = (embed(&rows)?, embed(&others)?);
    let mapped = data.select(&rows);
    let places = tsne::places(&embedded)?;
    let mut map = Map::new(&embedded, places, mapped.y.clone(), mapped.track_id.clone())?;
    output::line(format_args!("{} tracks are mapped.", rows.len()))?;
    if let Some(path) = &args.speech {
        let voices = sources::read_data(path)?;
        let spoken = embeddings(&weights, &voices, &(0..voices.len()).collect::<Vec<_>>())
            .with_context(|| path.display().to_string())?;
        let group = |rows, embeddings| speech::Embedded { rows, embeddings };
        let learned = speech::learn(&group(&mapped, &embedded), &group(&voices, &spoken))?;
        map = map.with_speech(&learned.direction, learned.limit)?;
        output::line(format_args!(
            "Of {} pieces of speech, {:.1} % are found by what was learned from other speakers or \
             collections; of the tracks, 1 in 100 is taken for speech.",
            voices.len(),
            learned.found * 100.0
        ))?;
    }
    if !unseen.is_empty() {
        let labels = &weights.metadata.labels;
        let strange = unseen.iter().filter(|row| {
            let place = map.place(&[row], labels);
            place.is_some_and(|place| place.strange)
        });
        output::line(format_args!(
            "Of {} tracks by other artists, {:.1} % are unlike all of them.",
            unseen.len(),
            100.0 * strange.count() as f64 / unseen.len() as f64
        ))?;
    }
    weights.set_map(map)?;
    file::save(&args.weights, &weights)
}

/// The network that embeds rows: that of the map, if there can be one, else the network that answers.
pub fn embedded(metadata: &Metadata) -> &Part {
    let mapped = metadata.embedding().map(|(_, part)| part);
    mapped.unwrap_or(&metadata.network)
}

/// Embeddings of rows by the [`embedded`] network.
///
/// # Errors
/// If the rows are none that the network reads.
pub fn embeddings(weights: &Weights, data: &Dataset, rows: &[usize]) -> Result<Vec<Vec<f32>>> {
    let part = embedded(&weights.metadata);
    check_shape(part, data)?;
    let device = Device::flex();
    let network = match weights.metadata.embedding() {
        Some((name, _)) => weights.named(name, &device)?,
        None => weights.network(&device)?,
    };
    let embeddings = row_embeddings(&network, &part.normalisation, data, rows, &device);
    Ok(block_on(embeddings)?)
}

fn check_shape(part: &Part, data: &Dataset) -> Result<()> {
    let [height, width] = part.input.shape();
    ensure!(
        data.shape == [height, width] && data.layout() == part.input.layout(),
        "its rows are {} x {}, and the network that is mapped reads {height} x {width}",
        data.shape[0],
        data.shape[1]
    );
    Ok(())
}
