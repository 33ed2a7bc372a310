//! The CNN's convolutions in plain Rust, for one core without a library of kernels.
//!
//! Burn's CPU backend copies each picture into columns before it multiplies, and reads and writes it
//! anew for batch norm, short cut, ReLU and pooling. Here batch norm is folded into the weights, and a
//! tile of the result stays in registers until it is pooled.

use std::array::from_fn;

use wide::f32x8;

/// Channels of a tile: two vectors of WebAssembly's SIMD. Spelt out, since the compiler finds none in
/// plain loops there.
const LANES: usize = 8;

/// Pixels of a tile: with [`LANES`], as many sums as fit the registers.
const PIXELS: usize = 4;

/// A convolution as the network has it.
pub(super) struct Convolution {
    /// Length of its square kernel; odd.
    pub kernel: usize,
    pub stride: usize,
    /// Whether what comes in is added to what the convolution makes.
    pub residual: bool,
    /// Max pooling, `[height, width]`.
    pub pool: [usize; 2],
    pub inputs: usize,
    pub outputs: usize,
    /// `[outputs][inputs][kernel][kernel]`
    pub weights: Vec<f32>,
    /// Batch norm: what each output is multiplied by, then what is added to it.
    pub scale: Vec<f32>,
    pub offset: Vec<f32>,
}

/// Convolutions, each followed by ReLU and pooling.
#[derive(Clone, Debug)]
pub struct Direct {
    layers: Vec<Layer>,
}

/// A convolution with its numbers in the order in which they are read.
#[derive(Clone, Debug)]
struct Layer {
    kernel: usize,
    stride: usize,
    residual: bool,
    pool: [usize; 2],
    inputs: usize,
    outputs: usize,
    weights: Vec<f32x8>, // [outputs / LANES][kernel][kernel * inputs]
    offsets: Vec<f32x8>, // [outputs / LANES]
}

/// A picture with zeros around it, pixel by pixel.
struct Picture {
    height: usize,
    width: usize,
    channels: usize,
    edge: usize,
    data: Vec<f32>, // [height + 2 * edge][width + 2 * edge][channels]
}

impl Direct {
    /// Orders the numbers.
    pub(super) fn new(convolutions: &[Convolution]) -> Self {
        Self {
            layers: convolutions.iter().map(Layer::new).collect(),
        }
    }

    /// Mean and maximum over the height of what the last layer makes, of each column.
    ///
    /// # Shapes
    /// - `pictures`: `[n][height][width]`
    /// - returns `[n][n_steps][2 * outputs]`, and the last two of these
    pub fn features(
        &self,
        pictures: &[f32],
        [height, width]: [usize; 2],
    ) -> (Vec<f32>, [usize; 2]) {
        let mut features = Vec::new();
        let mut shape = [0, 0];
        for picture in pictures.chunks_exact(height * width) {
            let mut x = Picture::new(height, width, 1, self.edge(0));
            x.fill(picture);
            for (index, layer) in self.layers.iter().enumerate() {
                x = layer.forward(&x, self.edge(index + 1));
            }
            shape = [x.width, 2 * x.channels];
            features.extend(x.mean_and_max());
        }
        (features, shape)
    }

    /// Zeros around what a layer reads; none around the result of the last.
    fn edge(&self, layer: usize) -> usize {
        self.layers.get(layer).map_or(0, |layer| layer.kernel / 2)
    }
}

impl Layer {
    fn new(convolution: &Convolution) -> Self {
        let &Convolution {
            kernel,
            inputs,
            outputs,
            ..
        } = convolution;
        let blocks = outputs.div_ceil(LANES);
        let mut weights = Vec::with_capacity(blocks * kernel * kernel * inputs);
        let scaled = |output: usize, input: usize, at: usize| {
            let place = (output * inputs + input) * kernel * kernel + at;
            convolution.weights[place] * convolution.scale[output]
        };
        for block in 0..blocks {
            for at in 0..kernel * kernel {
                for input in 0..inputs {
                    weights.push(lanes(block, outputs, |output| scaled(output, input, at)));
                }
            }
        }
        let offset = |output: usize| convolution.offset[output];
        Self {
            kernel,
            stride: convolution.stride,
            residual: convolution.residual,
            pool: convolution.pool,
            inputs,
            outputs,
            weights,
            offsets: (0..blocks)
                .map(|block| lanes(block, outputs, offset))
                .collect(),
        }
    }

