//! The multi-layer perceptron on rows of numbers, and the linear layer that it is without layers.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Initializer, Relu};
use burn::tensor::{Device, Tensor, TensorData};

use super::read;
use crate::Result;
use crate::error::{check, share, within};

/// Shape of the MLP on rows of numbers.
#[derive(Config, Debug, PartialEq)]
pub struct MlpConfig {
    /// Numbers of a row.
    pub n_inputs: usize,
    /// Number of classes; at least 2.
    pub n_labels: usize,
    /// Numbers of each hidden layer; none makes a linear classifier. Default: none.
    #[config(default = "Vec::new()")]
    pub hidden: Vec<usize>,
    /// Networks of this shape that answer together. Default: 1.
    #[config(default = 1)]
    pub members: usize,
    /// Share of the numbers dropped after each hidden layer while training. Default: 0.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether two classes share one output, the second's logit; the first's is 0. Default: no.
    #[config(default = false)]
    pub single: bool,
}

impl MlpConfig {
    /// Initialises the network with random parameters.
    pub fn init(&self, device: &Device) -> Mlp {
        let layers = self.sizes();
        Mlp {
            layers: layers
                .windows(2)
                .map(|size| Layer::new(self.members, size[0], size[1], device))
                .collect(),
            relu: Relu::new(),
            dropout: DropoutConfig::new(self.dropout).init(),
            single: self.single,
        }
    }

    /// A linear layer with these weights and no biases.
    ///
    /// # Shapes
    /// - `weights`: `[n_inputs][n_labels]`
    ///
    /// # Panics
    /// If there are not as many weights, or the shape has hidden layers or members.
    pub fn with_weights(&self, weights: Vec<f32>, device: &Device) -> Mlp {
        assert!(
            self.hidden.is_empty() && self.members == 1,
            "not one linear layer"
        );
        let mut mlp = self.init(device);
        let weights = TensorData::new(weights, [1, self.n_inputs, self.n_labels]);
        mlp.layers[0].weight = Param::from_data(weights, device);
        mlp
    }

    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), naming the first field out of range.
    pub fn validate(&self) -> Result<()> {
        let widest = self
            .hidden
            .iter()
            .copied()
            .find(|n| !(1..=4096).contains(n));
        let single = usize::from(self.single);
        check([
            within("n_inputs", self.n_inputs, 1..=4096, "in 1..=4096"),
            within("n_labels", self.n_labels, 2..=255, "in 2..=255"),
            within("hidden", self.hidden.len(), 0..=8, "of at most 8 layers"),
            within("hidden", widest.unwrap_or(1), 1..=4096, "in 1..=4096"),
            within("members", self.members, 1..=64, "in 1..=64"),
            within(
                "single",
                single * self.n_labels,
                0..=2,
                "only where there are two classes",
            ),
            share("dropout", self.dropout),
        ])
    }

    /// Multiply-adds of one row.
    pub fn multiply_adds(&self) -> usize {
        let layers = self.sizes();
        let products = layers.windows(2).map(|size| size[0] * size[1]);
        self.members * products.sum::<usize>()
    }

    /// Numbers before, between and after the layers.
    fn sizes(&self) -> Vec<usize> {
        let outputs = if self.single { 1 } else { self.n_labels };
        let hidden = self.hidden.iter().copied();
        std::iter::once(self.n_inputs)
            .chain(hidden)
            .chain([outputs])
            .collect()
    }
}

/// Layers with ReLU and dropout between them; several such networks side by side.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    relu: Relu,
    dropout: Dropout,
    single: bool,
}

/// One layer of all members.
#[derive(Module, Debug)]
struct Layer {
    /// `[members, n_inputs, n_outputs]`
    weight: Param<Tensor<3>>,
    /// `[members, 1, n_outputs]`
    bias: Param<Tensor<3>>,
}

impl Mlp {
    /// Logits of each member.
    ///
    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`, normalised
    /// - returns `[batch, members, n_labels]`
    pub fn forward(&self, rows: Tensor<3>) -> Tensor<3> {
        let (last, hidden) = self.split();
        let mut x = last.forward(self.pass(hidden, rows));
        if self.single {
            x = Tensor::cat(vec![x.zeros_like(), x], 2);
        }
        x.swap_dims(0, 1)
    }

    /// What the last layers of all members read, side by side.
    ///
    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`, normalised
    /// - returns `[batch, 1, members * n_hidden]`; without hidden layers, the rows
    pub fn features(&self, rows: Tensor<3>) -> Tensor<3> {
        let (_, hidden) = self.split();
        let x: Tensor<2> = self.pass(hidden, rows).swap_dims(0, 1).flatten(1, 2);
        x.unsqueeze_dim(1)
    }

    /// The last layer, and those before.
    fn split(&self) -> (&Layer, &[Layer]) {
        self.layers.split_last().expect("there is a layer")
    }

    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`
    /// - returns `[members or 1, batch, n_outputs]`
    fn pass(&self, layers: &[Layer], rows: Tensor<3>) -> Tensor<3> {
        layers.iter().fold(rows.swap_dims(0, 1), |x, layer| {
            self.dropout.forward(self.relu.forward(layer.forward(x)))
        })
    }
}

impl Mlp {
    /// Weights and biases of a linear layer.
    ///
    /// # Shapes
    /// - returns `[n_inputs][n_labels]` and `[n_labels]`
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device cannot be read.
    ///
    /// # Panics
    /// If it has hidden layers or members.
    pub async fn linear(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let [layer] = &self.layers[..] else {
            panic!("not one linear layer");
        };
        let weights: Tensor<1> = layer.weight.val().flatten(0, 2);
        let biases: Tensor<1> = layer.bias.val().flatten(0, 2);
        Ok((read(weights).await?, read(biases).await?))
    }
}

impl Layer {
    fn new(members: usize, from: usize, to: usize, device: &Device) -> Self {
        // Glorot and Bengio, 2010: of one member, not of all.
        let bound = (6.0 / (from + to) as f64).sqrt();
        let initializer = Initializer::Uniform {
            min: -bound,
            max: bound,
        };
        Self {
            weight: initializer.init([members, from, to], device),
            bias: Initializer::Zeros.init([members, 1, to], device),
        }
    }

    /// # Shapes
    /// - `x`: `[members or 1, batch, n_inputs]`
    /// - returns `[members, batch, n_outputs]`
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.val();
        let [members, _, _] = weight.dims();
        let [given, n_batch, n_inputs] = x.dims();
        let x = match given == members {
            true => x,
            false => x.expand([members, n_batch, n_inputs]),
        };
        x.matmul(weight) + self.bias.val()
    }
}
