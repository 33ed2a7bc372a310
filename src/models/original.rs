//! The networks of the study that this project grew from, as it built them.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, Lstm, LstmConfig, Relu};
use burn::tensor::{Device, Tensor};

use crate::Result;
use crate::error::{check, within};

/// Shape of the study's RNN: two LSTM layers, a dense layer, dropout.
///
/// The study took the 20 coefficients for time steps; this one runs over time.
#[derive(Config, Debug, PartialEq)]
pub struct OriginalRnnConfig {
    /// Coefficients of a frame. Default: 20.
    #[config(default = 20)]
    pub n_mfcc: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
    /// Numbers of each LSTM's state, and of the dense layer. Default: 64.
    #[config(default = 64)]
    pub hidden: usize,
}

/// Share of the dense layer's numbers that the study dropped.
const DROPOUT: f64 = 0.5;

impl OriginalRnnConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> OriginalRnn {
        let n = self.hidden;
        OriginalRnn {
            first: LstmConfig::new(self.n_mfcc, n, true).init(device),
            second: LstmConfig::new(n, n, true).init(device),
            dense: LinearConfig::new(n, n).init(device),
            relu: Relu::new(),
            dropout: DropoutConfig::new(DROPOUT).init(),
            head: LinearConfig::new(n, self.n_labels).init(device),
        }
    }

    /// Checks every field against its documented range, for pieces of `n_frames`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, n_frames: usize) -> Result<()> {
        check([
            within("n_mfcc", self.n_mfcc, 1..=512, "in 1..=512"),
            within("n_labels", self.n_labels, 2..=255, "in 2..=255"),
            within("hidden", self.hidden, 1..=1024, "in 1..=1024"),
            within("n_frames", n_frames, 1..=8192, "in 1..=8192"),
        ])
    }

    /// Multiply-adds of one piece of `n_frames`.
    pub fn multiply_adds(&self, n_frames: usize) -> usize {
        let n = self.hidden;
        n_frames * 4 * n * (self.n_mfcc + 3 * n) + n * (n + self.n_labels)
    }
}

/// The study's RNN.
#[derive(Module, Debug)]
pub struct OriginalRnn {
    first: Lstm,
    second: Lstm,
    dense: Linear,
    relu: Relu,
    dropout: Dropout,
    head: Linear,
}

impl OriginalRnn {
    /// Logits of each piece.
    ///
    /// # Shapes
    /// - `pieces`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, 1, n_labels]`
    pub fn forward(&self, pieces: Tensor<3>) -> Tensor<3> {
        self.head
            .forward(self.dropout.forward(self.features(pieces)))
    }

    /// What the last layer reads of each piece, before dropout.
    ///
    /// # Shapes
    /// - `pieces`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, 1, hidden]`
    pub fn features(&self, pieces: Tensor<3>) -> Tensor<3> {
        let (sequence, _) = self.first.forward(pieces, None);
        let (_, last) = self.second.forward(sequence, None);
        let dense = self.relu.forward(self.dense.forward(last.hidden));
        dense.unsqueeze_dim(1)
    }
}

/// Shape of the study's CNN: two convolutions with pooling, a dense layer.
#[derive(Config, Debug, PartialEq)]
pub struct OriginalCnnConfig {
    /// Mel bands of a picture. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Columns of a picture. Default: 128.
    #[config(default = 128)]
    pub n_columns: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
}

/// Output channels of the study's convolutions, and the size of its dense layer.
const CHANNELS: [usize; 2] = [8, 32];
const DENSE: usize = 128;

impl OriginalCnnConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> OriginalCnn {
        let conv = |from, to| Conv2dConfig::new([from, to], [3, 3]).init(device);
        let [height, width] = self.pooled();
        OriginalCnn {
            first: conv(1, CHANNELS[0]),
            second: conv(CHANNELS[0], CHANNELS[1]),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            relu: Relu::new(),
            dense: LinearConfig::new(CHANNELS[1] * height * width, DENSE).init(device),
            head: LinearConfig::new(DENSE, self.n_labels).init(device),
        }
    }

    /// Checks every field against its documented range, for pictures of `n_columns`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self, n_columns: usize) -> Result<()> {
        check([
            within("n_mels", self.n_mels, 10..=512, "in 10..=512"),
            within("n_columns", self.n_columns, 10..=512, "in 10..=512"),
            within("n_labels", self.n_labels, 2..=255, "in 2..=255"),
            (
                "n_columns",
                n_columns == self.n_columns,
                "that of the pictures",
                n_columns as f64,
            ),
        ])
    }

    /// Multiply-adds of one picture.
    pub fn multiply_adds(&self) -> usize {
        let area = |shrink: fn(usize) -> usize| shrink(self.n_mels) * shrink(self.n_columns);
        let [height, width] = self.pooled();
        9 * CHANNELS[0] * area(|n| n - 2)
            + 9 * CHANNELS[0] * CHANNELS[1] * area(|n| (n - 2) / 2 - 2)
            + DENSE * (CHANNELS[1] * height * width + self.n_labels)
    }

    /// Bands and columns that are left after the second pooling.
    fn pooled(&self) -> [usize; 2] {
        [self.n_mels, self.n_columns].map(|n| ((n - 2) / 2 - 2) / 2)
    }
}

/// The study's CNN.
#[derive(Module, Debug)]
pub struct OriginalCnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    relu: Relu,
    dense: Linear,
    head: Linear,
}

impl OriginalCnn {
    /// Logits of each picture.
    ///
    /// # Shapes
    /// - `pictures`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, n_labels]`
    pub fn forward(&self, pictures: Tensor<3>) -> Tensor<3> {
        self.head.forward(self.features(pictures))
    }

    /// What the last layer reads of each picture.
    ///
    /// # Shapes
    /// - `pictures`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, 128]`
    pub fn features(&self, pictures: Tensor<3>) -> Tensor<3> {
        let mut x = pictures.unsqueeze_dim::<4>(1);
        for conv in [&self.first, &self.second] {
            x = self.pool.forward(self.relu.forward(conv.forward(x)));
        }
        let flat: Tensor<2> = x.flatten(1, 3);
        let dense = self.relu.forward(self.dense.forward(flat));
        dense.unsqueeze_dim(1)
    }
}
