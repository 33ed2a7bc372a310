//! A bidirectional gated recurrent unit (GRU).

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use super::fused_cpu::{Affine, Convolution, Direction};
use super::read;
use crate::Result;

/// Settings of a bidirectional GRU.
#[derive(Config, Debug)]
pub struct BiGruConfig {
    /// Number of inputs per frame.
    pub n_inputs: usize,
    /// Size of the hidden state of each direction.
    pub n_hidden: usize,
}

/// A bidirectional GRU.
///
/// Burn's GRU computes three products per frame and direction. Here one product covers the input
/// weights of all frames, and one product per frame covers both directions and all gates.
///
/// # Source
/// Cho et al., *Learning phrase representations using RNN encoder-decoder*, EMNLP 2014, with the
/// reset gate applied after the product, as in cuDNN and PyTorch.
#[derive(Module, Debug)]
pub struct BiGru {
    /// Input weights of the reset, update and candidate gates of both directions.
    input: Linear,
    /// `[2, n_hidden, 3 * n_hidden]`
    hidden: Param<Tensor<3>>,
    /// `[2, 1, 3 * n_hidden]`
    bias: Param<Tensor<3>>,
    n_hidden: usize,
}

impl BiGruConfig {
    /// Initialises the GRU with random parameters.
    pub fn init(&self, device: &Device) -> BiGru {
        let (n, bound) = (self.n_hidden, 1.0 / (self.n_hidden as f64).sqrt());
        let initializer = Initializer::Uniform {
            min: -bound,
            max: bound,
        };
        BiGru {
            input: LinearConfig::new(self.n_inputs, 6 * n)
                .with_initializer(initializer.clone())
                .init(device),
            hidden: initializer.init([2, n, 3 * n], device),
            bias: initializer.init([2, 1, 3 * n], device),
            n_hidden: n,
        }
    }

    /// Returns the number of multiply-adds for a sequence of `n_frames` frames.
    pub fn multiply_adds(&self, n_frames: usize) -> usize {
        n_frames * 6 * self.n_hidden * (self.n_inputs + self.n_hidden)
    }
}

impl BiGru {
    /// Returns the states of each frame: forward direction first, then backward direction.
    ///
    /// # Shapes
    /// - `frames`: `[batch, n_frames, n_inputs]`
    /// - returns `[batch, n_frames, 2 * n_hidden]`
    pub fn forward(&self, frames: Tensor<3>) -> Tensor<3> {
        let [n_batch, n_frames, _] = frames.dims();
        let n = self.n_hidden;
        let gates = self
            .input
            .forward(frames)
            .reshape([n_batch, n_frames, 2, 3 * n])
            .permute([2, 1, 0, 3]); // [direction, n_frames, batch, gates]
        let from_start = gates.clone().narrow(0, 0, 1);
        let from_end = gates.narrow(0, 1, 1).flip([1]);
        let gates = Tensor::cat(vec![from_start, from_end], 0);

        let (hidden, bias) = (self.hidden.val(), self.bias.val());
        let mut state = Tensor::<3>::zeros([2, n_batch, n], &gates.device());
        let mut states = Vec::with_capacity(n_frames);
        for frame in 0..n_frames {
            let input = gates
                .clone()
                .slice([0..2, frame..frame + 1])
                .squeeze_dim::<3>(1); // [direction, batch, gates]
            let recurrent = state.clone().matmul(hidden.clone()) + bias.clone();
            let part = |gates: &Tensor<3>, from: usize, to: usize| {
                gates.clone().slice([0..2, 0..n_batch, from * n..to * n])
            };
            let both = sigmoid(part(&input, 0, 2) + part(&recurrent, 0, 2));
            let (reset, update) = (part(&both, 0, 1), part(&both, 1, 2));
            let candidate = tanh(part(&input, 2, 3) + reset * part(&recurrent, 2, 3));
            state = candidate.clone() + update * (state - candidate);
            states.push(state.clone().unsqueeze_dim::<4>(1));
        }
        let states = Tensor::cat(states, 1); // [direction, n_frames, batch, n_hidden]
        let from_start = states.clone().narrow(0, 0, 1);
        let from_end = states.narrow(0, 1, 1).flip([1]);
        Tensor::cat(vec![from_start, from_end], 3) // [1, n_frames, batch, 2 * n_hidden]
            .squeeze_dim::<3>(0)
            .swap_dims(0, 1)
    }

