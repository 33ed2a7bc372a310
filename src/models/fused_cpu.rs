//! The CNN and the RNN up to their last layers in plain Rust, for one core without a library of
//! kernels.
//!
//! Burn's CPU backend reads and writes memory anew for each operation; here what belongs together is
//! done while it is in registers.

mod convolution;
mod recurrent;

pub(super) use convolution::{Affine, Convolution};
use convolution::{FeatureMap, Layer};
pub(super) use recurrent::Direction;
use recurrent::Recurrent;

/// Layers that stand in for those of a network, with the parameters that it had.
#[derive(Clone, Debug)]
pub struct FusedCpu {
    layers: Vec<Layer>,
    /// Of the RNN, what reads the last layer's frames, and the steps that it answers.
    recurrent: Option<(Recurrent, usize)>,
}

impl FusedCpu {
    /// Convolutions of pictures.
    pub(super) fn new(convolutions: &[Convolution]) -> Self {
        Self {
            layers: convolutions.iter().map(Layer::new).collect(),
            recurrent: None,
        }
    }

    /// Convolutions of sequences and a GRU that reads them from both ends, answered in `n_steps`.
    ///
    /// `input` makes the gates' share of the frames, of one direction after the other.
    pub(super) fn recurrent(
        convolutions: &[Convolution],
        input: &Convolution,
        directions: [Direction; 2],
        n_steps: usize,
    ) -> Self {
        Self {
            recurrent: Some((Recurrent::new(input, directions), n_steps)),
            ..Self::new(convolutions)
        }
    }

    /// What the network's last layer reads of each step in time.
    ///
    /// # Shapes
    /// - `rows`: `[batch][height][width]`, normalised; as the network's own `features` has them
    /// - returns `[batch][n_steps][n_features]`, and the last two of these
    pub fn features(&self, rows: &[f32], [height, width]: [usize; 2]) -> (Vec<f32>, [usize; 2]) {
        match &self.recurrent {
            None => self.of_pictures(rows, [height, width]),
            Some((recurrent, n_steps)) => {
                // Kernels are one row high, so that a row is a sequence.
                let n_batch = rows.len() / (height * width);
                let frames = self.convolve(rows, [n_batch, height, width]);
                (
                    recurrent.features(&frames, *n_steps),
                    [*n_steps, recurrent.n_features()],
                )
            }
        }
    }

    /// Mean and maximum over the height, of each column.
    fn of_pictures(&self, pictures: &[f32], [height, width]: [usize; 2]) -> (Vec<f32>, [usize; 2]) {
        let mut features = Vec::new();
        let mut shape = [0, 0];
        for map in pictures.chunks_exact(height * width) {
            let made = self.convolve(map, [height, width, 1]);
            shape = [made.width, 2 * made.channels];
            features.extend(made.mean_and_max());
        }
        (features, shape)
    }

    /// What the last layer makes of a picture.
    ///
    /// # Shapes
    /// - `values`: `[height][width][channels]`
    fn convolve(&self, values: &[f32], [height, width, channels]: [usize; 3]) -> FeatureMap {
        let mut x = FeatureMap::new([height, width, channels], self.edge(0));
        x.fill(values);
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, self.edge(index + 1));
        }
        x
    }

    /// Zeros around what a layer reads; none around the result of the last.
    fn edge(&self, layer: usize) -> [usize; 2] {
        self.layers.get(layer).map_or([0, 0], Layer::edge)
    }
}
