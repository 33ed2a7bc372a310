//! The convolutional network on mel pictures.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::nn::{PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor, TensorData};

use super::fused_cpu::{Affine, Convolution, FusedCpu};
use super::read;
use crate::Result;
use crate::error::{check, share, within};

/// Shape of the CNN on `mel`.
#[derive(Config, Debug, PartialEq)]
pub struct CnnConfig {
    /// Mel bands of a picture; a multiple of 32. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
    /// Output channels of the six convolutions; the third and the fifth keep those of the one
    /// before. Default: 16, 32, 32, 64, 64, 128.
    #[config(default = "[16, 32, 32, 64, 64, 128]")]
    pub channels: [usize; 6],
    /// Share of the features dropped before the last layer while training. Default: 0.3.
    #[config(default = 0.3)]
    pub dropout: f64,
}

/// Shape of a block: the length of its square kernels, their stride, whether what comes in is
/// added to what they make, and the pooling as `[mel, column]`.
struct BlockShape {
    kernel: usize,
    stride: usize,
    residual: bool,
    pool: [usize; 2],
}

/// The whole picture is where time is spent, so the first block strides and pools at once. Then
/// another halving of both axes and one of the bands alone, so that eight columns (1.875 s of a
/// 30 s window) remain one step in time.
const SHAPES: [BlockShape; 6] = [
    block(5, 2, false, [2, 2]),
    block(3, 1, false, [1, 1]),
    block(3, 1, true, [2, 2]),
    block(3, 1, false, [1, 1]),
    block(3, 1, true, [2, 1]),
    block(3, 1, false, [1, 1]),
];

const fn block(kernel: usize, stride: usize, residual: bool, pool: [usize; 2]) -> BlockShape {
    BlockShape {
        kernel,
        stride,
        residual,
        pool,
    }
}

/// Columns of the picture that become one step of the answer.
const COLUMNS_PER_STEP: usize = 8;

impl CnnConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> Cnn {
        let inputs = [1].into_iter().chain(self.channels);
        let blocks = inputs
            .zip(self.channels)
            .zip(&SHAPES)
            .map(|((from, to), shape)| Block::new(from, to, shape, device))
            .collect();
        Cnn {
            blocks,
            dropout: DropoutConfig::new(self.dropout).init(),
            head: LinearConfig::new(self.n_features(), self.n_labels).init(device),
        }
    }

    /// Checks every field against its documented range, for pictures of `n_columns`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<()> {
        let (mels, columns) = (self.n_mels, n_columns);
        let channels = self.channels;
        let widest = channels.into_iter().find(|n| !(1..=1024).contains(n));
        let kept = channels[1] == channels[2] && channels[3] == channels[4];
        check([
            within("n_mels", mels, 32..=512, "a multiple of 32, at most 512"),
            (
                "n_mels",
                mels.is_multiple_of(32),
                "a multiple of 32, at most 512",
                mels as f64,
            ),
            within("n_labels", self.n_labels, 2..=255, "in 2..=255"),
            within("channels", widest.unwrap_or(1), 1..=1024, "in 1..=1024"),
            (
                "channels",
                kept,
                "such that residual blocks keep their number",
                channels[2] as f64,
            ),
            within(
                "n_columns",
                columns,
                8..=1024,
                "a multiple of 8, at most 1024",
            ),
            (
                "n_columns",
                columns.is_multiple_of(COLUMNS_PER_STEP),
                "a multiple of 8, at most 1024",
                columns as f64,
            ),
            share("dropout", self.dropout),
        ])
    }

    /// Steps in time that a picture of `n_columns` is answered in.
    pub fn n_steps(&self, n_columns: usize) -> usize {
        n_columns / COLUMNS_PER_STEP
    }

    /// Numbers of a step that the last layer reads.
    pub(super) fn n_features(&self) -> usize {
        2 * self.channels[5]
    }

    /// Multiply-adds of one picture of `n_columns`.
    pub fn multiply_adds(&self, n_columns: usize) -> usize {
        let (mut height, mut width, mut from) = (self.n_mels, n_columns, 1);
        let mut total = 0;
        for (to, shape) in self.channels.into_iter().zip(&SHAPES) {
            (height, width) = (height / shape.stride, width / shape.stride);
            total += shape.kernel.pow(2) * from * to * height * width;
            (height, width) = (height / shape.pool[0], width / shape.pool[1]);
            from = to;
        }
        total + self.n_features() * self.n_labels * width
    }
}

