//! Convolutions, and the products that are convolutions of one pixel.
//!
//! Burn's CPU backend copies each picture into columns before it multiplies, and reads and writes it
//! anew for batch norm, short cut, ReLU and pooling. Here batch norm is folded into the weights, and a
//! tile of the result stays in registers until it is pooled.

use std::array::from_fn;

use burn::nn::BatchNorm;
use wide::f32x8;

use crate::models::read;
use crate::{Error, Result};
use tonearm_dsp::simd::{WIDTH, load, max_in_place, store};

/// Pixels of a tile: with [`WIDTH`], as many sums as fit the registers.
const PIXELS: usize = 4;

/// A convolution as a network has it.
pub struct Convolution {
    /// Height and width, both odd.
    pub kernel: [usize; 2],
    /// Along height and width.
    pub stride: [usize; 2],
    /// Whether what comes in is added to what the convolution makes.
    pub residual: bool,
    /// Whether ReLU follows.
    pub relu: bool,
    /// Max pooling after ReLU, `[height, width]`.
    pub pool: [usize; 2],
    pub inputs: usize,
    pub outputs: usize,
    /// `[outputs][inputs][height][width]`
    pub weights: Vec<f32>,
    /// What each output is multiplied by, then what is added to it.
    pub affine: Affine,
}

/// A factor and a summand of each channel.
pub struct Affine {
    pub scale: Vec<f32>,
    pub offset: Vec<f32>,
}

impl Convolution {
    /// A product with `[outputs][inputs]` numbers: a convolution of one pixel.
    pub fn product(inputs: usize, outputs: usize, weights: Vec<f32>, affine: Affine) -> Self {
        Self {
            kernel: [1, 1],
            stride: [1, 1],
            residual: false,
            relu: false,
            pool: [1, 1],
            inputs,
            outputs,
            weights,
            affine,
        }
    }
}

impl Affine {
    /// Batch norm with the statistics that it has now.
    ///
    /// # Errors
    /// [`Error::Device`] if they cannot be read, [`Error::Weights`] if they are no numbers to divide by.
    pub async fn of(norm: &BatchNorm) -> Result<Self> {
        let deviation = (norm.running_var.value() + norm.epsilon).sqrt();
        let scale = norm.gamma.val() / deviation;
        let offset = norm.beta.val() - norm.running_mean.value() * scale.clone();
        let (scale, offset) = (read(scale).await?, read(offset).await?);
        if !scale.iter().chain(&offset).all(|value| value.is_finite()) {
            return Err(Error::Weights("its batch norm has no finite scale".into()));
        }
        Ok(Self { scale, offset })
    }

    /// A bias.
    pub fn bias(offset: Vec<f32>) -> Self {
        Self {
            scale: vec![1.0; offset.len()],
            offset,
        }
    }
}

/// A convolution with its numbers in the order in which they are read.
#[derive(Clone, Debug)]
pub struct Layer {
    kernel: [usize; 2],
    stride: [usize; 2],
    residual: bool,
    relu: bool,
    pool: [usize; 2],
    inputs: usize,
    outputs: usize,
    weights: Vec<f32x8>, // [outputs / WIDTH][height][width * inputs]
    offsets: Vec<f32x8>, // [outputs / WIDTH]
}

/// A picture with zeros around it, pixel by pixel.
pub struct FeatureMap {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    edge: [usize; 2],
    data: Vec<f32>, // [height + 2 * edge][width + 2 * edge][channels]
}

impl Layer {
    /// Orders the numbers.
    pub fn new(convolution: &Convolution) -> Self {
        let &Convolution {
            kernel,
            inputs,
            outputs,
            ..
        } = convolution;
        let Affine { scale, offset } = &convolution.affine;
        let [n_blocks, n_pixels] = [outputs.div_ceil(WIDTH), kernel[0] * kernel[1]];
        let mut weights = Vec::with_capacity(n_blocks * n_pixels * inputs);
        let scaled = |output: usize, input: usize, at: usize| {
            let place = (output * inputs + input) * n_pixels + at;
            convolution.weights[place] * scale[output]
        };
        for block in 0..n_blocks {
            for at in 0..n_pixels {
                for input in 0..inputs {
                    weights.push(vectors(block, outputs, |output| scaled(output, input, at)));
                }
            }
        }
        Self {
            kernel,
            stride: convolution.stride,
            residual: convolution.residual,
            relu: convolution.relu,
            pool: convolution.pool,
            inputs,
            outputs,
            weights,
            offsets: (0..n_blocks)
                .map(|block| vectors(block, outputs, |output| offset[output]))
                .collect(),
        }
    }

    /// Zeros that it needs around what it reads.
    pub fn edge(&self) -> [usize; 2] {
        self.kernel.map(|length| length / 2)
    }

    /// What it makes of a picture, with zeros around it for the next.
    pub fn forward(&self, x: &FeatureMap, edge: [usize; 2]) -> FeatureMap {
        let [tall, wide] = self.pool;
        let height = x.height.div_ceil(self.stride[0]);
        let width = x.width.div_ceil(self.stride[1]);
        let mut out = FeatureMap::new([height / tall, width / wide, self.outputs], edge);
        let mut row = vec![0.0; width * self.outputs];
        for y in 0..out.height {
            for part in 0..tall {
                self.row(x, y * tall + part, &mut row);
                let pixels = row.chunks_exact(self.outputs).take(out.width * wide);
                for (place, pixel) in pixels.enumerate() {
                    let most = out.pixel(y, place / wide);
                    if part == 0 && place % wide == 0 {
                        most.copy_from_slice(pixel);
                    } else {
                        max_in_place(most, pixel);
                    }
                }
            }
        }
        out
    }

