//! A training run: the data, the network, the recipe and the options.

use std::collections::BTreeSet;

use anyhow::Result;
use burn::tensor::Device;
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::features::Input;
use tonearm::models::ModelConfig;
use tonearm::recipe::Recipe;
use tonearm::weights::{Artists, Grouping};

use super::options::Options;
use super::teacher::Embeddings;
use crate::storage::files;
use crate::storage::records::DataFile;

/// One call of `tonearm train` for a network that is trained in epochs.
pub struct Run<'a> {
    pub options: &'a Options,
    pub data: &'a Dataset,
    /// The input files; the file of `data` comes first.
    pub files: Vec<DataFile>,
    pub labels: &'a [String],
    /// What the artist ids of the rows stand for.
    pub grouping: Grouping,
    pub model: ModelConfig,
    pub input: Input,
    pub recipe: Recipe,
    /// Fraction of the rows in the validation set, and in the test set, when there are no folds.
    pub test_fraction: f64,
    pub embeddings: Option<Embeddings>,
    pub device: Device,
}

impl Run<'_> {
    /// How the rows are split.
    pub fn split_config(&self) -> SplitConfig {
        self.options.split(&self.recipe, self.test_fraction)
    }

    /// Identifies the run: a stopped run can be resumed only with the same key.
    pub fn key(&self) -> Result<String> {
        let settings = serde_json::to_vec(&(
            (&self.model, &self.input, &self.recipe),
            (self.labels, self.split_config()),
            (
                self.options.folds,
                self.options.repeats,
                self.options.train_fraction,
                self.options.is_later_split(),
            ),
            &self.files,
            (self.data.len(), self.options.device.name()),
            env!("CARGO_PKG_VERSION"),
        ))?;
        Ok(files::sha256_of_bytes(&settings))
    }

    /// The split with its training set reduced to `--train-share`, by whole artists.
    pub fn reduce_training_set(&self, split: Split) -> Result<Split> {
        let fraction = self.options.train_fraction;
        if fraction == 1.0 {
            return Ok(split);
        }
        let config = SplitConfig {
            validation: 0.0,
            test: 1.0 - fraction,
            ..self.split_config()
        };
        let reduced = Split::new(&self.data.select(&split.train), &config)?.train;
        Ok(Split {
            train: reduced.into_iter().map(|row| split.train[row]).collect(),
            ..split
        })
    }

    /// The artist ids (or group or row numbers) on each side of a split.
    pub fn artists(&self, split: &Split) -> Artists {
        // Without groups the ids are row numbers. They identify the test rows of the same table, but after
        // a fit on all rows they would only collide with the row numbers of other tables.
        if self.grouping == Grouping::None && split.test.is_empty() {
            return Artists::default();
        }
        let of = |rows: &[usize]| {
            let artists: BTreeSet<i32> = rows.iter().map(|&row| self.data.artist_id[row]).collect();
            artists.into_iter().collect()
        };
        Artists {
            train: of(&split.train),
            validation: of(&split.validation),
            test: of(&split.test),
        }
    }
}
