//! The recurrent network on MFCC sequences.

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
use crate::error::{check, share, within};

/// Shape of the RNN on `mfcc`.
#[derive(Config, Debug, PartialEq)]
pub struct RnnConfig {
    /// Coefficients of a frame. Default: 20.
    #[config(default = 20)]
    pub n_mfcc: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
    /// Output channels of each convolution. Default: 64.
    #[config(default = 64)]
    pub channels: usize,
    /// Numbers of the recurrent state, of each direction. Default: 64.
    #[config(default = 64)]
    pub hidden: usize,
    /// Share of the features dropped before the last layer while training. Default: 0.4.
    #[config(default = 0.4)]
    pub dropout: f64,
}

/// Length of each convolution's kernel; each halves the frames.
const KERNELS: [usize; 3] = [5, 3, 3];

/// Steps in time that a piece of 3 s is answered in.
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

    /// Checks every field against its documented range, for pieces of `n_frames`.
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
            share("dropout", self.dropout),
        ])
    }

    /// Steps in time that a piece is answered in.
    pub fn n_steps(&self) -> usize {
        N_STEPS
    }

    /// Numbers of a step that the last layer reads.
    pub(super) fn n_features(&self) -> usize {
        4 * self.hidden
    }

    /// Multiply-adds of one piece of `n_frames`.
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

/// Convolutions that shorten the sequence, a GRU from both ends, and a layer that answers each
/// half of the piece.
///
/// The study's RNN took the 20 coefficients for time steps; this one runs over time.
#[derive(Module, Debug)]
pub struct Rnn {
    blocks: Vec<Block>,
    recurrent: BiGru,
    dropout: Dropout,
    head: Linear,
}

impl Rnn {
    /// What the last layer reads of each step in time.
    ///
    /// # Shapes
    /// - `pieces`: `[batch, n_frames, n_mfcc]`, normalised
    /// - returns `[batch, n_steps, n_features]`
    pub fn features(&self, pieces: Tensor<3>) -> Tensor<3> {
        let mut x = pieces.swap_dims(1, 2); // [batch, channels, n_frames]
        for block in &self.blocks {
            x = block.forward(x);
        }
        let states = self.recurrent.forward(x.swap_dims(1, 2)); // [batch, n_frames, 2 * hidden]
        let [n_batch, n_frames, n_states] = states.dims();
        let steps = (0..N_STEPS).map(|step| {
            // Steps share a frame where the frames do not divide.
            let start = step * n_frames / N_STEPS;
            let end = ((step + 1) * n_frames).div_ceil(N_STEPS);
            let part = states.clone().slice([0..n_batch, start..end, 0..n_states]);
            Tensor::cat(vec![part.clone().mean_dim(1), part.max_dim(1)], 2)
        });
        Tensor::cat(steps.collect(), 1)
    }

    /// The same without Burn, with the parameters that the network has now.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if they cannot be read,
    /// [`Error::Weights`](crate::Error::Weights) if a channel's variance is below zero.
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

    /// Logits of each step in time, from its features.
    ///
    /// # Shapes
    /// - `features`: `[batch, n_steps, n_features]`
    /// - returns `[batch, n_steps, n_labels]`
    pub fn answer(&self, features: Tensor<3>) -> Tensor<3> {
        self.head.forward(self.dropout.forward(features))
    }
}

/// Convolution over time that halves the frames, batch norm, ReLU.
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

    /// The same without Burn, over the width of a picture.
    async fn convolution(&self) -> Result<Convolution> {
        let [outputs, inputs, kernel] = self.conv.weight.dims();
        Ok(Convolution {
            kernel: [1, kernel],
            stride: [1, self.conv.stride],
            residual: false,
            relu: true,
            pool: [1, 1],
            inputs,
            outputs,
            weights: read(self.conv.weight.val()).await?,
            affine: Affine::of(&self.norm).await?,
        })
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.relu.forward(self.norm.forward(self.conv.forward(x)))
    }
}
