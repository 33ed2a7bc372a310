//! Fused convolutions; matrix products are convolutions with a 1 x 1 kernel.
//!
//! Burn's CPU backend copies each input with `im2col` before it multiplies, and reads and writes memory
//! for batch normalisation, residual connection, ReLU and pooling. Here batch normalisation is folded
//! into the weights, and ReLU and the residual connection are applied while a tile is in registers.

use std::array::from_fn;

use burn::nn::BatchNorm;
use wide::f32x8;

use crate::error::Defect;
use crate::models::read;
use crate::{Error, Result};
use tonearm_dsp::simd::{WIDTH, load, max_in_place, store};

/// Number of pixels of a tile; with [`WIDTH`] channels each, the sums fit into registers.
const PIXELS: usize = 4;

/// The parameters of a convolution, in the layout of Burn.
pub struct Convolution {
    /// Height and width, both odd.
    pub kernel: [usize; 2],
    /// Stride along height and width.
    pub stride: [usize; 2],
    /// Whether the input is added to the output.
    pub residual: bool,
    /// Whether ReLU follows.
    pub relu: bool,
    /// Max pooling after ReLU, `[height, width]`.
    pub pool: [usize; 2],
    pub inputs: usize,
    pub outputs: usize,
    /// `[outputs][inputs][height][width]`
    pub weights: Vec<f32>,
    /// Scale and offset of each output channel.
    pub affine: Affine,
}

/// A scale and an offset per channel.
pub struct Affine {
    pub scale: Vec<f32>,
    pub offset: Vec<f32>,
}

impl Convolution {
    /// Creates a convolution with ReLU from weights `[outputs][inputs][height][width]`.
    pub fn with_relu(
        [outputs, inputs, height, width]: [usize; 4],
        weights: Vec<f32>,
        stride: [usize; 2],
        affine: Affine,
    ) -> Self {
        Self {
            kernel: [height, width],
            stride,
            relu: true,
            ..Self::pointwise(inputs, outputs, weights, affine)
        }
    }

    /// Creates a 1 x 1 convolution from weights `[outputs][inputs]`.
    pub fn pointwise(inputs: usize, outputs: usize, weights: Vec<f32>, affine: Affine) -> Self {
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
    /// Folds batch normalisation, with its current statistics, into a scale and an offset.
    ///
    /// # Errors
    /// [`Error::Device`] if the device fails, [`Error::Weights`] if the result is not finite.
    pub async fn from_batch_norm(norm: &BatchNorm) -> Result<Self> {
        let deviation = (norm.running_var.value() + norm.epsilon).sqrt();
        let scale = norm.gamma.val() / deviation;
        let offset = norm.beta.val() - norm.running_mean.value() * scale.clone();
        let (scale, offset) = (read(scale).await?, read(offset).await?);
        if !scale.iter().chain(&offset).all(|value| value.is_finite()) {
            let (part, got) = ("the scale of batch normalisation", "NaN or infinity");
            return Err(Error::weights(Defect::mismatch(part, "be finite", got)));
        }
        Ok(Self { scale, offset })
    }

    /// Creates an offset with a scale of 1.
    pub fn from_bias(offset: Vec<f32>) -> Self {
        Self {
            scale: vec![1.0; offset.len()],
            offset,
        }
    }
}

/// A convolution with its weights in the order in which the kernel reads them.
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

/// A zero-padded feature map, channels last.
pub struct FeatureMap {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    padding: [usize; 2],
    data: Vec<f32>, // [height + 2 * padding][width + 2 * padding][channels]
}

impl Layer {
    /// Reorders the weights and applies the scale.
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
            let index = (output * inputs + input) * n_pixels + at;
            convolution.weights[index] * scale[output]
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

    /// Returns the zero padding that the layer requires around its input.
    pub fn padding(&self) -> [usize; 2] {
        self.kernel.map(|length| length / 2)
    }

    /// Returns the output, with the zero padding that the next layer requires.
    pub fn forward(&self, x: &FeatureMap, padding: [usize; 2]) -> FeatureMap {
        let [pool_height, pool_width] = self.pool;
        let height = x.height.div_ceil(self.stride[0]);
        let width = x.width.div_ceil(self.stride[1]);
        let mut out = FeatureMap::new(
            [height / pool_height, width / pool_width, self.outputs],
            padding,
        );
        let mut row = vec![0.0; width * self.outputs];
        for y in 0..out.height {
            for part in 0..pool_height {
                self.row(x, y * pool_height + part, &mut row);
                let pixels = row.chunks_exact(self.outputs).take(out.width * pool_width);
                for (column, pixel) in pixels.enumerate() {
                    let pooled = out.pixel(y, column / pool_width);
                    if part == 0 && column % pool_width == 0 {
                        pooled.copy_from_slice(pixel);
                    } else {
                        max_in_place(pooled, pixel);
                    }
                }
            }
        }
        out
    }

