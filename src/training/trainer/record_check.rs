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
use crate::models::parameters::{self, Parameter};
use crate::{Error, Result};

/// Name under which Burn records the rank of an optimiser's moments.
const RANK: &str = "__rank";

/// Loads the parameters of a record into a module.
///
/// # Errors
/// [`Error::Checkpoint`] if the record does not hold exactly the module's parameters, all of them
/// finite and with unique ids.
pub(super) fn load<M: Module>(module: M, record: Vec<u8>) -> Result<M> {
    let mut found = tensors(read(record)?)?;
    let mut ids = BTreeSet::new();
    let mut tensors = Vec::with_capacity(found.len());
    for parameter in parameters::describe(&module) {
        let tensor = found.remove(&parameter.name);
        let tensor = checked(tensor, &parameter.name, &parameter.shape)?;
        // The optimiser identifies parameters by their ids.
        if !tensor.param_id.is_some_and(|id| ids.insert(id)) {
            return Err(unusable(format!("`{}` has no unique id", parameter.name)));
        }
        tensors.push(tensor);
    }
    refuse_others(found.into_keys())?;
    let record = ModuleRecord::from_bytes(write(Writer::new(tensors))?).map_err(unusable)?;
    module.try_load_record(record).map_err(unusable)
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
    record: Vec<u8>,
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
            return Err(unusable(format!(
                "the moments of `{}` have another rank than the parameter",
                parameter.name
            )));
        }
        checked_scalars.push((key(RANK), rank));
        for field in fields.moments {
            let name = key(field);
            let moment = checked(found.remove(&name), &name, &parameter.shape)?;
            if moment.param_id != Some(parameter.id) {
                return Err(unusable(format!("`{name}` belongs to another parameter")));
            }
            kept.push(moment);
        }
        if let Some(field) = fields.steps {
            let steps = scalars.remove(&key(field));
            let steps = steps.ok_or_else(|| unusable(format!("`{}` is missing", key(field))))?;
            if !u64::try_from(steps).is_ok_and(|steps| (1..=n_steps as u64).contains(&steps)) {
                return Err(unusable(format!(
                    "`{}` must be in 1..={n_steps}, the number of steps taken",
                    key(field)
                )));
            }
            checked_scalars.push((key(field), steps));
        }
        match paths.remove(&id) {
            Some(path) if path != parameter.name => {
                return Err(unusable(format!(
                    "the moments of `{}` belong to `{path}`",
                    parameter.name
                )));
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
    OptimizerRecord::from_bytes(write(writer)?).map_err(unusable)
}

/// Error for a checkpoint that cannot be used.
pub(super) fn unusable(reason: impl ToString) -> Error {
    Error::Checkpoint(reason.to_string())
}

fn read(record: Vec<u8>) -> Result<Reader> {
    Reader::from_bytes(Bytes::from_bytes_vec(record))
        .map_err(|_| unusable("a record in it is truncated or damaged"))
}

/// Tensors of a record, by name.
fn tensors(reader: Reader) -> Result<BTreeMap<String, Tensor>> {
    let tensors = reader
        .into_tensors()
        .map_err(|_| unusable("a record in it is truncated"))?;
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
    let tensor = tensor.ok_or_else(|| unusable(format!("`{name}` is missing")))?;
    if tensor.dtype != DType::F32 || tensor.shape.to_vec() != shape {
        return Err(unusable(format!(
            "`{name}` must have shape {shape:?} and type {:?}, got {:?} and {:?}",
            DType::F32,
            tensor.shape.to_vec(),
            tensor.dtype
        )));
    }
    let id = tensor.param_id;
    let bytes = tensor.into_bytes().map_err(unusable)?.to_vec();
    let (values, rest) = bytes.as_chunks::<4>();
    if values.len() != shape.iter().product::<usize>() || !rest.is_empty() {
        return Err(unusable(format!("`{name}` is truncated")));
    }
    if !values
        .iter()
        .all(|value| f32::from_le_bytes(*value).is_finite())
    {
        return Err(unusable(format!(
            "`{name}` contains values that are not finite"
        )));
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
        Some(name) => Err(unusable(format!("`{name}` belongs to no parameter"))),
        None => Ok(()),
    }
}

fn write(writer: Writer) -> Result<Bytes> {
    writer.into_bytes().map_err(unusable)
}
