//! The parameters of a module, read without blocking.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use burn_pack::{Bytes, DType};
use half::f16;

use crate::models::read;
use crate::{Error, Result};

/// Parameters and running statistics by name, flattened.
///
/// `Module::into_record` would read them synchronously, which panics on a browser's GPU.
#[derive(Default)]
pub(super) struct Parameters {
    path: Vec<String>,
    found: Vec<(String, Vec<usize>, Tensor<1>)>,
}

impl Parameters {
    pub(super) fn of(module: &impl Module) -> Self {
        let mut parameters = Self::default();
        module.visit(&mut parameters);
        parameters
    }

    /// Packs them as 16 bit floats, each name behind `prefix`.
    pub(super) async fn into_tensors(self, prefix: &str) -> Result<Vec<burn_pack::Tensor>> {
        let mut tensors = Vec::with_capacity(self.found.len());
        for (name, shape, tensor) in self.found {
            let values = read(tensor).await?;
            let bytes = values
                .iter()
                .flat_map(|v| f16::from_f32(*v).to_le_bytes())
                .collect();
            let bytes = Bytes::from_bytes_vec(bytes);
            let name = format!("{prefix}{name}");
            tensors.push(burn_pack::Tensor::new(name, DType::F16, shape, None, bytes));
        }
        Ok(tensors)
    }
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.transform_for_save().val();
        let shape = value.dims().to_vec();
        self.found
            .push((self.path.join("."), shape, value.flatten(0, D - 1)));
    }
}

/// Refuses a parameter that is not a 16 or 32 bit float, or not finite.
pub(super) fn check_finite(tensor: &burn_pack::Tensor) -> Result<()> {
    let bytes = tensor
        .to_bytes()
        .map_err(|_| Error::Weights(format!("`{}` is cut short", tensor.name)))?;
    let finite = match tensor.dtype {
        DType::F16 => bytes
            .as_chunks::<2>()
            .0
            .iter()
            .all(|b| f16::from_le_bytes(*b).is_finite()),
        DType::F32 => bytes
            .as_chunks::<4>()
            .0
            .iter()
            .all(|b| f32::from_le_bytes(*b).is_finite()),
        _ => return Err(Error::Weights(format!("`{}` is no float", tensor.name))),
    };
    if finite {
        return Ok(());
    }
    Err(Error::Weights(format!(
        "`{}` holds numbers that are not finite",
        tensor.name
    )))
}
