//! `tonearm train`: fits a network and writes its weights file.

mod attributes;
pub mod file;
mod folds;
mod fusion;
mod later;
mod options;
mod print;
mod progress;
mod project;
pub mod record;
mod run;
mod teacher;
mod workers;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Subcommand;
use tonearm::data::Dataset;
use tonearm::features::{Columns, ECHO_NEST, FeatureConfig, Input};
use tonearm::models::ModelConfig;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::original::{OriginalCnnConfig, OriginalRnnConfig};
use tonearm::models::rnn::RnnConfig;
use tonearm::recipe::Recipe;
use tonearm::weights::Grouping;

use crate::{labels, output, sources, table};
use options::{Options, RecipeKind};
use record::DataFile;
use run::Run;
use teacher::Embeddings;

/// Train a network
///
/// Rows are split by artist, 70/15/15; the figures come from the test rows. With --folds, the
/// recipe is cross-validated first and the file is then fitted on all rows; its card gives the
/// figures of the folds. Ctrl-C keeps the best so far. A run that was stopped in any way goes on after
/// its last whole epoch when the same command is given with --resume, and ends where it would have ended.
/// With --project in place of a network, what the page trained is trained again.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    network: Option<Network>,
    #[command(flatten)]
    project: project::Args,
}

#[derive(Subcommand)]
enum Network {
    /// The convolutional network on mel pictures
    Cnn(AudioArgs),
    /// The recurrent network on MFCC sequences
    Rnn(AudioArgs),
    /// The multi-layer perceptron on tables of Echo Nest features
    Mlp(TableArgs),
    Attributes(attributes::Args),
    Fusion(fusion::Args),
}

#[derive(clap::Args)]
struct AudioArgs {
    /// Features, as `tonearm extract` writes them: mel for the CNN, mfcc for the RNN
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// JSON list of the label names
    #[arg(long, value_name = "genres.json")]
    labels: PathBuf,
    /// Embeddings of the same tracks by a larger network, to learn from as well
    #[arg(long, value_name = "E.npz")]
    teacher: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct TableArgs {
    /// Table with the columns genre and the eight features, and perhaps track_id and group
    #[arg(long, value_name = "T.csv")]
    data: PathBuf,
    /// The genres to tell apart, in the order of the labels; rows of others are left out. Default:
    /// all of the table
    #[arg(long, value_name = "GENRE,GENRE", value_delimiter = ',')]
    genres: Option<Vec<String>>,
    /// Another table, whose rows have groups: with --folds it is cross-validated as well, groups
    /// apart, for a figure beside; one fold after another, and anew at each --resume
    #[arg(long, value_name = "T.csv", requires = "folds")]
    grouped: Option<PathBuf>,
    /// How much rows of rare genres count for more: 0 all rows alike, 1 all genres alike
    #[arg(long, default_value_t = 1.0)]
    balance: f64,
    /// Numbers of each hidden layer
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Networks that answer together
    #[arg(long)]
    members: Option<usize>,
    /// Share of the numbers dropped after each hidden layer while training
    #[arg(long)]
    dropout: Option<f64>,
    #[command(flatten)]
    options: Options,
}

/// Trains what was asked for.
///
/// # Errors
/// If the data cannot be read or does not fit, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let Some(network) = &args.network else {
        return project::run(&args.project);
    };
    match network {
        Network::Cnn(args) => audio(args, FeatureConfig::mel(), |kind, n| match kind {
            RecipeKind::Default => {
                let recipe = Recipe {
                    epochs: 24,
                    ..Recipe::cnn()
                };
                (ModelConfig::Cnn(CnnConfig::new(n)), recipe)
            }
            RecipeKind::Original => (
                ModelConfig::OriginalCnn(OriginalCnnConfig::new(n)),
                Recipe::original_cnn(),
            ),
        }),
        Network::Rnn(args) => audio(args, FeatureConfig::mfcc(), |kind, n| match kind {
            RecipeKind::Default => (ModelConfig::Rnn(RnnConfig::new(n)), Recipe::rnn()),
            RecipeKind::Original => (
                ModelConfig::OriginalRnn(OriginalRnnConfig::new(n)),
                Recipe::original_rnn(),
            ),
        }),
        Network::Mlp(args) => mlp(args),
        Network::Attributes(args) => attributes::run(args),
        Network::Fusion(args) => fusion::run(args),
    }
}

