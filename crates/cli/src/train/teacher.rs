//! A teacher from embeddings: a linear classifier on what a larger network made of the tracks.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::Dataset;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::evaluation::metrics::argmax;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::{ModelConfig, Normalisation, Scale, row_logits, softmax};
use tonearm::recipe::Recipe;
use tonearm::training::trainer::{Teacher, Trainer, TrainingData};

use crate::{output, sources};

/// Folds within the training rows: the teacher's view of a row comes from the others.
const INNER_FOLDS: usize = 5;

/// Embeddings of the rows of a data set, in their order.
pub struct Embeddings {
    rows: Dataset,
}

impl Embeddings {
    /// Reads embeddings, and leaves of `data` the rows that have one, by track.
    ///
    /// # Errors
    /// If the file cannot be read, or gives its tracks other labels or artists.
    pub fn read(path: &Path, data: &mut Dataset) -> Result<Self> {
        let mut rows = sources::read_data(path)?;
        sources::join(data, &mut [&mut rows]);
        ensure!(
            rows.y == data.y && rows.artist_id == data.artist_id,
            "{} gives its tracks other labels or artists",
            path.display()
        );
        Ok(Self { rows })
    }

    /// What a classifier of the embeddings says of the training rows, each row answered by a fit
    /// that has not seen its artist; and the embeddings themselves.
    ///
    /// Of the other rows it says nothing that is used.
    pub fn teach(&self, train: &[usize], n_labels: usize, device: &Device) -> Result<Teacher> {
        let inner = self.rows.select(train);
        let config = SplitConfig {
            seed: 1,
            validation: 0.0,
            ..SplitConfig::default()
        };
        let uniform = vec![1.0 / n_labels as f32; n_labels];
        let mut probabilities = vec![uniform; self.rows.len()];
        let mut right = 0;
        for split in Split::folds(&inner, &config, INNER_FOLDS)? {
            let logits = self.fit(&inner, &split, n_labels, device)?;
            for (&row, logits) in split.test.iter().zip(logits) {
                right += usize::from(argmax(&logits) == usize::from(inner.y[row]));
                probabilities[train[row]] = softmax(&logits, 1.0);
            }
        }
        output::note(format_args!(
            "teacher: {:.2} % of the training rows right, by artists that it had not seen",
            100.0 * right as f64 / train.len() as f64
        ));

        let normalisation = Normalisation::measure(&self.rows, train, Scale::Standard);
        let mut embeddings = vec![vec![0.0; self.rows.row_len()]; self.rows.len()];
        for (row, embedding) in embeddings.iter_mut().enumerate() {
            self.rows.row_into(row, embedding);
            normalisation.apply(embedding, self.rows.layout());
        }
        Ok(Teacher::new(&probabilities, &embeddings)?)
    }

    /// Logits of the test rows of `split`.
    fn fit(
        &self,
        rows: &Dataset,
        split: &Split,
        n_labels: usize,
        device: &Device,
    ) -> Result<Vec<Vec<f32>>> {
        let model = ModelConfig::Mlp(MlpConfig::new(rows.row_len(), n_labels));
        let data = TrainingData {
            rows,
            teacher: None,
        };
        let trainer = fit_quietly(&model, Recipe::linear(), data, &split.train, device)?;
        let (network, normalisation) = trainer.best().context("no epoch has ended")?;
        let logits = row_logits(network, normalisation, rows, &split.test, device);
        Ok(block_on(logits)?)
    }
}

/// Trains to the end without a word.
///
/// # Errors
/// As [`Trainer::new`] and [`Trainer::end_epoch`].
pub fn fit_quietly(
    model: &ModelConfig,
    recipe: Recipe,
    data: TrainingData,
    rows: &[usize],
    device: &Device,
) -> Result<Trainer> {
    let mut trainer = Trainer::new(model, recipe, data, rows.to_vec(), device)?;
    loop {
        for _ in 0..trainer.steps_per_epoch() {
            trainer.step(data);
        }
        if block_on(trainer.end_epoch(data.rows, &[], &[]))?.is_last {
            return Ok(trainer);
        }
    }
}
