//! `tonearm train`: trains a network and writes its weights file.

mod attributes;
mod card;
mod fit;
mod folds;
mod fusion;
mod later;
mod options;
mod print;
mod progress;
mod project;
mod run;
mod start;
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

use crate::storage::records::DataFile;
use crate::{input::labels, input::sources, input::table, output};
use options::{Options, RecipeKind};
use run::Run;
use teacher::Embeddings;

/// Train a network
///
/// Splits the rows by artist into training, validation and test set (70/15/15, or 60/20/20 with `mlp --recipe
/// original`) and measures the test set. With --folds, cross-validates the recipe first and then trains on
/// all rows; the card gives the figures of the cross-validation.
///
/// Ctrl-C saves the best epoch so far. To continue a stopped run after its last complete epoch, repeat the
/// command with --resume; the result is the same as without the interruption.
///
/// With --project instead of a network, repeats the training of a project that was exported from the page.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub struct Args {
    #[command(subcommand)]
    network: Option<Network>,
    #[command(flatten)]
    project: project::Args,
}

#[derive(Subcommand)]
enum Network {
    /// Train the convolutional network, on log-mel patches
    Cnn(AudioArgs),
    /// Train the recurrent network, on MFCC sequences
    Rnn(AudioArgs),
    /// Train the multi-layer perceptron, on tables of Echo Nest features
    Mlp(TableArgs),
    Attributes(attributes::Args),
    Fusion(fusion::Args),
}

#[derive(clap::Args)]
struct AudioArgs {
    /// Features from `tonearm extract`: mel for the CNN, mfcc for the RNN
    #[arg(long, value_name = "F.npz")]
    data: PathBuf,
    /// JSON list of genre names, in label order
    #[arg(long, value_name = "genres.json")]
    labels: PathBuf,
    /// Embeddings of the same tracks from a larger network, for distillation
    #[arg(long, value_name = "E.npz")]
    teacher: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct TableArgs {
    /// Table with the columns genre and the eight Echo Nest features, optionally track_id and group
    #[arg(long, value_name = "T.csv")]
    data: PathBuf,
    /// Genres to classify, in label order; rows of other genres are left out. Default: all genres of
    /// the table
    #[arg(long, value_name = "GENRE,GENRE", value_delimiter = ',')]
    genres: Option<Vec<String>>,
    /// Second table, with a group column, to cross-validate by group for comparison. Its folds run one
    /// after another, and start over with --resume
    #[arg(long, value_name = "T.csv", requires = "folds")]
    grouped: Option<PathBuf>,
    /// Class weighting: 0 weights all rows equally, 1 all genres equally. Default: 1, or 0 with
    /// --recipe original
    #[arg(long)]
    balance: Option<f64>,
    /// Width of each hidden layer
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Number of networks in the ensemble
    #[arg(long)]
    members: Option<usize>,
    /// Dropout probability after each hidden layer
    #[arg(long)]
    dropout: Option<f64>,
    #[command(flatten)]
    options: Options,
}

/// Runs the command.
///
/// # Errors
/// If the data cannot be read or does not suit the network, or the weights cannot be written.
pub fn run(args: &Args) -> Result<()> {
    let Some(network) = &args.network else {
        return project::run(&args.project);
    };
    match network {
        Network::Cnn(args) => audio(args, FeatureConfig::mel(), |kind, n| match kind {
            RecipeKind::Default => (ModelConfig::Cnn(CnnConfig::new(n)), Recipe::cnn()),
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

/// Trains a network on audio features.
fn audio(
    args: &AudioArgs,
    features: FeatureConfig,
    plan: impl Fn(RecipeKind, usize) -> (ModelConfig, Recipe),
) -> Result<()> {
    ensure!(
        !args.options.is_later_split(),
        "--split later works only with `train mlp`, on a table with the track ids of an archive"
    );
    let mut data = read_data(args, &features)?;
    let labels = labels::read(&args.labels)?;
    data.check_labels(labels.len())?;
    let n_rows = data.len();
    let embeddings = match &args.teacher {
        Some(path) => Some(Embeddings::read(path, &mut data)?),
        None => None,
    };
    if data.len() < n_rows && args.options.fit.is_none() {
        let n = n_rows - data.len();
        output::note(format_args!(
            "left out {n} rows whose tracks have no embedding in the --teacher file"
        ));
    }
    let (model, recipe) = plan(args.options.recipe, labels.len());
    let run = Run {
        options: &args.options,
        data: &data,
        files: data_files(&[Some(&args.data), Some(&args.labels), args.teacher.as_ref()])?,
        model,
        labels: &labels,
        grouping: Grouping::Artist,
        input: Input::Audio(features),
        recipe: args.options.apply(recipe),
        test_fraction: 0.15,
        embeddings,
        device: args.options.device.start()?,
    };
    run.train(Vec::new())
}

/// Reads the rows and checks that they have the shape of the features.
fn read_data(args: &AudioArgs, features: &FeatureConfig) -> Result<Dataset> {
    let path = args.data.display();
    let data = sources::read_data(&args.data)?;
    let [height, width] = features.shape();
    ensure!(
        data.shape == [height, width],
        "{path} has rows of {} x {}, but this network reads {height} x {width}; create them with \
         `tonearm extract --features mel` for the CNN, or `--features mfcc` for the RNN",
        data.shape[0],
        data.shape[1]
    );
    Ok(data)
}

/// Trains a network on a table.
fn mlp(args: &TableArgs) -> Result<()> {
    let table = table::read(&args.data, args.genres.as_deref())?;
    let grouped = match &args.grouped {
        Some(path) => Some(table::read(path, Some(&table.labels))?),
        None => None,
    };
    ensure!(
        grouped.as_ref().is_none_or(|table| table.has_groups),
        "the table given with --grouped has no column \"group\""
    );
    ensure!(
        table.has_groups && table.has_track_ids || !args.options.is_later_split(),
        "--split later needs the columns \"track_id\" and \"group\" in the table"
    );
    let device = args.options.device.start()?;
    let n_labels = table.labels.len();
    let base = MlpConfig::new(ECHO_NEST.len(), n_labels);
    let (model, recipe, test_fraction) = match args.options.recipe {
        RecipeKind::Default => (
            base.with_hidden(vec![128, 128])
                .with_members(8)
                .with_dropout(0.3),
            Recipe::mlp(),
            0.15,
        ),
        RecipeKind::Original => (
            base.with_hidden(vec![90]).with_single(n_labels == 2),
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
        class_weight: args.balance.unwrap_or(recipe.class_weight),
        ..recipe
    };
    let grouping = match table.has_groups {
        true => Grouping::Group,
        false => Grouping::None,
    };
    let files = data_files(&[Some(&args.data), args.grouped.as_ref()])?;
    let run = |data, grouping| Run {
        options: &args.options,
        data,
        files: files.clone(),
        grouping,
        model: ModelConfig::Mlp(model.clone()),
        labels: &table.labels,
        input: Input::Columns(Columns::echo_nest()),
        recipe: args.options.apply(recipe.clone()),
        test_fraction,
        embeddings: None,
        device: device.clone(),
    };
    let extra_figures = match &grouped {
        Some(grouped) => {
            run(&grouped.rows, Grouping::Group).cross_validation_figures("groups apart, ")?
        }
        None => Vec::new(),
    };
    run(&table.rows, grouping).train(extra_figures)
}

/// Names and checksums of the input files.
fn data_files(paths: &[Option<&PathBuf>]) -> Result<Vec<DataFile>> {
    let paths = paths.iter().flatten();
    paths.map(|path| DataFile::of(path)).collect()
}
