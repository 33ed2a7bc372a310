//! Reads the parameters of a module asynchronously.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
#[cfg(feature = "train")]
use burn_pack::{Bytes, DType, Writer};

#[cfg(feature = "train")]
use crate::Error;
use crate::Result;
use crate::models::read;

/// A parameter or a running statistic.
pub(crate) struct Parameter {
    pub name: String,
    /// Id by which an optimiser identifies the parameter.
    #[cfg_attr(not(feature = "train"), expect(dead_code))]
    pub id: u64,
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// Reads the parameters and running statistics of a module without autodiff.
///
/// `Module::into_record` would read them synchronously, which panics on a browser's GPU.
///
/// # Errors
/// [`Error::Device`] if the device fails.
pub(crate) async fn read_all(module: &impl Module) -> Result<Vec<Parameter>> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    if collector.tensors.is_empty() {
        return Ok(collector.parameters);
    }
    // Concatenated, so that only one read waits for the GPU.
    let values = read(Tensor::cat(collector.tensors, 0)).await?;
    let mut rest = &values[..];
    for parameter in &mut collector.parameters {
        let (own, others) = rest.split_at(parameter.shape.iter().product());
        parameter.values = own.to_vec();
        rest = others;
    }
    Ok(collector.parameters)
}

/// Returns the names, ids and shapes of the parameters and running statistics; `values` are empty.
#[cfg(feature = "train")]
pub(crate) fn describe(module: &impl Module) -> Vec<Parameter> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.parameters
}

/// Returns the number of values in the parameters of a module, without initialising them.
pub(crate) fn count(module: &impl Module) -> u64 {
    struct Counter(u64);

    impl ModuleVisitor for Counter {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let shape = param.lazy_shape();
            let n_values = shape
                .iter()
                .fold(1, |n: u64, &axis| n.saturating_mul(axis as u64));
            self.0 = self.0.saturating_add(n_values);
        }
    }

    let mut counter = Counter(0);
    module.visit(&mut counter);
    counter.0
}

/// Returns the bytes of the module's `ModuleRecord`, bit-identical to those that Burn writes.
///
/// # Errors
/// [`Error::Device`] if the device fails.
#[cfg(feature = "train")]
pub(crate) async fn record(module: &impl Module) -> Result<Vec<u8>> {
    let tensor = |parameter: Parameter| {
        let values = parameter.values.iter();
        let bytes = values.flat_map(|value| value.to_le_bytes()).collect();
        let bytes = Bytes::from_bytes_vec(bytes);
        let (name, shape) = (parameter.name, parameter.shape);
        burn_pack::Tensor::new(name, DType::F32, shape, Some(parameter.id), bytes)
    };
    let tensors = read_all(module).await?.into_iter().map(tensor).collect();
    let bytes = Writer::new(tensors).into_bytes();
    let bytes = bytes.map_err(Error::device)?;
    Ok(bytes.to_vec())
}

/// A visitor that collects parameters without their values, and the values as tensors.
#[derive(Default)]
struct Collector {
    path: Vec<String>,
    parameters: Vec<Parameter>,
    tensors: Vec<Tensor<1>>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.transform_for_save().val();
        self.parameters.push(Parameter {
            name: self.path.join("."),
            id: param.id.val(),
            shape: value.dims().to_vec(),
            values: Vec::new(),
        });
        self.tensors.push(value.flatten(0, D - 1));
    }
}
