//! Fused single-threaded CPU kernels for all layers of the CNN and the RNN but the last.
//!
//! Burn's CPU backend reads and writes memory for each operation; these kernels apply several
//! operations to values in registers.

mod convolution;
mod recurrent;

pub(super) use convolution::{Affine, Convolution};
use convolution::{FeatureMap, Layer};
pub(super) use recurrent::Direction;
use recurrent::Recurrent;

/// A copy of all layers of a CNN or an RNN but the last.
#[derive(Clone, Debug)]
pub struct FusedCpu {
    layers: Vec<Layer>,
    /// The bidirectional GRU of an RNN, and the number of time steps per segment.
    recurrent: Option<(Recurrent, usize)>,
}

impl FusedCpu {
    /// Creates the convolutions of a CNN.
    pub(super) fn new(convolutions: &[Convolution]) -> Self {
        Self {
            layers: convolutions.iter().map(Layer::new).collect(),
            recurrent: None,
        }
    }

    /// Creates the convolutions and the bidirectional GRU of an RNN with `n_steps` time steps.
    ///
    /// `input` is the GRU's product of a frame with the input weights of both directions.
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

    /// Returns the features of each time step, the input of the network's last layer.
    ///
    /// # Shapes
    /// - `rows`: `[batch][height][width]`, normalised, as for the network's own `features`
    /// - returns `[batch][n_steps][n_features]` and `[n_steps, n_features]`
    pub fn features(&self, rows: &[f32], [height, width]: [usize; 2]) -> (Vec<f32>, [usize; 2]) {
        match &self.recurrent {
            None => self.pooled_features(rows, [height, width]),
            Some((recurrent, n_steps)) => {
                // The kernels have height 1, so each row of the feature map is a sequence.
                let n_batch = rows.len() / (height * width);
                let frames = self.convolve(rows, [n_batch, height, width]);
                (
                    recurrent.features(&frames, *n_steps),
                    [*n_steps, recurrent.n_features()],
                )
            }
        }
    }

    /// Convolves patches, and returns the mean and the maximum over the height of each column.
    fn pooled_features(
        &self,
        patches: &[f32],
        [height, width]: [usize; 2],
    ) -> (Vec<f32>, [usize; 2]) {
        let mut features = Vec::new();
        let mut shape = [0, 0];
        for patch in patches.chunks_exact(height * width) {
            let map = self.convolve(patch, [height, width, 1]);
            shape = [map.width, 2 * map.channels];
            features.extend(map.mean_and_max());
        }
        (features, shape)
    }

    /// Returns the output of the last convolution.
    ///
    /// # Shapes
    /// - `values`: `[height][width][channels]`
    fn convolve(&self, values: &[f32], [height, width, channels]: [usize; 3]) -> FeatureMap {
        let mut x = FeatureMap::new([height, width, channels], self.padding(0));
        x.fill(values);
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, self.padding(index + 1));
        }
        x
    }

    /// Returns the zero padding that the layer at this index requires, and none after the last layer.
    fn padding(&self, layer: usize) -> [usize; 2] {
        self.layers.get(layer).map_or([0, 0], Layer::padding)
    }
}
