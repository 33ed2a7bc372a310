//! `tonearm map`: adds a map of the training tracks to a weights file.

mod speech;

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::{Dataset, Matrix};
use tonearm::embedding_map::Map;
use tonearm::models::row_embeddings;
use tonearm::weights::{Metadata, NetworkSpec, Weights};

use crate::{input::sources, output, storage::weights_file, tsne};

/// Add a map of the training tracks to a weights file
///
/// The map is a t-SNE projection of the tracks' embeddings. Classifying with these weights then also lists the
/// nearest training tracks, and answers "not sure" for audio that resembles none of them. With --speech,
/// speech is also answered with "not sure".
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Weights file to add the map to
    #[arg(value_name = "W.bpk")]
    weights: PathBuf,
    /// Features of the training set; for weights of several networks, the features that the CNN reads
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// The same features of recorded speech, with speakers or collections of recordings as artists
    #[arg(long, value_name = "S.npz")]
    speech: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// If a file cannot be read, the network has no embeddings, or the data does not suit the network.
pub fn run(args: &Args) -> Result<()> {
    let mut weights = weights_file::read(&args.weights)?;
    let data = sources::read_data(&args.data)?;
    sources::check_labels(None, &args.data, &weights.metadata, &data)?;
    ensure!(
        !weights.metadata.card.split.random,
        "these weights were trained on a random split, so their training tracks are not known; train them with --split artist"
    );
    let train_artists: HashSet<i32> = weights.artists.train.iter().copied().collect();
    let is_training_row = |row: &usize| train_artists.contains(&data.artist_id[*row]);
    let (rows, others): (Vec<usize>, Vec<usize>) = (0..data.len()).partition(is_training_row);
    ensure!(
        !rows.is_empty(),
        "{} has no rows of the training set of these weights",
        args.data.display()
    );
    ensure!(
        weights.metadata.embedding().is_some(),
        "the network in {} has no embeddings, so its tracks cannot be mapped",
        args.weights.display()
    );
    let embed = |rows: &[usize]| {
        embed_rows(&weights, &data, rows).with_context(|| args.data.display().to_string())
    };
    let (embeddings, other_embeddings) = (embed(&rows)?, embed(&others)?);
    let mapped = data.select(&rows);
    let coordinates = tsne::coordinates(&embeddings)?;
    let mut map = Map::new(
        &embeddings,
        coordinates,
        mapped.y.clone(),
        mapped.track_id.clone(),
    )?;
    output::line(format_args!("Mapped {} tracks.", rows.len()))?;
    if let Some(path) = &args.speech {
        let recordings = sources::read_data(path)?;
        let speech_embeddings = embed_rows(
            &weights,
            &recordings,
            &(0..recordings.len()).collect::<Vec<_>>(),
        )
        .with_context(|| path.display().to_string())?;
        let embedded = |rows, embeddings| speech::Embedded { rows, embeddings };
        let speech = speech::fit_direction(
            &embedded(&mapped, &embeddings),
            &embedded(&recordings, &speech_embeddings),
        )?;
        map = map.with_speech(&speech.direction, speech.threshold)?;
        output::line(format_args!(
            "Of {} rows of speech, {:.1} % are recognised (cross-validated by speaker or collection); \
             1 in 100 tracks is mistaken for speech.",
            recordings.len(),
            speech.recall * 100.0
        ))?;
    }
    if !other_embeddings.is_empty() {
        let labels = &weights.metadata.labels;
        let out_of_distribution = other_embeddings.rows().filter(|row| {
            let position = map.position(&Matrix::from_iter([row]), labels);
            position.is_some_and(|position| position.out_of_distribution)
        });
        output::line(format_args!(
            "Of {} tracks by other artists, {:.1} % are out of distribution.",
            others.len(),
            100.0 * out_of_distribution.count() as f64 / others.len() as f64
        ))?;
    }
    weights.set_map(map)?;
    weights_file::save(&args.weights, &weights)
}

/// The network whose embeddings are mapped, or the network that classifies if none has a map.
pub fn embedding_network(metadata: &Metadata) -> &NetworkSpec {
    let mapped = metadata.embedding().map(|(_, part)| part);
    mapped.unwrap_or(&metadata.network)
}

/// Embeddings of rows from the [`embedding_network`].
///
/// # Errors
/// If the rows do not have the shape that the network reads.
pub fn embed_rows(weights: &Weights, data: &Dataset, rows: &[usize]) -> Result<Matrix> {
    let part = embedding_network(&weights.metadata);
    check_shape(part, data)?;
    let device = Device::flex();
    let network = match weights.metadata.embedding() {
        Some((name, _)) => weights.named(name, &device)?,
        None => weights.network(&device)?,
    };
    let embeddings = row_embeddings(&network, &part.normalisation, data, rows, &device);
    Ok(block_on(embeddings)?)
}

fn check_shape(part: &NetworkSpec, data: &Dataset) -> Result<()> {
    let [height, width] = part.input.shape();
    ensure!(
        data.shape == [height, width] && data.layout() == part.input.layout(),
        "its rows are {} x {}, but the mapped network reads {height} x {width}",
        data.shape[0],
        data.shape[1]
    );
    Ok(())
}
