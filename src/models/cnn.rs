//! The convolutional network on log-mel patches.

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
use crate::error::{check, fraction, within};

/// Settings of the CNN on log-mel patches.
#[derive(Config, Debug, PartialEq)]
pub struct CnnConfig {
    /// Number of mel bands of a patch; a multiple of 32, at most 512. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of classes; 2 to 255.
    pub n_labels: usize,
    /// Output channels of the six convolutions; 1 to 1024. The third and the fifth, which have
    /// residual connections, must equal the one before. Default: 16, 32, 32, 64, 64, 128.
    #[config(default = "[16, 32, 32, 64, 64, 128]")]
    pub channels: [usize; 6],
    /// Dropout probability before the last layer in training; in 0..1. Default: 0.3.
    #[config(default = 0.3)]
    pub dropout: f64,
}

/// Shape of a block: side length of its square kernels, their stride, whether the block has a residual
/// connection, and the pooling window as `[mel, column]`.
struct BlockShape {
    kernel: usize,
    stride: usize,
    residual: bool,
    pool: [usize; 2],
}

/// Shapes of the six blocks.
///
/// The full resolution is the most expensive, so the first block both strides and pools. Later blocks
/// halve both axes once more and the bands alone once, so that a time step is eight columns (1.875 s of
/// a 30 s window).
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

/// Number of columns of a patch per time step.
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

    /// Checks every field against its documented range, for patches of `n_columns` columns.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<()> {
        let (mels, columns) = (self.n_mels, n_columns);
        let channels = self.channels;
        let widest = channels.into_iter().find(|n| !(1..=1024).contains(n));
        let residual_match = channels[1] == channels[2] && channels[3] == channels[4];
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
                residual_match,
                "equal in and before a block with a residual connection",
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
            fraction("dropout", self.dropout),
        ])
    }

    /// Returns the number of time steps of a patch of `n_columns` columns.
    pub fn n_steps(&self, n_columns: usize) -> usize {
        n_columns / COLUMNS_PER_STEP
    }

    /// Returns the number of features of a time step that the last layer reads.
    pub(super) fn n_features(&self) -> usize {
        2 * self.channels[5]
    }

    /// Returns the number of multiply-adds for a patch of `n_columns` columns.
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

/// A CNN that preserves the time axis.
///
/// It classifies each time step; the logits of a window are the mean over its steps.
#[derive(Module, Debug)]
pub struct Cnn {
    blocks: Vec<Block>,
    dropout: Dropout,
    head: Linear,
}

impl Cnn {
    /// Returns the features of each time step, the input of the last layer.
    ///
    /// # Shapes
    /// - `patches`: `[batch, n_mels, n_columns]`, normalised; `n_columns` a multiple of 8
    /// - returns `[batch, n_steps, n_features]`
    pub fn features(&self, patches: Tensor<3>) -> Tensor<3> {
        let mut x = patches.unsqueeze_dim::<4>(1); // [batch, 1, n_mels, n_columns]
        for block in &self.blocks {
            x = block.forward(x);
        }
        let mean = x.clone().mean_dim(2);
        let max = x.max_dim(2);
        Tensor::cat(vec![mean, max], 1) // [batch, n_features, 1, n_steps]
            .squeeze_dim::<3>(2)
            .swap_dims(1, 2)
    }

    /// Copies the current parameters of the convolutions into a [`FusedCpu`] network.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails,
    /// [`Error::Weights`](crate::Error::Weights) if batch normalisation has a negative variance.
    pub async fn fused_cpu(&self) -> Result<FusedCpu> {
        let mut convolutions = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            convolutions.push(block.convolution().await?);
        }
        Ok(FusedCpu::new(&convolutions))
    }

    /// Returns the logits of each time step from its features.
    ///
    /// # Shapes
    /// - `features`: `[batch, n_steps, n_features]`
    /// - returns `[batch, n_steps, n_labels]`
    pub fn classify_features(&self, features: Tensor<3>) -> Tensor<3> {
        self.head.forward(self.dropout.forward(features))
    }
}

impl Cnn {
    /// Returns the number of classes.
    pub fn n_labels(&self) -> usize {
        let [_, n_labels] = self.head.weight.dims();
        n_labels
    }

    /// Returns the network without dropout and with its first `n` blocks frozen.
    pub fn for_fine_tuning(mut self, n: usize) -> Self {
        self.dropout = DropoutConfig::new(0.0).init();
        let blocks = self.blocks.into_iter().enumerate();
        let freeze =
            |(index, block): (usize, Block)| if index < n { block.freeze() } else { block };
        self.blocks = blocks.map(freeze).collect();
        self
    }

    /// Returns the network with another last layer.
    ///
    /// # Shapes
    /// - `weights`: `[n_features][n_labels]`, `biases`: `[n_labels]`
    pub fn with_head(mut self, weights: &[f32], biases: &[f32], device: &Device) -> Self {
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

/// Convolution, batch normalisation, optional residual connection, ReLU and optional max pooling.
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
        let padding = kernel / 2;
        Self {
            conv: Conv2dConfig::new([from, to], [kernel, kernel])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(
                    padding, padding, padding, padding,
                ))
                .with_bias(false)
                .init(device),
            norm: BatchNormConfig::new(to).init(device),
            relu: Relu::new(),
            pool: (pool != [1, 1]).then(|| MaxPool2dConfig::new(pool).with_strides(pool).init()),
            residual,
        }
    }

    /// Reads the block's parameters for [`FusedCpu`].
    async fn convolution(&self) -> Result<Convolution> {
        let weights = read(self.conv.weight.val()).await?;
        let affine = Affine::from_batch_norm(&self.norm).await?;
        let (dims, stride) = (self.conv.weight.dims(), self.conv.stride);
        Ok(Convolution {
            residual: self.residual,
            pool: self.pool.as_ref().map_or([1, 1], |pool| pool.kernel_size),
            ..Convolution::with_relu(dims, weights, stride, affine)
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.norm.forward(self.conv.forward(x.clone()));
        let y = self.relu.forward(if self.residual { y + x } else { y });
        match &self.pool {
            Some(pool) => pool.forward(y),
            None => y,
        }
    }
}
