//! The recurrent network on MFCC segments.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::nn::{PaddingConfig1d, Relu};
use burn::tensor::{Device, Tensor};

use super::fused_cpu::{Affine, Convolution, FusedCpu};
use super::gru::{BiGru, BiGruConfig};
use super::read;
use crate::Result;
use crate::error::{check, fraction, within};

/// Settings of the RNN on MFCC segments.
#[derive(Config, Debug, PartialEq)]
pub struct RnnConfig {
    /// Number of coefficients per frame; 1 to 512. Default: 20.
    #[config(default = 20)]
    pub n_mfcc: usize,
    /// Number of classes; 2 to 255.
    pub n_labels: usize,
    /// Output channels of each convolution; 1 to 1024. Default: 64.
    #[config(default = 64)]
    pub channels: usize,
    /// Size of the hidden state of each direction; 1 to 1024. Default: 64.
    #[config(default = 64)]
    pub hidden: usize,
    /// Dropout probability before the last layer in training; in 0..1. Default: 0.4.
    #[config(default = 0.4)]
    pub dropout: f64,
}

/// Kernel length of each convolution; each halves the number of frames.
const KERNELS: [usize; 3] = [5, 3, 3];

/// Number of time steps in a segment of 3 s.
const N_STEPS: usize = 2;

impl RnnConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> Rnn {
        let inputs = [self.n_mfcc, self.channels, self.channels];
        let blocks = KERNELS.iter().zip(inputs);
        Rnn {
            blocks: blocks
                .map(|(&kernel, from)| Block::new(from, self.channels, kernel, device))
                .collect(),
            recurrent: BiGruConfig::new(self.channels, self.hidden).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            head: LinearConfig::new(self.n_features(), self.n_labels).init(device),
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
            within("channels", self.channels, 1..=1024, "in 1..=1024"),
            within("hidden", self.hidden, 1..=1024, "in 1..=1024"),
            within("n_frames", n_frames, 16..=8192, "in 16..=8192"),
            fraction("dropout", self.dropout),
        ])
    }

    /// Returns the number of time steps in a segment.
    pub fn n_steps(&self) -> usize {
        N_STEPS
    }

    /// Returns the number of features of a time step that the last layer reads.
    pub(super) fn n_features(&self) -> usize {
        4 * self.hidden
    }

    /// Returns the number of multiply-adds for a segment of `n_frames` frames.
    pub fn multiply_adds(&self, n_frames: usize) -> usize {
        let (mut frames, mut from, mut total) = (n_frames, self.n_mfcc, 0);
        for kernel in KERNELS {
            frames = frames.div_ceil(2);
            total += kernel * from * self.channels * frames;
            from = self.channels;
        }
        total += BiGruConfig::new(from, self.hidden).multiply_adds(frames);
        total + N_STEPS * self.n_features() * self.n_labels
    }
}

/// An RNN of strided convolutions, a bidirectional GRU, and a linear layer that classifies each half of
/// a segment.
///
/// The original study used the 20 coefficients as time steps; this network runs over time.
#[derive(Module, Debug)]
pub struct Rnn {
    blocks: Vec<Block>,
    recurrent: BiGru,
    dropout: Dropout,
    head: Linear,
}

impl Rnn {
    /// Returns the features of each time step, the input of the last layer.
    ///
    /// # Shapes
    /// - `segments`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, n_steps, n_features]`
    pub fn features(&self, segments: Tensor<3>) -> Tensor<3> {
        let mut x = segments.swap_dims(1, 2); // [batch, channels, n_frames]
        for block in &self.blocks {
            x = block.forward(x);
        }
        let states = self.recurrent.forward(x.swap_dims(1, 2)); // [batch, n_frames, 2 * hidden]
        let [n_batch, n_frames, n_states] = states.dims();
        let steps = (0..N_STEPS).map(|step| {
            // Adjacent steps share a frame if the number of frames is not divisible by `N_STEPS`.
            let start = step * n_frames / N_STEPS;
            let end = ((step + 1) * n_frames).div_ceil(N_STEPS);
            let part = states.clone().slice([0..n_batch, start..end, 0..n_states]);
            Tensor::cat(vec![part.clone().mean_dim(1), part.max_dim(1)], 2)
        });
        Tensor::cat(steps.collect(), 1)
    }

    /// Copies the current parameters of all layers but the last into a [`FusedCpu`] network.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails,
    /// [`Error::Weights`](crate::Error::Weights) if batch normalisation has a negative variance.
    pub async fn fused_cpu(&self) -> Result<FusedCpu> {
        let mut convolutions = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            convolutions.push(block.convolution().await?);
        }
        let (input, directions) = self.recurrent.fused_cpu().await?;
        Ok(FusedCpu::recurrent(
            &convolutions,
            &input,
            directions,
            N_STEPS,
        ))
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

/// Convolution over time with stride 2, batch normalisation and ReLU.
#[derive(Module, Debug)]
struct Block {
    conv: Conv1d,
    norm: BatchNorm,
    relu: Relu,
}

impl Block {
    fn new(from: usize, to: usize, kernel: usize, device: &Device) -> Self {
        Self {
            conv: Conv1dConfig::new(from, to, kernel)
                .with_stride(2)
                .with_padding(PaddingConfig1d::Explicit(kernel / 2, kernel / 2))
                .with_bias(false)
                .init(device),
            norm: BatchNormConfig::new(to).init(device),
            relu: Relu::new(),
        }
    }

    /// Reads the block's parameters for [`FusedCpu`], as a convolution over the width.
    async fn convolution(&self) -> Result<Convolution> {
        let [outputs, inputs, kernel] = self.conv.weight.dims();
        let weights = read(self.conv.weight.val()).await?;
        let affine = Affine::from_batch_norm(&self.norm).await?;
        let (dims, stride) = ([outputs, inputs, 1, kernel], [1, self.conv.stride]);
        Ok(Convolution::with_relu(dims, weights, stride, affine))
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.relu.forward(self.norm.forward(self.conv.forward(x)))
    }
}
