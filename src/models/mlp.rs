//! The multi-layer perceptron; without hidden layers it is a linear classifier.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Initializer, Relu};
use burn::tensor::{Device, Tensor, TensorData};

use super::read;
use crate::Result;
use crate::error::{check, fraction, within};

/// Settings of the MLP.
#[derive(Config, Debug, PartialEq)]
pub struct MlpConfig {
    /// Number of inputs; 1 to 4096.
    pub n_inputs: usize,
    /// Number of classes; 2 to 255.
    pub n_labels: usize,
    /// Sizes of the hidden layers; without any, the network is a linear classifier. Default: empty.
    #[config(default = "Vec::new()")]
    pub hidden: Vec<usize>,
    /// Number of ensemble members, networks of this shape that are averaged; 1 to 64. Default: 1.
    #[config(default = 1)]
    pub members: usize,
    /// Dropout probability after each hidden layer in training; in 0..1. Default: 0.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether two classes share one output: the logit of the second class; that of the first is 0.
    /// Default: false.
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

    /// Creates a linear classifier with the given weights and biases of 0.
    ///
    /// # Shapes
    /// - `weights`: `[n_inputs][n_labels]`
    ///
    /// # Panics
    /// If the number of weights differs, or the network has hidden layers or several members.
    pub fn with_weights(&self, weights: Vec<f32>, device: &Device) -> Mlp {
        assert!(
            self.hidden.is_empty() && self.members == 1,
            "only a single linear layer takes weights"
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
            fraction("dropout", self.dropout),
        ])
    }

    /// Returns the number of multiply-adds per row.
    pub fn multiply_adds(&self) -> usize {
        let layers = self.sizes();
        let products = layers.windows(2).map(|size| size[0] * size[1]);
        self.members * products.sum::<usize>()
    }

    /// Returns the sizes of the input, the hidden layers and the output.
    fn sizes(&self) -> Vec<usize> {
        let outputs = if self.single { 1 } else { self.n_labels };
        let hidden = self.hidden.iter().copied();
        std::iter::once(self.n_inputs)
            .chain(hidden)
            .chain([outputs])
            .collect()
    }
}

/// An ensemble of MLPs with ReLU and dropout after each hidden layer.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    relu: Relu,
    dropout: Dropout,
    single: bool,
}

/// One layer of all ensemble members.
#[derive(Module, Debug)]
struct Layer {
    /// `[members, n_inputs, n_outputs]`
    weight: Param<Tensor<3>>,
    /// `[members, 1, n_outputs]`
    bias: Param<Tensor<3>>,
}

impl Mlp {
    /// Returns the logits of each member.
    ///
    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`, normalised
    /// - returns `[batch, members, n_labels]`
    pub fn forward(&self, rows: Tensor<3>) -> Tensor<3> {
        let (last, hidden) = self.split();
        let mut x = last.forward(self.apply_hidden(hidden, rows));
        if self.single {
            x = Tensor::cat(vec![x.zeros_like(), x], 2);
        }
        x.swap_dims(0, 1)
    }

    /// Returns the inputs of the last layers of all members, concatenated.
    ///
    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`, normalised
    /// - returns `[batch, 1, members * n_hidden]`; without hidden layers, the rows
    pub fn features(&self, rows: Tensor<3>) -> Tensor<3> {
        let (_, hidden) = self.split();
        let x: Tensor<2> = self
            .apply_hidden(hidden, rows)
            .swap_dims(0, 1)
            .flatten(1, 2);
        x.unsqueeze_dim(1)
    }

    /// Returns the last layer and the hidden layers.
    fn split(&self) -> (&Layer, &[Layer]) {
        self.layers.split_last().expect("there is a layer")
    }

    /// Applies hidden layers, each followed by ReLU and dropout.
    ///
    /// # Shapes
    /// - `rows`: `[batch, 1, n_inputs]`
    /// - returns `[members or 1, batch, n_outputs]`
    fn apply_hidden(&self, layers: &[Layer], rows: Tensor<3>) -> Tensor<3> {
        layers.iter().fold(rows.swap_dims(0, 1), |x, layer| {
            self.dropout.forward(self.relu.forward(layer.forward(x)))
        })
    }
}

impl Mlp {
    /// Reads the weights and biases of a linear classifier.
    ///
    /// # Shapes
    /// - returns `[n_inputs][n_labels]` and `[n_labels]`
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if the device fails.
    ///
    /// # Panics
    /// If the network has hidden layers or several members.
    pub async fn linear(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let [layer] = &self.layers[..] else {
            panic!("only a network with a single layer is linear");
        };
        let weights: Tensor<1> = layer.weight.val().flatten(0, 2);
        let biases: Tensor<1> = layer.bias.val().flatten(0, 2);
        Ok((read(weights).await?, read(biases).await?))
    }
}

impl Layer {
    fn new(members: usize, from: usize, to: usize, device: &Device) -> Self {
        // Glorot and Bengio, 2010, with the fan-in and fan-out of one member.
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

    /// Applies the layer of each member.
    ///
    /// # Shapes
    /// - `x`: `[members or 1, batch, n_inputs]`
    /// - returns `[members, batch, n_outputs]`
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.val();
        let [members, _, _] = weight.dims();
        let [n_given, n_batch, n_inputs] = x.dims();
        let x = match n_given == members {
            true => x,
            false => x.expand([members, n_batch, n_inputs]),
        };
        x.matmul(weight) + self.bias.val()
    }
}
