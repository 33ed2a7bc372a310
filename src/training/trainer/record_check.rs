//! Validation of the Burn records in a checkpoint.
//!
//! Burn's readers trust the types, shapes and ids in a record and panic if they are wrong.
//! Therefore each record is compared with what the network expects, and only the expected tensors
//! are written to a new record for Burn, correctly aligned and without any other claims.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn_pack::{Bytes, DType, Reader, Scalar, Tensor, Writer};

use super::optimizer::Fields;
use crate::error::{Cause, Defect};
use crate::models::parameters::{self, Parameter};
use crate::{Error, Result};

/// Name under which Burn records the rank of an optimiser's moments.
const RANK: &str = "__rank";

/// Loads the parameters of a record into a module.
///
/// # Errors
/// [`Error::Checkpoint`] if the record does not hold exactly the module's parameters, all of them
/// finite and with unique ids.
pub(super) fn load<M: Module>(module: M, record: &[u8]) -> Result<M> {
    let mut found = tensors(read(record)?)?;
    let mut ids = BTreeSet::new();
    let mut tensors = Vec::with_capacity(found.len());
    for parameter in parameters::describe(&module) {
        let tensor = found.remove(&parameter.name);
        let tensor = checked(tensor, &parameter.name, &parameter.shape)?;
        // The optimiser identifies parameters by their ids.
        if !tensor.param_id.is_some_and(|id| ids.insert(id)) {
            let part = format!("the id of `{}`", parameter.name);
            return Err(mismatch(
                part,
                "be unique",
                format!("{:?}", tensor.param_id),
            ));
        }
        tensors.push(tensor);
    }
    refuse_others(found.into_keys())?;
    let record = ModuleRecord::from_bytes(write(Writer::new(tensors))?).map_err(damaged)?;
    module.try_load_record(record).map_err(damaged)
}

/// Optimiser state of some parameters after at most `n_steps` steps.
///
/// Parameters without state, because they are not trained, are skipped.
///
/// # Errors
/// [`Error::Checkpoint`] if the record holds anything else, or the state is incomplete, has another
/// shape, is not finite, or counts too many steps.
pub(super) fn optimizer_record(
    parameters: &[Parameter],
    fields: Fields,
    n_steps: usize,
    record: &[u8],
) -> Result<OptimizerRecord> {
    let reader = read(record)?;
    let mut scalars = reader.scalars().clone();
    let mut paths = reader.metadata().clone();
    let mut found = tensors(reader)?;
    let mut kept = Vec::with_capacity(found.len());
    let mut checked_scalars: Vec<(String, Scalar)> = Vec::with_capacity(scalars.len());
    let mut names = Vec::with_capacity(paths.len());
    for parameter in parameters {
        let id = parameter.id.to_string();
        let key = |field: &str| format!("{id}.{field}");
        let Some(rank) = scalars.remove(&key(RANK)) else {
            continue;
        };
        if usize::try_from(rank) != Ok(parameter.shape.len()) {
            let part = format!("the moments of `{}`", parameter.name);
            let expected = format!("have rank {}", parameter.shape.len());
            return Err(mismatch(part, expected, format!("{rank:?}")));
        }
        checked_scalars.push((key(RANK), rank));
        for field in fields.moments {
            let name = key(field);
            let moment = checked(found.remove(&name), &name, &parameter.shape)?;
            if moment.param_id != Some(parameter.id) {
                let expected = format!("belong to `{}`", parameter.name);
                return Err(mismatch(format!("`{name}`"), expected, "another parameter"));
            }
            kept.push(moment);
        }
        if let Some(field) = fields.steps {
            let steps = scalars.remove(&key(field));
            let steps = steps.ok_or_else(|| missing(&key(field)))?;
            if !u64::try_from(steps).is_ok_and(|steps| (1..=n_steps as u64).contains(&steps)) {
                let expected = format!("be in 1..={n_steps}, the number of steps taken");
                let part = format!("`{}`", key(field));
                return Err(mismatch(part, expected, format!("{steps:?}")));
            }
            checked_scalars.push((key(field), steps));
        }
        match paths.remove(&id) {
            Some(path) if path != parameter.name => {
                let part = format!("the moments of id `{id}`");
                let expected = format!("belong to `{}`", parameter.name);
                return Err(mismatch(part, expected, format!("`{path}`")));
            }
            Some(path) => names.push((id, path)),
            None => {}
        }
    }
    refuse_others(found.into_keys())?;
    refuse_others(scalars.into_keys().chain(paths.into_keys()))?;

    let mut writer = Writer::new(kept);
    for (key, scalar) in checked_scalars {
        writer = writer.with_scalar(&key, scalar);
    }
    for (id, path) in names {
        writer = writer.with_metadata(&id, &path);
    }
    OptimizerRecord::from_bytes(write(writer)?).map_err(damaged)
}