    /// Computes one row before pooling.
    ///
    /// # Shapes
    /// - `out`: `[width][outputs]`
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

    /// Computes the convolution at `P` adjacent pixels, for one block of channels.
    #[inline]
    fn tile<const P: usize>(
        &self,
        rows: &[f32],
        row_len: usize,
        column: usize,
        block: usize,
    ) -> [f32x8; P] {
        let [height, width] = self.kernel;
        let n = width * self.inputs;
        let step = self.stride[1] * self.inputs;
        let weights = &self.weights[block * height * n..][..height * n];
        let mut sums = [self.offsets[block]; P];
        for (line, weights) in weights.chunks_exact(n).enumerate() {
            let row = &rows[line * row_len + column * step..];
            // The columns and channels of a kernel row are contiguous in the feature map.
            let pixels: [&[f32]; P] = from_fn(|pixel| &row[pixel * step..][..n]);
            for (at, weights) in weights.iter().enumerate() {
                for (sum, pixel) in sums.iter_mut().zip(&pixels) {
                    *sum += f32x8::splat(pixel[at]) * *weights;
                }
            }
        }
        sums
    }

    /// Applies the residual connection and ReLU, if any, and stores the tile.
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

/// Returns the values of the channels of a block; lanes beyond channel `n` are zero.
fn vectors(block: usize, n: usize, value: impl Fn(usize) -> f32) -> f32x8 {
    f32x8::new(from_fn(|lane| {
        let channel = block * WIDTH + lane;
        if channel < n { value(channel) } else { 0.0 }
    }))
}

impl FeatureMap {
    /// Creates a feature map of zeros.
    pub fn new([height, width, channels]: [usize; 3], padding: [usize; 2]) -> Self {
        Self {
            height,
            width,
            channels,
            padding,
            data: vec![0.0; (height + 2 * padding[0]) * (width + 2 * padding[1]) * channels],
        }
    }

    fn row_len(&self) -> usize {
        (self.width + 2 * self.padding[1]) * self.channels
    }

    fn index(&self, y: usize, x: usize) -> usize {
        (y + self.padding[0]) * self.row_len() + (x + self.padding[1]) * self.channels
    }

    /// Returns the channels of a pixel.
    pub fn at(&self, y: usize, x: usize) -> &[f32] {
        &self.data[self.index(y, x)..][..self.channels]
    }

    /// Returns the channels of a pixel for writing.
    pub fn pixel(&mut self, y: usize, x: usize) -> &mut [f32] {
        let index = self.index(y, x);
        &mut self.data[index..][..self.channels]
    }

    /// Copies values into the feature map.
    ///
    /// # Shapes
    /// - `values`: `[height][width][channels]`
    pub fn fill(&mut self, values: &[f32]) {
        let rows = values.chunks_exact(self.width * self.channels);
        for (y, row) in rows.enumerate() {
            let index = self.index(y, 0);
            self.data[index..][..row.len()].copy_from_slice(row);
        }
    }

    /// Returns the mean and the maximum over the height.
    ///
    /// # Shapes
    /// - returns `[width][2 * channels]`
    pub fn mean_and_max(&self) -> Vec<f32> {
        let columns = (0..self.width).map(|x| (0..self.height).map(move |y| self.at(y, x)));
        columns.flat_map(mean_and_max).collect()
    }
}

/// Returns the element-wise mean of the rows, followed by their maximum.
///
/// # Panics
/// If there are no rows.
pub fn mean_and_max<'a>(rows: impl ExactSizeIterator<Item = &'a [f32]> + Clone) -> Vec<f32> {
    let weight = 1.0 / rows.len() as f32;
    let mut max: Vec<f32> = rows.clone().next().expect("there is a row").to_vec();
    let mut out = vec![0.0; max.len()];
    for row in rows {
        for (mean, value) in out.iter_mut().zip(row) {
            *mean += weight * value;
        }
        max_in_place(&mut max, row);
    }
    out.append(&mut max);
    out
}