/// A CNN that keeps its time axis to the end: it answers for each step, and the mean of the steps
/// is the answer for the window.
#[derive(Module, Debug)]
pub struct Cnn {
    blocks: Vec<Block>,
    dropout: Dropout,
    head: Linear,
}

impl Cnn {
    /// What the last layer reads of each step in time.
    ///
    /// # Shapes
    /// - `pictures`: `[batch, n_mels, n_columns]`, normalised; `n_columns` a multiple of 8
    /// - returns `[batch, n_steps, n_features]`
    pub fn features(&self, pictures: Tensor<3>) -> Tensor<3> {
        let mut x = pictures.unsqueeze_dim::<4>(1); // [batch, 1, n_mels, n_columns]
        for block in &self.blocks {
            x = block.forward(x);
        }
        let mean = x.clone().mean_dim(2);
        let loudest = x.max_dim(2);
        Tensor::cat(vec![mean, loudest], 1) // [batch, n_features, 1, n_steps]
            .squeeze_dim::<3>(2)
            .swap_dims(1, 2)
    }

    /// The same convolutions without Burn, with the parameters that the network has now.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if they cannot be read,
    /// [`Error::Weights`](crate::Error::Weights) if a channel's variance is below zero.
    pub async fn fused_cpu(&self) -> Result<FusedCpu> {
        let mut convolutions = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            convolutions.push(block.convolution().await?);
        }
        Ok(FusedCpu::new(&convolutions))
    }

    /// Logits of each step in time, from its features.
    ///
    /// # Shapes
    /// - `features`: `[batch, n_steps, n_features]`
    /// - returns `[batch, n_steps, n_labels]`
    pub fn answer(&self, features: Tensor<3>) -> Tensor<3> {
        self.head.forward(self.dropout.forward(features))
    }
}

impl Cnn {
    /// Number of classes.
    pub fn n_labels(&self) -> usize {
        let [_, n_labels] = self.head.weight.dims();
        n_labels
    }

    /// The same network without dropout, of which training leaves the first `n` blocks as they are.
    pub fn tuned(mut self, n: usize) -> Self {
        self.dropout = DropoutConfig::new(0.0).init();
        let blocks = self.blocks.into_iter().enumerate();
        let freeze =
            |(index, block): (usize, Block)| if index < n { block.freeze() } else { block };
        self.blocks = blocks.map(freeze).collect();
        self
    }

    /// The same convolutions with another last layer.
    ///
    /// # Shapes
    /// - `weights`: `[n_features][n_labels]`, `biases`: `[n_labels]`
    pub fn with_answer(mut self, weights: &[f32], biases: &[f32], device: &Device) -> Self {
        let shape = [weights.len() / biases.len(), biases.len()];
        let weights = TensorData::new(weights.to_vec(), shape);
        self.head = LinearConfig::new(shape[0], shape[1]).init(device);
        self.head.weight = Param::from_data(weights, device);
        self.head.bias = Some(Param::from_data(
            TensorData::new(biases.to_vec(), [biases.len()]),
            device,
        ));
        self
    }
}

/// Convolution, batch norm, perhaps a short cut around both, ReLU and, where there is any, max
/// pooling.
#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
    relu: Relu,
    pool: Option<MaxPool2d>,
    residual: bool,
}

impl Block {
    fn new(from: usize, to: usize, shape: &BlockShape, device: &Device) -> Self {
        let BlockShape {
            kernel,
            stride,
            residual,
            pool,
        } = *shape;
        let edge = kernel / 2;
        Self {
            conv: Conv2dConfig::new([from, to], [kernel, kernel])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(edge, edge, edge, edge))
                .with_bias(false)
                .init(device),
            norm: BatchNormConfig::new(to).init(device),
            relu: Relu::new(),
            pool: (pool != [1, 1]).then(|| MaxPool2dConfig::new(pool).with_strides(pool).init()),
            residual,
        }
    }

    /// The same without Burn.
    async fn convolution(&self) -> Result<Convolution> {
        let [outputs, inputs, tall, wide] = self.conv.weight.dims();
        Ok(Convolution {
            kernel: [tall, wide],
            stride: self.conv.stride,
            residual: self.residual,
            relu: true,
            pool: self.pool.as_ref().map_or([1, 1], |pool| pool.kernel_size),
            inputs,
            outputs,
            weights: read(self.conv.weight.val()).await?,
            affine: Affine::of(&self.norm).await?,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let made = self.norm.forward(self.conv.forward(x.clone()));
        let made = self
            .relu
            .forward(if self.residual { made + x } else { made });
        match &self.pool {
            Some(pool) => pool.forward(made),
            None => made,
        }
    }
}
