//! Batches of augmented rows.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::Teacher;
use crate::data::{Dataset, Values};
use crate::features::Layout;
use crate::models::Normalisation;
use crate::recipe::Recipe;

/// Number of knots of the random spectral envelope, which is piecewise linear.
const COLOUR_KNOTS: usize = 6;

/// Yields the training rows in random order, augmented.
pub(super) struct Batcher {
    rows: Vec<usize>,
    normalisation: Normalisation,
    n_labels: usize,
    rng: Pcg64,
    /// Buffer for one whole row, reused to avoid an allocation per step.
    values: Vec<f32>,
    /// Offset added to each channel of a row: `[n_channels]`
    offsets: Vec<f32>,
}

/// One batch, on the device.
pub(super) struct Batch {
    /// Normalised features: `[batch, height, width]`
    pub(super) rows: Tensor<3>,
    /// Target probabilities, which sum to 1 per row: `[batch, n_labels]`
    pub(super) targets: Tensor<2>,
    /// Embeddings of the teacher: `[batch, n_embedding]`; `None` without a teacher
    pub(super) embeddings: Option<Tensor<2>>,
}

/// Output slices of one row in a batch.
struct RowOutput<'a> {
    values: &'a mut [f32],
    target: &'a mut [f32],
    embedding: &'a mut [f32],
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
            values: Vec::new(),
            offsets: Vec::new(),
        }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    pub(super) fn set_normalisation(&mut self, normalisation: Normalisation) {
        self.normalisation = normalisation;
    }

    /// Starts an epoch with a new order. The random numbers depend only on `rng`.
    pub(super) fn shuffle(&mut self, rng: Pcg64) {
        self.rng = rng;
        self.rows.sort_unstable();
        self.rows.shuffle(&mut self.rng);
    }

    /// Batch at `position` in the epoch.
    pub(super) fn batch(
        &mut self,
        data: &Dataset,
        teacher: Option<&Teacher>,
        position: usize,
        recipe: &Recipe,
        device: &Device,
    ) -> Batch {
        let start = position * recipe.batch;
        let n = recipe.batch.min(self.rows.len() - start);
        let layout = data.layout();
        let crop = layout.with_frames(recipe.crop.unwrap_or(layout.n_frames));
        let n_embedding = teacher.map_or(0, Teacher::n_embedding);

        let mut rows = vec![0.0; n * crop.n_values()];
        let mut targets = vec![0.0; n * self.n_labels];
        let mut embeddings = vec![0.0; n * n_embedding];
        for index in 0..n {
            let output = RowOutput {
                values: &mut rows[index * crop.n_values()..][..crop.n_values()],
                target: &mut targets[index * self.n_labels..][..self.n_labels],
                embedding: &mut embeddings[index * n_embedding..][..n_embedding],
            };
            self.augment(
                data,
                teacher,
                self.rows[start + index],
                recipe,
                crop,
                output,
            );
        }

        let [height, width] = crop.shape();
        let rows = TensorData::new(rows, [n, height, width]);
        let targets = TensorData::new(targets, [n, self.n_labels]);
        let embeddings = TensorData::new(embeddings, [n, n_embedding]);
        Batch {
            rows: Tensor::from_data(rows, device),
            targets: Tensor::from_data(targets, device),
            embeddings: teacher.map(|_| Tensor::from_data(embeddings, device)),
        }
    }

    /// Augments one row: mixup of random crops with random gain and envelope, then SpecAugment masks.
    fn augment(
        &mut self,
        data: &Dataset,
        teacher: Option<&Teacher>,
        row: usize,
        recipe: &Recipe,
        crop: Layout,
        mut output: RowOutput,
    ) {
        let mut fraction = 1.0;
        if self.rng.random_bool(recipe.mixup) {
            fraction = self.rng.random_range(0.5..1.0);
            let other = self.rows[self.rng.random_range(0..self.rows.len())];
            self.add(
                data,
                teacher,
                other,
                1.0 - fraction,
                recipe,
                crop,
                &mut output,
            );
        }
        self.add(data, teacher, row, fraction, recipe, crop, &mut output);
        self.mask(recipe, crop, output.values);
    }

    /// Adds `fraction` of a random crop of a row and of its targets.
    #[expect(
        clippy::too_many_arguments,
        reason = "a struct of these would have a single use"
    )]
    fn add(
        &mut self,
        data: &Dataset,
        teacher: Option<&Teacher>,
        row: usize,
        fraction: f32,
        recipe: &Recipe,
        crop: Layout,
        output: &mut RowOutput,
    ) {
        self.add_values(data, row, fraction, recipe, crop, output.values);

        let label = usize::from(data.y[row]);
        let teacher_fraction = teacher.map_or(0.0, |_| recipe.distillation as f32);
        let smoothing = recipe.label_smoothing as f32;
        for (index, target) in output.target.iter_mut().enumerate() {
            let hard = f32::from(u8::from(index == label));
            let hard = (1.0 - smoothing) * hard + smoothing / self.n_labels as f32;
            let soft = teacher.map_or(0.0, |teacher| teacher.probabilities(row)[index]);
            *target += fraction * ((1.0 - teacher_fraction) * hard + teacher_fraction * soft);
        }
        if let Some(teacher) = teacher {
            for (out, value) in output.embedding.iter_mut().zip(teacher.embedding(row)) {
                *out += fraction * value;
            }
        }
    }

    /// Adds `fraction` of a random crop of a row to `out`.
    fn add_values(
        &mut self,
        data: &Dataset,
        row: usize,
        fraction: f32,
        recipe: &Recipe,
        crop: Layout,
        out: &mut [f32],
    ) {
        let layout = data.layout();
        let start = self.rng.random_range(0..=layout.n_frames - crop.n_frames);
        self.values.resize(data.row_len(), 0.0);
        data.row_into(row, &mut self.values);

        // Grey levels are clamped to 0..=1, so log-mel patches are augmented before normalisation.
        // MFCCs are augmented after it, because each coefficient has its own scale.
        let is_patch = matches!(data.x, Values::U8(_));
        if !is_patch {
            self.normalisation.apply(&mut self.values, layout);
        }
        self.draw_offsets(recipe, layout.n_channels, is_patch);
        for (channel, offset) in self.offsets.iter().enumerate() {
            for frame in start..start + crop.n_frames {
                let value = &mut self.values[layout.at(channel, frame)];
                *value += offset;
                if is_patch {
                    *value = value.clamp(0.0, 1.0);
                }
            }
        }
        if is_patch {
            self.normalisation.apply(&mut self.values, layout);
        }
        for channel in 0..crop.n_channels {
            for frame in 0..crop.n_frames {
                out[crop.at(channel, frame)] +=
                    fraction * self.values[layout.at(channel, start + frame)];
            }
        }
    }

    /// Draws the offset of each channel. A log-mel patch gets a gain and a smooth spectral
    /// envelope; other features get an independent offset per channel, with the gain added to the
    /// first.
    fn draw_offsets(&mut self, recipe: &Recipe, n_channels: usize, is_patch: bool) {
        self.offsets.clear();
        let mut noise = |size: f64| match size > 0.0 {
            true => self.rng.random_range(-size..=size) as f32,
            false => 0.0,
        };
        let level = noise(recipe.gain);
        if !is_patch {
            self.offsets
                .extend((0..n_channels).map(|_| noise(recipe.colour)));
            if let Some(first) = self.offsets.first_mut() {
                *first += level;
            }
            return;
        }
        let knots: [f32; COLOUR_KNOTS] = std::array::from_fn(|_| noise(recipe.colour));
        let last = (COLOUR_KNOTS - 1) as f32;
        for channel in 0..n_channels {
            let position = channel as f32 / (n_channels.max(2) - 1) as f32 * last;
            let knot = (position as usize).min(COLOUR_KNOTS - 2);
            let weight = position - knot as f32;
            self.offsets
                .push(level + knots[knot] * (1.0 - weight) + knots[knot + 1] * weight);
        }
    }

    /// Masks one run of channels and one run of frames with zeros.
    ///
    /// # Source
    /// Park et al., *SpecAugment*, Interspeech 2019.
    fn mask(&mut self, recipe: &Recipe, crop: Layout, values: &mut [f32]) {
        let mut run = |max_width: usize, length: usize| {
            let width = self.rng.random_range(0..=max_width.min(length));
            let start = self.rng.random_range(0..=length - width);
            start..start + width
        };
        let channels = run(recipe.mask_channels, crop.n_channels);
        let frames = run(recipe.mask_frames, crop.n_frames);
        for channel in 0..crop.n_channels {
            for frame in 0..crop.n_frames {
                if channels.contains(&channel) || frames.contains(&frame) {
                    values[crop.at(channel, frame)] = 0.0;
                }
            }
        }
    }
}
