//! The networks of the original study, reimplemented for comparison.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, Lstm, LstmConfig, Relu};
use burn::tensor::{Device, Tensor};

use crate::Result;
use crate::error::{check, within};

/// Settings of the study's RNN: two LSTM layers, a dense layer and dropout.
///
/// The study used the 20 coefficients as time steps; this network runs over time.
#[derive(Config, Debug, PartialEq)]
pub struct OriginalRnnConfig {
    /// Number of coefficients per frame; 1 to 512. Default: 20.
    #[config(default = 20)]
    pub n_mfcc: usize,
    /// Number of classes; 2 to 255.
    pub n_labels: usize,
    /// Size of each LSTM's hidden state and of the dense layer; 1 to 1024. Default: 64.
    #[config(default = 64)]
    pub hidden: usize,
}

/// Dropout probability of the study, after the dense layer.
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

    /// Checks every field against its documented range, for segments of `n_frames` frames.
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

    /// Returns the number of multiply-adds for a segment of `n_frames` frames.
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
    /// Returns the logits of each segment.
    ///
    /// # Shapes
    /// - `segments`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, 1, n_labels]`
    pub fn forward(&self, segments: Tensor<3>) -> Tensor<3> {
        self.head
            .forward(self.dropout.forward(self.features(segments)))
    }

    /// Returns the features of each segment, the input of the last layer before dropout.
    ///
    /// # Shapes
    /// - `segments`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, 1, hidden]`
    pub fn features(&self, segments: Tensor<3>) -> Tensor<3> {
        let (sequence, _) = self.first.forward(segments, None);
        let (_, last) = self.second.forward(sequence, None);
        let dense = self.relu.forward(self.dense.forward(last.hidden));
        dense.unsqueeze_dim(1)
    }
}

/// Settings of the study's CNN: two convolutions with pooling, and a dense layer.
#[derive(Config, Debug, PartialEq)]
pub struct OriginalCnnConfig {
    /// Number of mel bands of a patch; 10 to 512. Default: 128.
    #[config(default = 128)]
    pub n_mels: usize,
    /// Number of columns of a patch; 10 to 512. Default: 128.
    #[config(default = 128)]
    pub n_columns: usize,
    /// Number of classes; 2 to 255.
    pub n_labels: usize,
}

/// Output channels of the study's convolutions.
const CHANNELS: [usize; 2] = [8, 32];

/// Size of the study's dense layer.
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

    /// Checks every field against its documented range, for patches of `n_columns` columns.
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
                "the number of columns of the patches",
                n_columns as f64,
            ),
        ])
    }

    /// Returns the number of multiply-adds per patch.
    pub fn multiply_adds(&self) -> usize {
        let area = |shrink: fn(usize) -> usize| shrink(self.n_mels) * shrink(self.n_columns);
        let [height, width] = self.pooled();
        9 * CHANNELS[0] * area(|n| n - 2)
            + 9 * CHANNELS[0] * CHANNELS[1] * area(|n| (n - 2) / 2 - 2)
            + DENSE * (CHANNELS[1] * height * width + self.n_labels)
    }

    /// Returns the number of bands and columns after the second pooling.
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
    /// Returns the logits of each patch.
    ///
    /// # Shapes
    /// - `patches`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, n_labels]`
    pub fn forward(&self, patches: Tensor<3>) -> Tensor<3> {
        self.head.forward(self.features(patches))
    }

    /// Returns the features of each patch, the input of the last layer.
    ///
    /// # Shapes
    /// - `patches`: `[batch, n_mels, n_columns]`, normalised
    /// - returns `[batch, 1, 128]`
    pub fn features(&self, patches: Tensor<3>) -> Tensor<3> {
        let mut x = patches.unsqueeze_dim::<4>(1);
        for conv in [&self.first, &self.second] {
            x = self.pool.forward(self.relu.forward(conv.forward(x)));
        }
        let flat: Tensor<2> = x.flatten(1, 3);
        let dense = self.relu.forward(self.dense.forward(flat));
        dense.unsqueeze_dim(1)
    }
}
