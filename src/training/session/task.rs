//! What each recipe trains, and what becomes of it.

use burn::tensor::Device;

use crate::data::Dataset;
use crate::features::{FeatureConfig, Input};
use crate::models::cnn::CnnConfig;
use crate::models::mlp::MlpConfig;
use crate::models::rnn::RnnConfig;
use crate::models::{ModelConfig, Network, Normalisation, row_embeddings};
use crate::recipe::Recipe;
use crate::training::project::{Project, RecipeName, Settings};
use crate::training::trainer::{Trainer, TrainingData};
use crate::training::transfer::Backbone;
use crate::weights::{Part, Weights};
use crate::{Error, Result};

/// Blocks of the trained CNN that fine-tuning leaves as they are: the last two and the head learn.
const FROZEN: usize = 4;

/// Channels of a CNN that starts from nothing: half of the shipped one's, for a fraction of its data.
const SMALL: [usize; 6] = [8, 16, 16, 32, 32, 64];

/// MLPs that answer for a table together.
const MEMBERS: usize = 4;

/// A recipe with what it needs.
pub(super) enum TrainingTask {
    /// A linear layer on the embeddings of a CNN.
    LinearProbe(Backbone),
    /// The last blocks of a CNN.
    FineTune(Backbone),
    /// A network that starts from nothing.
    FromScratch(ModelConfig, Input),
}

impl TrainingTask {
    pub(super) fn new(
        settings: &Settings,
        project: &Project,
        base: &Weights,
        device: &Device,
    ) -> Result<Self> {
        let n_labels = project.manifest.classes.len();
        if project.manifest.columns.is_some() != (settings.recipe == RecipeName::Mlp) {
            let reason = "a table is learnt by the MLP, and audio by the other networks";
            return Err(Error::Project(reason.into()));
        }
        Ok(match settings.recipe {
            RecipeName::Transfer => Self::LinearProbe(Backbone::new(base, device)?),
            RecipeName::FineTune => Self::FineTune(Backbone::new(base, device)?),
            RecipeName::Cnn => Self::FromScratch(
                ModelConfig::Cnn(
                    CnnConfig::new(n_labels)
                        .with_channels(SMALL)
                        .with_dropout(settings.dropout),
                ),
                Input::Audio(FeatureConfig::mel()),
            ),
            RecipeName::Rnn => Self::FromScratch(
                ModelConfig::Rnn(RnnConfig::new(n_labels).with_dropout(settings.dropout)),
                Input::Audio(FeatureConfig::mfcc()),
            ),
            RecipeName::Mlp => {
                let (columns, _) = project.table()?;
                let shape = MlpConfig::new(columns.names.len(), n_labels)
                    .with_hidden(vec![128, 128])
                    .with_members(MEMBERS)
                    .with_dropout(settings.dropout);
                Self::FromScratch(ModelConfig::Mlp(shape), Input::Columns(columns))
            }
        })
    }

    /// The rows of a project's windows, as the recipe reads them.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there are not as many as the files have windows.
    pub(super) fn rows(&self, project: &Project) -> Result<Dataset> {
        match self {
            Self::FromScratch(_, Input::Columns(_)) => Ok(project.table()?.1),
            Self::FromScratch(_, Input::Audio(FeatureConfig::Mfcc(_))) => project.pieces(),
            _ => project.pictures(),
        }
    }

    /// Rows of a window.
    pub(super) fn n_pieces(&self) -> usize {
        match self {
            Self::FromScratch(_, input) => input.n_pieces(),
            Self::LinearProbe(_) | Self::FineTune(_) => 1,
        }
    }

    /// The CNN that has to hear all windows before training starts.
    pub(super) fn backbone(&self) -> Option<&Backbone> {
        match self {
            Self::LinearProbe(backbone) => Some(backbone),
            Self::FineTune(_) | Self::FromScratch(..) => None,
        }
    }

    /// A trainer before its first step.
    ///
    /// # Errors
    /// [`Error::Config`] if a setting is out of range.
    pub(super) fn begin(
        &self,
        recipe: Recipe,
        data: TrainingData,
        rows: Vec<usize>,
        n_labels: usize,
        device: &Device,
    ) -> Result<Trainer> {
        match self {
            Self::LinearProbe(backbone) => {
                let head = backbone.head(n_labels);
                let model = ModelConfig::Mlp(head.clone());
                // A layer that knows nothing: few rows would not undo what chance had put there.
                let nothing = vec![0.0; head.n_inputs * n_labels];
                let start = head.with_weights(nothing, &device.clone().autodiff());
                let trainer = Trainer::new(&model, recipe, data, rows, device)?;
                Ok(trainer.starting_from(Network::Mlp(start), None))
            }
            Self::FineTune(backbone) => {
                let (model, start) = backbone.tail(n_labels, FROZEN, &device.clone().autodiff())?;
                let normalisation = backbone.part().normalisation.clone();
                let trainer = Trainer::new(&model, recipe, data, rows, device)?;
                Ok(trainer.starting_from(start, Some(normalisation)))
            }
            Self::FromScratch(model, _) => Trainer::new(model, recipe, data, rows, device),
        }
    }

    /// What the network that was trained hears in some rows; of a table, the rows themselves on one scale.
    ///
    /// # Shapes
    /// - returns `[n_rows][n_features]`
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub(super) async fn embed(
        &self,
        (network, normalisation): (&Network, &Normalisation),
        data: &Dataset,
        rows: &[usize],
        device: &Device,
    ) -> Result<Vec<Vec<f32>>> {
        if let Self::FromScratch(_, Input::Columns(_)) = self {
            let row = |&row: &usize| {
                let mut values = vec![0.0; data.row_len()];
                data.row_into(row, &mut values);
                normalisation.apply(&mut values, data.layout());
                values
            };
            return Ok(rows.iter().map(row).collect());
        }
        row_embeddings(network, normalisation, data, rows, device).await
    }

    /// The network that answers, from the one that was trained.
    ///
    /// # Errors
    /// [`Error::Device`] if the device cannot be read.
    pub(super) async fn finish(
        &self,
        network: &Network,
        normalisation: &Normalisation,
    ) -> Result<(Part, Network)> {
        match self {
            Self::LinearProbe(backbone) => backbone.with_head(network).await,
            Self::FineTune(backbone) => {
                let n_labels = match network {
                    Network::Cnn(cnn) => cnn.n_labels(),
                    _ => return Err(Error::Project("another network was trained".into())),
                };
                Ok((backbone.part_for(n_labels), network.clone()))
            }
            Self::FromScratch(model, input) => {
                let part = Part::new(model.clone(), input.clone(), normalisation.clone());
                Ok((part, network.clone()))
            }
        }
    }
}
