//! Numbers as the tensors of a weights file, and back.

use burn_pack::{Bytes, DType};
use half::f16;

use crate::{Error, Result};

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

/// Numbers as a tensor of 16 bit floats.
pub(super) fn of_floats(name: &str, shape: Vec<usize>, values: &[f32]) -> burn_pack::Tensor {
    let bytes = values
        .iter()
        .flat_map(|value| f16::from_f32(*value).to_le_bytes())
        .collect();
    of_bytes(name, DType::F16, shape, bytes)
}

/// Whole numbers as a tensor of 32 bits.
pub(super) fn of_integers(name: &str, values: &[i32]) -> burn_pack::Tensor {
    let bytes = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    of_bytes(name, DType::I32, vec![values.len()], bytes)
}

/// Bytes as a tensor.
pub(super) fn of_bytes(
    name: &str,
    dtype: DType,
    shape: Vec<usize>,
    bytes: Vec<u8>,
) -> burn_pack::Tensor {
    let bytes = Bytes::from_bytes_vec(bytes);
    burn_pack::Tensor::new(name.to_owned(), dtype, shape, None, bytes)
}

/// The numbers of a tensor of 16 bit floats.
pub(super) fn floats(tensor: &burn_pack::Tensor) -> Result<Vec<f32>> {
    let bytes = bytes(tensor, DType::F16)?;
    let (chunks, _) = bytes.as_chunks::<2>();
    let values = chunks
        .iter()
        .map(|chunk| f16::from_le_bytes(*chunk).to_f32());
    Ok(values.collect())
}

/// The numbers of a tensor of whole numbers of 32 bits.
pub(super) fn integers(tensor: &burn_pack::Tensor) -> Result<Vec<i32>> {
    let bytes = bytes(tensor, DType::I32)?;
    let (chunks, _) = bytes.as_chunks::<4>();
    Ok(chunks
        .iter()
        .map(|chunk| i32::from_le_bytes(*chunk))
        .collect())
}

/// The bytes of a tensor of this type.
pub(super) fn bytes(tensor: &burn_pack::Tensor, dtype: DType) -> Result<Vec<u8>> {
    if tensor.dtype != dtype {
        let reason = format!("`{}` is of another type than {dtype:?}", tensor.name);
        return Err(Error::Weights(reason));
    }
    let cut = |_| Error::Weights(format!("`{}` is cut short", tensor.name));
    Ok(tensor.to_bytes().map_err(cut)?.to_vec())
}