/// Error for a part of a checkpoint that does not match the run.
pub(super) fn mismatch(
    part: impl Into<String>,
    expected: impl Into<String>,
    got: impl ToString,
) -> Error {
    Error::checkpoint(Defect::mismatch(part, expected, got))
}

fn missing(name: &str) -> Error {
    Error::checkpoint(Defect::missing(format!("`{name}`")))
}

/// Error for a record that Burn refuses.
fn damaged(error: impl Into<Cause>) -> Error {
    Error::checkpoint(Defect::damaged("a record in it")).caused_by(error)
}

fn read(record: &[u8]) -> Result<Reader> {
    Reader::from_bytes(Bytes::from_bytes_vec(record.to_vec())).map_err(damaged)
}

/// Tensors of a record, by name.
fn tensors(reader: Reader) -> Result<BTreeMap<String, Tensor>> {
    let tensors = reader.into_tensors().map_err(damaged)?;
    Ok(tensors
        .into_iter()
        .map(|tensor| (tensor.name.clone(), tensor))
        .collect())
}

/// Copies a tensor of finite 32 bit floats with this shape.
///
/// # Errors
/// [`Error::Checkpoint`] if it is missing, truncated, or has another type or shape.
fn checked(tensor: Option<Tensor>, name: &str, shape: &[usize]) -> Result<Tensor> {
    let tensor = tensor.ok_or_else(|| missing(name))?;
    if tensor.dtype != DType::F32 || tensor.shape.to_vec() != shape {
        let expected = format!("have shape {shape:?} and type {:?}", DType::F32);
        let got = format!("{:?} and {:?}", tensor.shape.to_vec(), tensor.dtype);
        return Err(mismatch(format!("`{name}`"), expected, got));
    }
    let id = tensor.param_id;
    let bytes = tensor.into_bytes().map_err(damaged)?.to_vec();
    let (values, rest) = bytes.as_chunks::<4>();
    if values.len() != shape.iter().product::<usize>() || !rest.is_empty() {
        return Err(Error::checkpoint(Defect::damaged(format!("`{name}`"))));
    }
    if !values
        .iter()
        .all(|value| f32::from_le_bytes(*value).is_finite())
    {
        return Err(mismatch(
            format!("`{name}`"),
            "be finite",
            "NaN or infinity",
        ));
    }
    let bytes = Bytes::from_bytes_vec(bytes);
    Ok(Tensor::new(
        name.to_owned(),
        DType::F32,
        shape.to_vec(),
        id,
        bytes,
    ))
}

/// Refuses names that belong to no parameter.
fn refuse_others(mut names: impl Iterator<Item = String>) -> Result<()> {
    match names.next() {
        Some(name) => Err(Error::checkpoint(Defect::Unexpected {
            part: format!("`{name}`"),
        })),
        None => Ok(()),
    }
}

fn write(writer: Writer) -> Result<Bytes> {
    writer.into_bytes().map_err(damaged)
}
