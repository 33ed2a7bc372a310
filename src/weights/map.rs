//! Serialisation of the map as tensors of the weights file.

use std::collections::BTreeMap;

use burn_pack::{DType, Tensor};

use super::MAP;
use super::tensors::{bytes, floats, integers, of_bytes, of_floats, of_integers};
use crate::embedding_map::{Map, OutOfDistribution, Pca, Speech};
use crate::error::Defect;
use crate::{Error, Result};

/// Converts a map to tensors.
///
/// # Shapes
/// - `mean` and `deviation`: `[n_features]`, `directions`: `[n_axes, n_features]`, `steps`:
///   `[n_axes]`
/// - `points`: `[n, n_axes]`, `places`: `[n, 2]`, `labels` and `tracks`: `[n]`, `limit`: `[1]`
/// - with a speech detector, `speech`: `[n_features]` and `speech_limit`: `[1]`
pub(super) fn write(map: &Map) -> Vec<Tensor> {
    let (n, n_axes, n_features) = (
        map.labels.len(),
        map.quantisation_scale.len(),
        map.pca.mean.len(),
    );
    let detector = &map.out_of_distribution;
    let name = |name: &str| format!("{MAP}{name}");
    let floats = |of: &str, shape: Vec<usize>, values: &[f32]| of_floats(&name(of), shape, values);
    let points = map.points.iter().map(|point| point.cast_unsigned());
    let mut tensors = vec![
        floats("mean", vec![n_features], &map.pca.mean),
        floats("deviation", vec![n_features], &map.pca.deviation),
        floats(
            "directions",
            vec![n_axes, n_features],
            &map.pca.directions.concat(),
        ),
        floats("steps", vec![n_axes], &map.quantisation_scale),
        of_bytes(
            &name("points"),
            DType::U8,
            vec![n, n_axes],
            points.collect(),
        ),
        floats("places", vec![n, 2], map.coordinates.as_flattened()),
        of_bytes(&name("labels"), DType::U8, vec![n], map.labels.clone()),
        of_integers(&name("tracks"), &map.track_id),
        floats("limit", vec![1], &[detector.residual_threshold]),
    ];
    if let Some(speech) = &detector.speech {
        tensors.push(floats("speech", vec![n_features], &speech.direction));
        tensors.push(floats("speech_limit", vec![1], &[speech.threshold]));
    }
    tensors
}

/// Converts tensors to a map, whose values [`Map::validate`] has yet to check.
///
/// # Errors
/// [`Error::Weights`] if a tensor is missing or has another type.
pub(super) fn read(tensors: BTreeMap<String, Tensor>) -> Result<Map> {
    let tensor = |name: &str| {
        let missing = || Error::weights(Defect::missing(format!("the tensor `{name}` of its map")));
        tensors.get(name).ok_or_else(missing)
    };
    let numbers = |name: &str| floats(tensor(name)?);
    // An empty tensor becomes NaN, which `Map::validate` refuses.
    let number = |name: &str| Ok::<_, Error>(numbers(name)?.first().copied().unwrap_or(f32::NAN));
    let mean = numbers("mean")?;
    let directions = numbers("directions")?;
    let n_features = mean.len().max(1);
    let points = bytes(tensor("points")?, DType::U8)?;
    Ok(Map {
        pca: Pca {
            directions: directions.chunks(n_features).map(<[f32]>::to_vec).collect(),
            deviation: numbers("deviation")?,
            mean,
        },
        quantisation_scale: numbers("steps")?,
        points: points.into_iter().map(u8::cast_signed).collect(),
        coordinates: numbers("places")?.as_chunks().0.to_vec(),
        labels: bytes(tensor("labels")?, DType::U8)?,
        track_id: integers(tensor("tracks")?)?,
        out_of_distribution: OutOfDistribution {
            residual_threshold: number("limit")?,
            speech: match tensors.contains_key("speech") {
                true => Some(Speech {
                    direction: numbers("speech")?,
                    threshold: number("speech_limit")?,
                }),
                false => None,
            },
        },
    })
}
