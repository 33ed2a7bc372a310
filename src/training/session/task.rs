//! Training task of each recipe: input, architecture and conversion to the final network.

use std::rc::Rc;

use burn::tensor::Device;

use crate::data::{Dataset, Matrix};
use crate::features::{FeatureConfig, Input};
use crate::models::cnn::CnnConfig;
use crate::models::mlp::MlpConfig;
use crate::models::rnn::RnnConfig;
use crate::models::{ModelConfig, Network, Normalisation, row_embeddings};
use crate::recipe::Recipe;
use crate::training::project::{Project, RecipeName, Settings};
use crate::training::trainer::{Trainer, TrainingData};
use crate::training::transfer::Backbone;
use crate::weights::{NetworkSpec, Weights};
use crate::{Error, Result};

/// Number of blocks of the pretrained CNN that fine-tuning freezes; the last two blocks and the
/// head are trained.
const FROZEN: usize = 4;

/// Channels of a CNN trained from scratch: half of the shipped one's, for much less data.
const SMALL: [usize; 6] = [8, 16, 16, 32, 32, 64];

/// Number of MLPs in the ensemble for a table.
const MEMBERS: usize = 4;

/// Training task with its backbone or architecture.
pub(super) enum TrainingTask {
    /// A linear layer on the embeddings of a frozen CNN.
    LinearProbe(Rc<Backbone>),
    /// The last blocks and the head of a pretrained CNN.
    FineTune(Box<Backbone>),
    /// A network with random initial parameters.
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
        let (got, expected) = (project.manifest.content(), settings.recipe.content());
        if got != expected {
            return Err(Error::RecipeKind { expected, got });
        }
        Ok(match settings.recipe {
            RecipeName::Transfer => Self::LinearProbe(Rc::new(Backbone::new(base, device)?)),
            RecipeName::FineTune => Self::FineTune(Box::new(Backbone::new(base, device)?)),
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

    /// Rows of a project's windows, as the network reads them.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the number of rows does not match the number of windows.
    pub(super) fn rows(&self, project: &Project) -> Result<Dataset> {
        match self {
            Self::FromScratch(_, Input::Columns(_)) => Ok(project.table()?.1),
            Self::FromScratch(_, Input::Audio(FeatureConfig::Mfcc(_))) => project.mfcc_segments(),
            _ => project.patches(),
        }
    }

    /// Number of rows per window.
    pub(super) fn n_segments(&self) -> usize {
        match self {
            Self::FromScratch(_, input) => input.n_segments(),
            Self::LinearProbe(_) | Self::FineTune(_) => 1,
        }
    }

    /// Pretrained CNN, if the task has one.
    pub(super) fn backbone(&self) -> Option<&Backbone> {
        match self {
            Self::LinearProbe(backbone) => Some(backbone),
            Self::FineTune(backbone) => Some(backbone),
            Self::FromScratch(..) => None,
        }
    }

    /// Backbone that has to embed all windows before training, if the task needs one.
    pub(super) fn embeds_first(&self) -> Option<Rc<Backbone>> {
        match self {
            Self::LinearProbe(backbone) => Some(Rc::clone(backbone)),
            Self::FineTune(_) | Self::FromScratch(..) => None,
        }
    }

    /// Training rows as embeddings for the map; `None` if they are features that still have to be
    /// embedded.
    ///
    /// # Shapes
    /// - returns `[n_rows][n_features]`
    pub(super) fn embeddings_in(&self, rows: &Dataset) -> Option<Matrix> {
        self.embeds_first()?;
        let all: Vec<usize> = (0..rows.len()).collect();
        Some(rows.matrix(&all))
    }

    /// Creates a trainer.
    ///
    /// # Errors
    /// [`Error::Config`] if a setting is out of range, [`Error::Dataset`] if the rows do not match
    /// the network.
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
                // Starts from zero: with few rows, training would not undo a random initialisation.
                let zeros = vec![0.0; head.n_inputs * n_labels];
                let start = head.with_weights(zeros, &device.clone().autodiff());
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

    /// Embeddings of some rows, for the map; for a table, the normalised rows themselves.
    ///
    /// # Shapes
    /// - returns `[n_rows][n_features]`
    ///
    /// # Errors
    /// [`Error::Device`] if the embeddings cannot be read from the device.
    pub(super) async fn embed(
        &self,
        (network, normalisation): (&Network, &Normalisation),
        data: &Dataset,
        rows: &[usize],
        device: &Device,
    ) -> Result<Matrix> {
        if let Self::FromScratch(_, Input::Columns(_)) = self {
            let mut values = data.matrix(rows).into_values();
            normalisation.apply(&mut values, data.layout());
            return Matrix::new(data.row_len(), values);
        }
        row_embeddings(network, normalisation, data, rows, device).await
    }

    /// Converts the trained network to the network of the weights file.
    ///
    /// # Errors
    /// [`Error::Device`] if the parameters cannot be read from the device.
    pub(super) async fn finish(
        &self,
        network: &Network,
        normalisation: &Normalisation,
    ) -> Result<(NetworkSpec, Network)> {
        match self {
            Self::LinearProbe(backbone) => backbone.with_head(network).await,
            Self::FineTune(backbone) => {
                let n_labels = match network {
                    Network::Cnn(cnn) => cnn.n_labels(),
                    _ => unreachable!("a fine-tuned network is a CNN"),
                };
                Ok((backbone.part_for(n_labels), network.clone()))
            }
            Self::FromScratch(model, input) => {
                let part = NetworkSpec::new(model.clone(), input.clone(), normalisation.clone());
                Ok((part, network.clone()))
            }
        }
    }
}