    /// Reads the parameters for the fused CPU kernels: the input weights and both directions.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    pub(super) async fn fused_cpu(&self) -> Result<(Convolution, [Direction; 2])> {
        let [n_inputs, n_gates] = self.input.weight.dims();
        let weights = read(self.input.weight.val().transpose()).await?;
        let bias = self.input.bias.as_ref().expect("`init` creates a bias");
        let bias = Affine::from_bias(read(bias.val()).await?);
        let input = Convolution::pointwise(n_inputs, n_gates, weights, bias);
        Ok((input, [self.direction(0).await?, self.direction(1).await?]))
    }

    async fn direction(&self, index: usize) -> Result<Direction> {
        let weights = self.hidden.val().narrow(0, index, 1).transpose();
        Ok(Direction {
            n_hidden: self.n_hidden,
            weights: read(weights).await?,
            bias: read(self.bias.val().narrow(0, index, 1)).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use pollster::block_on;
    use serde::Deserialize;

    use super::*;
    use crate::assert_close::assert_close;
    use crate::models::fused_cpu::FusedCpu;
    use crate::noise::Noise;

    /// Largest absolute error of a state, which is in -1..1. Largest measured: 4e-7.
    const TOLERANCE: f32 = 2e-6;

    /// States that ONNX Runtime computes; `tests/golden/make.py` writes them.
    #[derive(Deserialize)]
    struct Case {
        n_batch: usize,
        n_frames: usize,
        n_inputs: usize,
        n_hidden: usize,
        /// `[n_batch][n_frames][2 * n_hidden]`
        expected: Vec<f32>,
    }

    #[test]
    fn states_match_onnx_runtime_in_burn_and_fused() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/golden/gru.json"))
            .expect("golden file parses");
        for case in cases {
            let (gru, frames) = case.inputs();
            let shape = [case.n_batch, case.n_frames, case.n_inputs];
            let tensor = TensorData::new(frames.clone(), shape);
            let states = gru.forward(Tensor::from_data(tensor, &Device::flex()));
            let states = states.into_data().try_to_vec::<f32>().expect("floats");
            assert_close(&states, &case.expected, TOLERANCE, "Burn");

            let (input, directions) = block_on(gru.fused_cpu()).expect("a CPU does not fail");
            // With one frame per time step, mean and maximum are the state itself.
            let fused = FusedCpu::recurrent(&[], &input, directions, case.n_frames);
            let (features, _) = fused.features(&frames, [case.n_frames, case.n_inputs]);
            let states = features.chunks_exact(4 * case.n_hidden);
            let states: Vec<f32> = states
                .flat_map(|both| both[..2 * case.n_hidden].to_vec())
                .collect();
            assert_close(&states, &case.expected, TOLERANCE, "fused");
        }
    }

    impl Case {
        /// Returns the GRU, and frames as `[n_batch][n_frames][n_inputs]`.
        ///
        /// ONNX's layout is `W[2][3 * n_hidden][n_inputs]`, `R[2][3 * n_hidden][n_hidden]`, `B[2][6 * n_hidden]`
        /// (biases of inputs, then of states) and `X[n_frames][n_batch][n_inputs]`; its gates are update, reset,
        /// candidate.
        fn inputs(&self) -> (BiGru, Vec<f32>) {
            let (n, n_inputs, device) = (self.n_hidden, self.n_inputs, Device::flex());
            let mut noise = Noise(1);
            let mut values = |n: usize| -> Vec<f32> { (0..n).map(|_| noise.sample()).collect() };
            let w = values(6 * n * n_inputs);
            let r = values(6 * n * n);
            let b = values(12 * n);
            let x = values(self.n_frames * self.n_batch * n_inputs);

            // Position in ONNX's gates of a position in ours, which are reset, update, candidate.
            let gate = |ours: usize| [n, 0, 2 * n][ours / n] + ours % n;
            let mut gru = BiGruConfig {
                n_inputs,
                n_hidden: n,
            }
            .init(&device);
            let both =
                || (0..2).flat_map(|direction| (0..3 * n).map(move |ours| (direction, ours)));
            let at = |direction: usize, ours: usize| direction * 3 * n + gate(ours);
            let weights = (0..n_inputs).flat_map(|i| both().map(move |(d, ours)| (i, d, ours)));
            let weights = weights
                .map(|(i, d, ours)| w[at(d, ours) * n_inputs + i])
                .collect();
            let bias = |first: usize| -> Vec<f32> {
                both()
                    .map(|(d, ours)| b[d * 6 * n + first + gate(ours)])
                    .collect()
            };
            let hidden = (0..2)
                .flat_map(|d| (0..n).flat_map(move |i| (0..3 * n).map(move |ours| (d, i, ours))));
            let hidden = hidden.map(|(d, i, ours)| r[at(d, ours) * n + i]).collect();
            gru.input.weight = param(weights, [n_inputs, 6 * n], &device);
            gru.input.bias = Some(param(bias(0), [6 * n], &device));
            gru.hidden = param(hidden, [2, n, 3 * n], &device);
            gru.bias = param(bias(3 * n), [2, 1, 3 * n], &device);

            let frames = (0..self.n_batch).flat_map(|row| {
                let x = &x;
                (0..self.n_frames).flat_map(move |frame| {
                    &x[(frame * self.n_batch + row) * n_inputs..][..n_inputs]
                })
            });
            (gru, frames.copied().collect())
        }
    }

    fn param<const D: usize>(
        values: Vec<f32>,
        shape: [usize; D],
        device: &Device,
    ) -> Param<Tensor<D>> {
        Param::from_data(TensorData::new(values, shape), device)
    }
}