/// Trains a network that reads features of audio.
fn audio(
    args: &AudioArgs,
    features: FeatureConfig,
    plan: impl Fn(RecipeKind, usize) -> (ModelConfig, Recipe),
) -> Result<()> {
    ensure!(
        !args.options.later(),
        "--split later is for tables, whose tracks have the numbers of an archive"
    );
    let mut data = read_data(args, &features)?;
    let labels = labels::read(&args.labels)?;
    data.check_labels(labels.len())?;
    let n_before = data.len();
    let embeddings = match &args.teacher {
        Some(path) => Some(Embeddings::read(path, &mut data)?),
        None => None,
    };
    if data.len() < n_before && args.options.fit.is_none() {
        let n = n_before - data.len();
        output::note(format_args!(
            "left out {n} rows whose tracks the teacher does not have"
        ));
    }
    let (model, recipe) = plan(args.options.recipe, labels.len());
    let run = Run {
        options: &args.options,
        data: &data,
        files: files(&[Some(&args.data), Some(&args.labels), args.teacher.as_ref()])?,
        model,
        labels: &labels,
        grouping: Grouping::Artist,
        input: Input::Audio(features),
        recipe: args.options.apply(recipe),
        share: 0.15,
        embeddings,
        device: args.options.device.start()?,
    };
    run.train(Vec::new())
}

/// Reads the rows; they must be the features that the network will be given.
fn read_data(args: &AudioArgs, features: &FeatureConfig) -> Result<Dataset> {
    let path = args.data.display();
    let data = sources::read_data(&args.data)?;
    let [height, width] = features.shape();
    ensure!(
        data.shape == [height, width],
        "{path} has rows of {} x {}, and this network reads {height} x {width}: make them with \
         `tonearm extract --features mel` for the CNN, `--features mfcc` for the RNN",
        data.shape[0],
        data.shape[1]
    );
    Ok(data)
}

/// Trains a network that reads a table.
fn mlp(args: &TableArgs) -> Result<()> {
    let table = table::read(&args.data, args.genres.as_deref())?;
    let grouped = match &args.grouped {
        Some(path) => Some(table::read(path, Some(&table.labels))?),
        None => None,
    };
    ensure!(
        grouped.as_ref().is_none_or(|table| table.grouped),
        "the table given for --grouped has no column \"group\""
    );
    ensure!(
        table.grouped && table.tracks || !args.options.later(),
        "--split later needs the columns \"track_id\" and \"group\""
    );
    let device = args.options.device.start()?;
    let n_labels = table.labels.len();
    let shape = MlpConfig::new(ECHO_NEST.len(), n_labels);
    let (model, recipe, share) = match args.options.recipe {
        RecipeKind::Default => (
            shape
                .with_hidden(vec![128, 128])
                .with_members(8)
                .with_dropout(0.3),
            Recipe::mlp(),
            0.15,
        ),
        RecipeKind::Original => (
            shape.with_hidden(vec![90]).with_single(n_labels == 2),
            Recipe::original_mlp(),
            0.2,
        ),
    };
    let model = MlpConfig {
        hidden: args.hidden.clone().unwrap_or(model.hidden),
        members: args.members.unwrap_or(model.members),
        dropout: args.dropout.unwrap_or(model.dropout),
        ..model
    };
    let recipe = Recipe {
        balance: args.balance,
        ..recipe
    };
    let grouping = match table.grouped {
        true => Grouping::Group,
        false => Grouping::None,
    };
    let files = files(&[Some(&args.data), args.grouped.as_ref()])?;
    let run = |data, grouping| Run {
        options: &args.options,
        data,
        files: files.clone(),
        grouping,
        model: ModelConfig::Mlp(model.clone()),
        labels: &table.labels,
        input: Input::Columns(Columns::echo_nest()),
        recipe: args.options.apply(recipe.clone()),
        share,
        embeddings: None,
        device: device.clone(),
    };
    let beside = match &grouped {
        Some(grouped) => run(&grouped.rows, Grouping::Group).figures("groups apart, ")?,
        None => Vec::new(),
    };
    run(&table.rows, grouping).train(beside)
}

/// What identifies the files that were given.
fn files(given: &[Option<&PathBuf>]) -> Result<Vec<DataFile>> {
    let files = given.iter().flatten();
    files.map(|path| DataFile::of(path)).collect()
}
