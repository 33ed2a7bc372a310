//! Conversion between numbers and the tensors of a weights file.

use burn_pack::{Bytes, DType};
use half::f16;

use crate::error::Defect;
use crate::{Error, Result};

/// Checks that a parameter is a finite 16 or 32 bit float.
///
/// # Errors
/// [`Error::Weights`], naming the parameter.
pub(super) fn check_finite(tensor: &burn_pack::Tensor) -> Result<()> {
    let bytes = tensor
        .to_bytes()
        .map_err(|error| damaged(tensor).caused_by(error))?;
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
        other => {
            return Err(mismatch(
                tensor,
                "have type F16 or F32",
                format!("{other:?}"),
            ));
        }
    };
    if finite {
        return Ok(());
    }
    Err(mismatch(tensor, "be finite", "NaN or infinity"))
}

fn damaged(tensor: &burn_pack::Tensor) -> Error {
    Error::weights(Defect::damaged(format!("`{}`", tensor.name)))
}

fn mismatch(tensor: &burn_pack::Tensor, expected: impl Into<String>, got: impl ToString) -> Error {
    Error::weights(Defect::mismatch(
        format!("`{}`", tensor.name),
        expected,
        got,
    ))
}

/// Tensor of 16 bit floats.
pub(super) fn of_floats(name: &str, shape: Vec<usize>, values: &[f32]) -> burn_pack::Tensor {
    let bytes = values
        .iter()
        .flat_map(|value| f16::from_f32(*value).to_le_bytes())
        .collect();
    of_bytes(name, DType::F16, shape, bytes)
}

/// Tensor of 32 bit integers.
pub(super) fn of_integers(name: &str, values: &[i32]) -> burn_pack::Tensor {
    let bytes = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    of_bytes(name, DType::I32, vec![values.len()], bytes)
}

/// Tensor of raw bytes.
pub(super) fn of_bytes(
    name: &str,
    dtype: DType,
    shape: Vec<usize>,
    bytes: Vec<u8>,
) -> burn_pack::Tensor {
    let bytes = Bytes::from_bytes_vec(bytes);
    burn_pack::Tensor::new(name.to_owned(), dtype, shape, None, bytes)
}

/// Values of a tensor of 16 bit floats.
///
/// # Errors
/// [`Error::Weights`] if the tensor has another type or is truncated.
pub(super) fn floats(tensor: &burn_pack::Tensor) -> Result<Vec<f32>> {
    let bytes = bytes(tensor, DType::F16)?;
    let (chunks, _) = bytes.as_chunks::<2>();
    let values = chunks
        .iter()
        .map(|chunk| f16::from_le_bytes(*chunk).to_f32());
    Ok(values.collect())
}

/// Values of a tensor of 32 bit integers.
///
/// # Errors
/// [`Error::Weights`] if the tensor has another type or is truncated.
pub(super) fn integers(tensor: &burn_pack::Tensor) -> Result<Vec<i32>> {
    let bytes = bytes(tensor, DType::I32)?;
    let (chunks, _) = bytes.as_chunks::<4>();
    Ok(chunks
        .iter()
        .map(|chunk| i32::from_le_bytes(*chunk))
        .collect())
}

/// Raw bytes of a tensor with this type.
///
/// # Errors
/// [`Error::Weights`] if the tensor has another type or is truncated.
pub(super) fn bytes(tensor: &burn_pack::Tensor, dtype: DType) -> Result<Vec<u8>> {
    if tensor.dtype != dtype {
        let (expected, got) = (
            format!("have type {dtype:?}"),
            format!("{:?}", tensor.dtype),
        );
        return Err(mismatch(tensor, expected, got));
    }
    let bytes = tensor
        .to_bytes()
        .map_err(|error| damaged(tensor).caused_by(error))?;
    Ok(bytes.to_vec())
}