    /// What it makes of a picture, with zeros around it for the next.
    fn forward(&self, x: &Picture, edge: usize) -> Picture {
        let [tall, wide] = self.pool;
        let (height, width) = (x.height / self.stride, x.width / self.stride);
        let mut out = Picture::new(height / tall, width / wide, self.outputs, edge);
        let mut row = vec![0.0; width * self.outputs];
        for y in 0..out.height {
            for part in 0..tall {
                self.row(x, y * tall + part, &mut row);
                let pixels = row.chunks_exact(self.outputs).take(out.width * wide);
                for (place, pixel) in pixels.enumerate() {
                    // Nothing is below zero, which is what the picture begins with.
                    for (most, value) in out.pixel(y, place / wide).iter_mut().zip(pixel) {
                        *most = most.max(*value);
                    }
                }
            }
        }
        out
    }

    /// One row before pooling, `[width][outputs]`.
    fn row(&self, x: &Picture, y: usize, out: &mut [f32]) {
        let width = out.len() / self.outputs;
        let rows = &x.data[y * self.stride * x.row_len()..];
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
        let n = self.kernel * self.inputs;
        let step = self.stride * self.inputs;
        let weights = &self.weights[block * self.kernel * n..][..self.kernel * n];
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

    /// Adds the short cut and keeps what is above zero.
    #[inline]
    fn finish<const P: usize>(
        &self,
        x: &Picture,
        y: usize,
        column: usize,
        block: usize,
        sums: &[f32x8; P],
        out: &mut [f32],
    ) {
        let first = block * LANES;
        let n = LANES.min(self.outputs - first);
        for (pixel, sums) in sums.iter().enumerate() {
            let sums = sums.as_array();
            let out = &mut out[(column + pixel) * self.outputs + first..][..n];
            if self.residual {
                let came = &x.at(y, column + pixel)[first..][..n];
                for ((out, sum), came) in out.iter_mut().zip(sums).zip(came) {
                    *out = (sum + came).max(0.0);
                }
            } else {
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = sum.max(0.0);
                }
            }
        }
    }
}

/// A value of each channel of a block; zero beyond the last.
fn lanes(block: usize, n: usize, value: impl Fn(usize) -> f32) -> f32x8 {
    f32x8::new(from_fn(|lane| {
        let channel = block * LANES + lane;
        if channel < n { value(channel) } else { 0.0 }
    }))
}

impl Picture {
    /// All zeros.
    fn new(height: usize, width: usize, channels: usize, edge: usize) -> Self {
        Self {
            height,
            width,
            channels,
            edge,
            data: vec![0.0; (height + 2 * edge) * (width + 2 * edge) * channels],
        }
    }

    fn row_len(&self) -> usize {
        (self.width + 2 * self.edge) * self.channels
    }

    fn place(&self, y: usize, x: usize) -> usize {
        (y + self.edge) * self.row_len() + (x + self.edge) * self.channels
    }

    fn at(&self, y: usize, x: usize) -> &[f32] {
        &self.data[self.place(y, x)..][..self.channels]
    }

    fn pixel(&mut self, y: usize, x: usize) -> &mut [f32] {
        let place = self.place(y, x);
        &mut self.data[place..][..self.channels]
    }

    /// Takes `[height][width][channels]`.
    fn fill(&mut self, values: &[f32]) {
        let rows = values.chunks_exact(self.width * self.channels);
        for (y, row) in rows.enumerate() {
            let place = self.place(y, 0);
            self.data[place..][..row.len()].copy_from_slice(row);
        }
    }

    /// `[width][2 * channels]`
    fn mean_and_max(&self) -> Vec<f32> {
        let n = self.channels;
        let mut out = vec![0.0; self.width * 2 * n];
        for (x, out) in out.chunks_exact_mut(2 * n).enumerate() {
            let (mean, most) = out.split_at_mut(n);
            for y in 0..self.height {
                let pixel = self.at(y, x);
                for ((mean, most), value) in mean.iter_mut().zip(&mut *most).zip(pixel) {
                    *mean += value / self.height as f32;
                    *most = most.max(*value);
                }
            }
        }
        out
    }
}
