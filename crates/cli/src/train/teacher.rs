//! A teacher for distillation: a linear classifier on embeddings from a larger network.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::split::{Split, SplitConfig};
use tonearm::data::{Dataset, Matrix};
use tonearm::evaluation::metrics::argmax;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::{ModelConfig, Normalisation, Scale, row_logits, softmax};
use tonearm::recipe::Recipe;
use tonearm::training::trainer::{Teacher, Trainer, TrainingData};

use crate::{input::sources, output};

/// Folds within the training set: the teacher's prediction for a row comes from a classifier that was not
/// trained on it.
const INNER_FOLDS: usize = 5;

/// Embeddings of the rows of a data set, in the same order.
pub struct Embeddings {
    rows: Dataset,
}

impl Embeddings {
    /// Reads embeddings, and drops the rows of `data` whose track has none.
    ///
    /// # Errors
    /// If the file cannot be read, or its labels or artists differ from those of `data`.
    pub fn read(path: &Path, data: &mut Dataset) -> Result<Self> {
        let mut rows = sources::read_data(path)?;
        sources::join(data, &mut [&mut rows]);
        ensure!(
            rows.y == data.y && rows.artist_id == data.artist_id,
            "the labels or artists in {} differ from those of the same tracks in --data",
            path.display()
        );
        Ok(Self { rows })
    }

    /// The teacher's probabilities and the embeddings of the training rows.
    ///
    /// The probabilities of a row come from a classifier that was not trained on its artist. Rows outside
    /// the training set get uniform probabilities, which are not used.
    pub fn teach(&self, train: &[usize], n_labels: usize, device: &Device) -> Result<Teacher> {
        let inner = self.rows.select(train);
        let config = SplitConfig {
            seed: 1,
            validation: 0.0,
            ..SplitConfig::default()
        };
        let uniform = vec![1.0 / n_labels as f32; n_labels];
        let mut probabilities = vec![uniform; self.rows.len()];
        let mut n_correct = 0;
        for split in Split::folds(&inner, &config, INNER_FOLDS)? {
            let logits = self.fold_logits(&inner, &split, n_labels, device)?;
            for (&row, logits) in split.test.iter().zip(logits.rows()) {
                n_correct += usize::from(argmax(logits) == usize::from(inner.y[row]));
                probabilities[train[row]] = softmax(logits, 1.0);
            }
        }
        output::note(format_args!(
            "teacher: top-1 {:.2} % on the training set, cross-validated by artist",
            100.0 * n_correct as f64 / train.len() as f64
        ));

        let normalisation = Normalisation::fit(&self.rows, train, Scale::Standard);
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let mut embeddings = self.rows.matrix(&all).into_values();
        normalisation.apply(&mut embeddings, self.rows.layout());
        let embeddings = Matrix::new(self.rows.row_len(), embeddings)?;
        Ok(Teacher::new(Matrix::from_iter(probabilities), embeddings)?)
    }

    /// Logits of the test rows of `split`, from a classifier trained on its training rows.
    fn fold_logits(
        &self,
        rows: &Dataset,
        split: &Split,
        n_labels: usize,
        device: &Device,
    ) -> Result<Matrix> {
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

/// Trains to the end without printing.
///
/// # Errors
/// As [`Trainer::new`] and [`Trainer::end_epoch`].
fn fit_quietly(
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
