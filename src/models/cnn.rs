//! The convolutional network on mel pictures.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::nn::{PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor};

use crate::{Error, Result};

/// Shape of the CNN on `mel`.
#[derive(Config, Debug, PartialEq)]
pub struct CnnConfig {
    /// Mel bands of a picture; a multiple of 16. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
    /// Output channels of the five convolutions. Default: 16, 24, 48, 96, 128.
    #[config(default = "[16, 24, 48, 96, 128]")]
    pub channels: [usize; 5],
    /// Share of the features dropped before the last layer while training. Default: 0.3.
    #[config(default = 0.3)]
    pub dropout: f64,
}

/// Length of each block's square kernels, its stride, and its pooling as `[mel, column]`.
///
/// The first convolution strides, since the whole picture is where time is spent. Three blocks
/// halve both axes, then only the bands shrink, so that eight columns (1.875 s of a 30 s window)
/// remain one step in time.
const SHAPES: [BlockShape; 5] = [
    BlockShape {
        kernel: 5,
        stride: 2,
        pool: [1, 1],
    },
    BlockShape {
        kernel: 3,
        stride: 1,
        pool: [2, 2],
    },
    BlockShape {
        kernel: 3,
        stride: 1,
        pool: [2, 2],
    },
    BlockShape {
        kernel: 3,
        stride: 1,
        pool: [2, 1],
    },
    BlockShape {
        kernel: 3,
        stride: 1,
        pool: [1, 1],
    },
];

struct BlockShape {
    kernel: usize,
    stride: usize,
    pool: [usize; 2],
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
        let n_features = 2 * self.channels[4];
        Cnn {
            blocks,
            dropout: DropoutConfig::new(self.dropout).init(),
            head: LinearConfig::new(n_features, self.n_labels).init(device),
        }
    }

    /// Checks every field against its documented range, for pictures of `n_columns`.
    ///
    /// # Errors
    /// [`Error::Config`], naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<()> {
        let in_range = |n: usize, max: usize| (1..=max).contains(&n);
        let channels = self.channels.into_iter().find(|&n| !in_range(n, 1024));
        let rules = [
            (
                "n_mels",
                in_range(self.n_mels, 512) && self.n_mels.is_multiple_of(16),
                "a multiple of 16, at most 512",
                self.n_mels,
            ),
            (
                "n_labels",
                in_range(self.n_labels, 255) && self.n_labels >= 2,
                "in 2..=255",
                self.n_labels,
            ),
            (
                "channels",
                channels.is_none(),
                "in 1..=1024",
                channels.unwrap_or(0),
            ),
            (
                "n_columns",
                in_range(n_columns, 1024) && n_columns.is_multiple_of(COLUMNS_PER_STEP),
                "a multiple of 8, at most 1024",
                n_columns,
            ),
        ];
        match rules.into_iter().find(|(_, holds, _, _)| !holds) {
            Some((field, _, rule, got)) => Err(Error::Config {
                field,
                rule,
                got: got as f64,
            }),
            None if (0.0..1.0).contains(&self.dropout) => Ok(()),
            None => Err(Error::Config {
                field: "dropout",
                rule: "in 0..1",
                got: self.dropout,
            }),
        }
    }

    /// Steps in time that a picture of `n_columns` is answered in.
    pub fn n_steps(&self, n_columns: usize) -> usize {
        n_columns / COLUMNS_PER_STEP
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
        total + 2 * from * self.n_labels * width
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
    /// Logits of each step in time.
    ///
    /// # Shapes
    /// - `pictures`: `[batch, n_mels, n_columns]`, normalised; `n_columns` a multiple of 8
    /// - returns `[batch, n_steps, n_labels]`
    pub fn forward(&self, pictures: Tensor<3>) -> Tensor<3> {
        let mut x = pictures.unsqueeze_dim::<4>(1); // [batch, 1, n_mels, n_columns]
        for block in &self.blocks {
            x = block.forward(x);
        }
        let mean = x.clone().mean_dim(2);
        let loudest = x.max_dim(2);
        let features = Tensor::cat(vec![mean, loudest], 1) // [batch, features, 1, n_steps]
            .squeeze_dim::<3>(2)
            .swap_dims(1, 2); // [batch, n_steps, features]
        self.head.forward(self.dropout.forward(features))
    }
}

/// Convolution, batch norm, ReLU and, where there is any, max pooling.
#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
    relu: Relu,
    pool: Option<MaxPool2d>,
}

impl Block {
    fn new(from: usize, to: usize, shape: &BlockShape, device: &Device) -> Self {
        let BlockShape {
            kernel,
            stride,
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
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.relu.forward(self.norm.forward(self.conv.forward(x)));
        match &self.pool {
            Some(pool) => pool.forward(x),
            None => x,
        }
    }
}
