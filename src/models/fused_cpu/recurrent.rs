//! A fused bidirectional gated recurrent unit (GRU).

use wide::f32x8;

use super::convolution::{Affine, Convolution, FeatureMap, Layer, mean_and_max};
use tonearm_dsp::simd::{WIDTH, load, store};

/// The recurrent parameters of one direction.
pub struct Direction {
    pub n_hidden: usize,
    /// `[3 * n_hidden][n_hidden]`, for the reset, update and candidate gates.
    pub weights: Vec<f32>,
    /// `[3 * n_hidden]`
    pub bias: Vec<f32>,
}

/// A bidirectional GRU.
#[derive(Clone, Debug)]
pub struct Recurrent {
    input: Layer,
    hidden: [Layer; 2],
    n_hidden: usize,
}

impl Recurrent {
    /// Reorders the weights.
    pub fn new(input: &Convolution, directions: [Direction; 2]) -> Self {
        Self {
            input: Layer::new(input),
            n_hidden: directions[0].n_hidden,
            hidden: directions.map(|direction| {
                let n = direction.n_hidden;
                let bias = Affine::from_bias(direction.bias);
                Layer::new(&Convolution::pointwise(n, 3 * n, direction.weights, bias))
            }),
        }
    }

    /// Returns the number of features of a time step.
    pub fn n_features(&self) -> usize {
        4 * self.n_hidden
    }

    /// Returns the mean and the maximum of the states in each of `n_steps` equal time steps.
    ///
    /// Adjacent steps share a frame if the number of frames is not divisible by `n_steps`.
    ///
    /// # Shapes
    /// - `frames`: `[batch][n_frames][n_inputs]`
    /// - returns `[batch][n_steps][n_features]`
    pub fn features(&self, frames: &FeatureMap, n_steps: usize) -> Vec<f32> {
        let states = self.states(frames);
        let mut features = Vec::with_capacity(states.height * n_steps * self.n_features());
        for sequence in 0..states.height {
            for step in 0..n_steps {
                let start = step * states.width / n_steps;
                let end = ((step + 1) * states.width).div_ceil(n_steps);
                let part = (start..end).map(|frame| states.at(sequence, frame));
                features.extend(mean_and_max(part));
            }
        }
        features
    }

    /// Returns the states of both directions, `[batch][n_frames][2 * n_hidden]`.
    fn states(&self, frames: &FeatureMap) -> FeatureMap {
        let n = self.n_hidden;
        let (n_batch, n_frames) = (frames.height, frames.width);
        let gates = self.input.forward(frames, [0, 0]);
        let mut states = FeatureMap::new([n_batch, n_frames, 2 * n], [0, 0]);
        let mut recurrent = vec![0.0; n_batch * 3 * n];
        for (direction, hidden) in self.hidden.iter().enumerate() {
            let mut state = FeatureMap::new([1, n_batch, n], [0, 0]);
            for step in 0..n_frames {
                let frame = match direction {
                    0 => step,
                    _ => n_frames - 1 - step,
                };
                hidden.row(&state, 0, &mut recurrent);
                for (sequence, recurrent) in recurrent.chunks_exact(3 * n).enumerate() {
                    let input = &gates.at(sequence, frame)[direction * 3 * n..][..3 * n];
                    let state = state.pixel(0, sequence);
                    update(state, input, recurrent);
                    states.pixel(sequence, frame)[direction * n..][..n].copy_from_slice(state);
                }
            }
        }
        states
    }
}

/// Updates the state of one sequence; the reset gate is applied after the product.
fn update(state: &mut [f32], input: &[f32], recurrent: &[f32]) {
    let n = state.len();
    for first in (0..n).step_by(WIDTH) {
        // Lanes beyond `n` hold values of the next gate; they are not stored.
        let part = |gates: &[f32], gate: usize| load(&gates[gate * n + first..]);
        let reset = sigmoid(part(input, 0) + part(recurrent, 0));
        let keep = sigmoid(part(input, 1) + part(recurrent, 1));
        let candidate = tanh(part(input, 2) + reset * part(recurrent, 2));
        let old = load(&state[first..]);
        let new = candidate + keep * (old - candidate);
        let end = n.min(first + WIDTH);
        store(new, &mut state[first..end]);
    }
}

fn sigmoid(x: f32x8) -> f32x8 {
    let one = f32x8::splat(1.0);
    one / (one + (-x).exp())
}

fn tanh(x: f32x8) -> f32x8 {
    let two = f32x8::splat(2.0);
    two * sigmoid(two * x) - f32x8::splat(1.0)
}
