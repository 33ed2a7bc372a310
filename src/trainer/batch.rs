//! Batches of augmented rows.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::Recipe;
use crate::dataset::Dataset;
use crate::models::Normalisation;

/// Deals out the training rows in random order, augmented.
pub(super) struct Batcher {
    rows: Vec<usize>,
    normalisation: Normalisation,
    n_labels: usize,
    rng: Pcg64,
    /// One whole picture, kept so that a step allocates none.
    picture: Vec<f32>,
}

impl Batcher {
    pub(super) fn new(
        rows: Vec<usize>,
        normalisation: Normalisation,
        n_labels: usize,
        seed: u64,
    ) -> Self {
        Self {
            rows,
            normalisation,
            n_labels,
            rng: Pcg64::new(u128::from(seed), 0),
            picture: Vec::new(),
        }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    /// Begins an epoch: a new order, and random numbers that depend on nothing before it.
    pub(super) fn shuffle(&mut self, rng: Pcg64) {
        self.rng = rng;
        self.rows.sort_unstable();
        self.rows.shuffle(&mut self.rng);
    }

    /// The batch at `position` in the epoch.
    ///
    /// # Shapes
    /// - returns `[batch, n_mels, crop_columns]` and targets `[batch, n_labels]` that sum to 1
    pub(super) fn batch(
        &mut self,
        data: &Dataset,
        position: usize,
        recipe: &Recipe,
        device: &Device,
    ) -> (Tensor<3>, Tensor<2>) {
        let start = position * recipe.batch;
        let n = recipe.batch.min(self.rows.len() - start);
        let (n_mels, n_columns) = (data.shape[0], recipe.crop_columns);
        let mut pictures = vec![0.0; n * n_mels * n_columns];
        let mut targets =
            vec![(recipe.label_smoothing / self.n_labels as f64) as f32; n * self.n_labels];

        let crops = pictures.chunks_exact_mut(n_mels * n_columns);
        for (index, (crop, target)) in crops
            .zip(targets.chunks_exact_mut(self.n_labels))
            .enumerate()
        {
            self.draw(data, self.rows[start + index], recipe, crop, target);
        }
        let pictures = TensorData::new(pictures, [n, n_mels, n_columns]);
        let targets = TensorData::new(targets, [n, self.n_labels]);
        (
            Tensor::from_data(pictures, device),
            Tensor::from_data(targets, device),
        )
    }

    /// Draws one row: cut, perhaps mixed with another, level changed, blanked in places.
    fn draw(
        &mut self,
        data: &Dataset,
        row: usize,
        recipe: &Recipe,
        crop: &mut [f32],
        target: &mut [f32],
    ) {
        let weight = 1.0 - recipe.label_smoothing as f32;
        let mut share = 1.0;
        if self.rng.random_bool(recipe.mixup) {
            share = self.rng.random_range(0.5..1.0);
            let other = self.rows[self.rng.random_range(0..self.rows.len())];
            self.cut(data, other, recipe, 1.0 - share, crop);
            target[usize::from(data.y[other])] += weight * (1.0 - share);
        }
        self.cut(data, row, recipe, share, crop);
        target[usize::from(data.y[row])] += weight * share;
        self.mask(recipe, crop);
    }

    /// Adds `share` of a random cut of a row to `crop`.
    fn cut(&mut self, data: &Dataset, row: usize, recipe: &Recipe, share: f32, crop: &mut [f32]) {
        let [_, n_columns] = data.shape;
        let start = self.rng.random_range(0..=n_columns - recipe.crop_columns);
        let gain = self.rng.random_range(-1.0..=1.0) * recipe.gain as f32;
        self.picture.resize(data.row_len(), 0.0);
        data.row_into(row, &mut self.picture);
        for value in &mut self.picture {
            *value = (*value + gain).clamp(0.0, 1.0);
        }
        self.normalisation.apply(&mut self.picture);
        let bands = self.picture.chunks_exact(n_columns);
        for (out, band) in crop.chunks_exact_mut(recipe.crop_columns).zip(bands) {
            for (out, value) in out.iter_mut().zip(&band[start..]) {
                *out += share * value;
            }
        }
    }

    /// Blanks one run of mel bands and one of columns.
    ///
    /// # Source
    /// Park et al., *SpecAugment*, Interspeech 2019.
    fn mask(&mut self, recipe: &Recipe, crop: &mut [f32]) {
        let n_mels = crop.len() / recipe.crop_columns;
        let tall = self.rng.random_range(0..=recipe.mask_mels.min(n_mels));
        let mel = self.rng.random_range(0..=n_mels - tall);
        let wide = self
            .rng
            .random_range(0..=recipe.mask_columns.min(recipe.crop_columns));
        let column = self.rng.random_range(0..=recipe.crop_columns - wide);
        for (index, band) in crop.chunks_exact_mut(recipe.crop_columns).enumerate() {
            let blank = if (mel..mel + tall).contains(&index) {
                0..band.len()
            } else {
                column..column + wide
            };
            band[blank].fill(0.0);
        }
    }
}