    /// One row before pooling, `[width][outputs]`.
    pub fn row(&self, x: &FeatureMap, y: usize, out: &mut [f32]) {
        let width = out.len() / self.outputs;
        let rows = &x.data[y * self.stride[0] * x.row_len()..];
        for block in 0..self.offsets.len() {
            let whole = width - width % PIXELS;
            for column in (0..whole).step_by(PIXELS) {
                let sums = self.tile::<PIXELS>(rows, x.row_len(), column, block);
                self.finish(x, y, column, block, &sums, out);
            }
            for column in whole..width {
                let sums = self.tile::<1>(rows, x.row_len(), column, block);
                self.finish(x, y, column, block, &sums, out);
            }
        }
    }

    /// The convolution at `P` pixels side by side, of a block of channels.
    #[inline]
    fn tile<const P: usize>(
        &self,
        rows: &[f32],
        row_len: usize,
        column: usize,
        block: usize,
    ) -> [f32x8; P] {
        let [tall, wide] = self.kernel;
        let n = wide * self.inputs;
        let step = self.stride[1] * self.inputs;
        let weights = &self.weights[block * tall * n..][..tall * n];
        let mut sums = [self.offsets[block]; P];
        for (line, weights) in weights.chunks_exact(n).enumerate() {
            let row = &rows[line * row_len + column * step..];
            // A kernel's columns and channels lie one after the other in a row of the picture.
            let pixels: [&[f32]; P] = from_fn(|pixel| &row[pixel * step..][..n]);
            for (at, weights) in weights.iter().enumerate() {
                for (sum, pixel) in sums.iter_mut().zip(&pixels) {
                    *sum += f32x8::splat(pixel[at]) * *weights;
                }
            }
        }
        sums
    }

    /// Adds the short cut and keeps what is above zero, as the layer has them.
    #[inline]
    fn finish<const P: usize>(
        &self,
        x: &FeatureMap,
        y: usize,
        column: usize,
        block: usize,
        sums: &[f32x8; P],
        out: &mut [f32],
    ) {
        let first = block * WIDTH;
        let end = self.outputs.min(first + WIDTH);
        for (pixel, sums) in sums.iter().enumerate() {
            let mut sums = *sums;
            if self.residual {
                sums += load(&x.at(y, column + pixel)[first..]);
            }
            if self.relu {
                sums = sums.fast_max(f32x8::ZERO);
            }
            let out = &mut out[(column + pixel) * self.outputs..];
            store(sums, &mut out[first..end]);
        }
    }
}

/// A value of each channel of a block; zero beyond the last.
fn vectors(block: usize, n: usize, value: impl Fn(usize) -> f32) -> f32x8 {
    f32x8::new(from_fn(|lane| {
        let channel = block * WIDTH + lane;
        if channel < n { value(channel) } else { 0.0 }
    }))
}

impl FeatureMap {
    /// All zeros.
    pub fn new([height, width, channels]: [usize; 3], edge: [usize; 2]) -> Self {
        Self {
            height,
            width,
            channels,
            edge,
            data: vec![0.0; (height + 2 * edge[0]) * (width + 2 * edge[1]) * channels],
        }
    }

    fn row_len(&self) -> usize {
        (self.width + 2 * self.edge[1]) * self.channels
    }

    fn place(&self, y: usize, x: usize) -> usize {
        (y + self.edge[0]) * self.row_len() + (x + self.edge[1]) * self.channels
    }

    pub fn at(&self, y: usize, x: usize) -> &[f32] {
        &self.data[self.place(y, x)..][..self.channels]
    }

    pub fn pixel(&mut self, y: usize, x: usize) -> &mut [f32] {
        let place = self.place(y, x);
        &mut self.data[place..][..self.channels]
    }

    /// Takes `[height][width][channels]`.
    pub fn fill(&mut self, values: &[f32]) {
        let rows = values.chunks_exact(self.width * self.channels);
        for (y, row) in rows.enumerate() {
            let place = self.place(y, 0);
            self.data[place..][..row.len()].copy_from_slice(row);
        }
    }

    /// Mean and maximum over the height, `[width][2 * channels]`.
    pub fn mean_and_max(&self) -> Vec<f32> {
        let columns = (0..self.width).map(|x| (0..self.height).map(move |y| self.at(y, x)));
        columns.flat_map(mean_and_max).collect()
    }
}

/// Mean and maximum of rows of one length; there is at least one.
pub fn mean_and_max<'a>(rows: impl ExactSizeIterator<Item = &'a [f32]> + Clone) -> Vec<f32> {
    let share = 1.0 / rows.len() as f32;
    let mut most: Vec<f32> = rows.clone().next().expect("there is a row").to_vec();
    let mut out = vec![0.0; most.len()];
    for row in rows {
        for (mean, value) in out.iter_mut().zip(row) {
            *mean += share * value;
        }
        max_in_place(&mut most, row);
    }
    out.append(&mut most);
    out
}
