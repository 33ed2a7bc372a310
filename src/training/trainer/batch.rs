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

/// Points at which a random colouring of the spectrum is drawn; it is linear between them.
const COLOUR_KNOTS: usize = 6;

/// Deals out the training rows in random order, augmented.
pub(super) struct Batcher {
    rows: Vec<usize>,
    normalisation: Normalisation,
    n_labels: usize,
    rng: Pcg64,
    /// One whole row, kept so that a step allocates none.
    values: Vec<f32>,
    /// What is added to each channel of a row.
    offsets: Vec<f32>,
}

/// One batch, on the device.
pub(super) struct Batch {
    /// `[batch, height, width]`, normalised
    pub(super) rows: Tensor<3>,
    /// `[batch, n_labels]`; each row sums to 1
    pub(super) targets: Tensor<2>,
    /// `[batch, n_embedding]`; none without a teacher
    pub(super) embeddings: Option<Tensor<2>>,
}

/// What one row of a batch is made into.
struct Draw<'a> {
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

    /// Begins an epoch: a new order, and random numbers that depend on nothing before it.
    pub(super) fn shuffle(&mut self, rng: Pcg64) {
        self.rng = rng;
        self.rows.sort_unstable();
        self.rows.shuffle(&mut self.rng);
    }

    /// The batch at `position` in the epoch.
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
        let cut = layout.with_frames(recipe.crop.unwrap_or(layout.n_frames));
        let n_embedding = teacher.map_or(0, Teacher::n_embedding);

        let mut rows = vec![0.0; n * cut.n_values()];
        let mut targets = vec![0.0; n * self.n_labels];
        let mut embeddings = vec![0.0; n * n_embedding];
        for index in 0..n {
            let draw = Draw {
                values: &mut rows[index * cut.n_values()..][..cut.n_values()],
                target: &mut targets[index * self.n_labels..][..self.n_labels],
                embedding: &mut embeddings[index * n_embedding..][..n_embedding],
            };
            self.draw(data, teacher, self.rows[start + index], recipe, cut, draw);
        }

        let [height, width] = cut.shape();
        let rows = TensorData::new(rows, [n, height, width]);
        let targets = TensorData::new(targets, [n, self.n_labels]);
        let embeddings = TensorData::new(embeddings, [n, n_embedding]);
        Batch {
            rows: Tensor::from_data(rows, device),
            targets: Tensor::from_data(targets, device),
            embeddings: teacher.map(|_| Tensor::from_data(embeddings, device)),
        }
    }

    /// Draws one row: cut, perhaps mixed with another, level and colour changed, blanked in places.
    fn draw(
        &mut self,
        data: &Dataset,
        teacher: Option<&Teacher>,
        row: usize,
        recipe: &Recipe,
        cut: Layout,
        mut draw: Draw,
    ) {
        let mut share = 1.0;
        if self.rng.random_bool(recipe.mixup) {
            share = self.rng.random_range(0.5..1.0);
            let other = self.rows[self.rng.random_range(0..self.rows.len())];
            self.add(data, teacher, other, 1.0 - share, recipe, cut, &mut draw);
        }
        self.add(data, teacher, row, share, recipe, cut, &mut draw);
        self.mask(recipe, cut, draw.values);
    }

    /// Adds `share` of a random cut of a row, and of what is to be learnt of it.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a row is drawn from and into"
    )]
    fn add(
        &mut self,
        data: &Dataset,
        teacher: Option<&Teacher>,
        row: usize,
        share: f32,
        recipe: &Recipe,
        cut: Layout,
        draw: &mut Draw,
    ) {
        self.add_values(data, row, share, recipe, cut, draw.values);

        let label = usize::from(data.y[row]);
        let trust = teacher.map_or(0.0, |_| recipe.distillation as f32);
        let smooth = recipe.label_smoothing as f32;
        for (index, target) in draw.target.iter_mut().enumerate() {
            let hard = f32::from(u8::from(index == label));
            let hard = (1.0 - smooth) * hard + smooth / self.n_labels as f32;
            let soft = teacher.map_or(0.0, |teacher| teacher.probabilities(row)[index]);
            *target += share * ((1.0 - trust) * hard + trust * soft);
        }
        if let Some(teacher) = teacher {
            for (out, value) in draw.embedding.iter_mut().zip(teacher.embedding(row)) {
                *out += share * value;
            }
        }
    }

    /// Adds `share` of a random cut of a row to `out`.
    fn add_values(
        &mut self,
        data: &Dataset,
        row: usize,
        share: f32,
        recipe: &Recipe,
        cut: Layout,
        out: &mut [f32],
    ) {
        let layout = data.layout();
        let start = self.rng.random_range(0..=layout.n_frames - cut.n_frames);
        self.values.resize(data.row_len(), 0.0);
        data.row_into(row, &mut self.values);

        // Brightness is cut off at black and white, so a picture is changed before it is
        // normalised; coefficients have deviations of their own, so they are changed after.
        let grey = matches!(data.x, Values::U8(_));
        if !grey {
            self.normalisation.apply(&mut self.values, layout);
        }
        self.draw_offsets(recipe, layout.n_channels, grey);
        for (channel, offset) in self.offsets.iter().enumerate() {
            for frame in start..start + cut.n_frames {
                let value = &mut self.values[layout.at(channel, frame)];
                *value += offset;
                if grey {
                    *value = value.clamp(0.0, 1.0);
                }
            }
        }
        if grey {
            self.normalisation.apply(&mut self.values, layout);
        }
        for channel in 0..cut.n_channels {
            for frame in 0..cut.n_frames {
                out[cut.at(channel, frame)] +=
                    share * self.values[layout.at(channel, start + frame)];
            }
        }
    }

    /// Draws what is added to each channel: to a picture a level and a smooth colouring, to
    /// anything else an offset of each coefficient, the first of which is the level.
    fn draw_offsets(&mut self, recipe: &Recipe, n_channels: usize, grey: bool) {
        self.offsets.clear();
        let mut noise = |size: f64| match size > 0.0 {
            true => self.rng.random_range(-size..=size) as f32,
            false => 0.0,
        };
        let level = noise(recipe.gain);
        if !grey {
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
            let place = channel as f32 / (n_channels.max(2) - 1) as f32 * last;
            let knot = (place as usize).min(COLOUR_KNOTS - 2);
            let part = place - knot as f32;
            self.offsets
                .push(level + knots[knot] * (1.0 - part) + knots[knot + 1] * part);
        }
    }

    /// Blanks one run of channels and one of frames.
    ///
    /// # Source
    /// Park et al., *SpecAugment*, Interspeech 2019.
    fn mask(&mut self, recipe: &Recipe, cut: Layout, values: &mut [f32]) {
        let mut run = |most: usize, length: usize| {
            let wide = self.rng.random_range(0..=most.min(length));
            let start = self.rng.random_range(0..=length - wide);
            start..start + wide
        };
        let channels = run(recipe.mask_channels, cut.n_channels);
        let frames = run(recipe.mask_frames, cut.n_frames);
        for channel in 0..cut.n_channels {
            for frame in 0..cut.n_frames {
                if channels.contains(&channel) || frames.contains(&frame) {
                    values[cut.at(channel, frame)] = 0.0;
                }
            }
        }
    }
}
