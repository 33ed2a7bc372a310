//! The map of a weights file, as tensors.

use std::collections::BTreeMap;

use burn_pack::{DType, Tensor};

use super::MAP;
use super::tensors::{bytes, floats, integers, of_bytes, of_floats, of_integers};
use crate::embedding_map::{Map, Pca, Speech};
use crate::{Error, Result};

/// The tensors of a map.
///
/// # Shapes
/// - `mean` and `deviation`: `[n_features]`, `directions`: `[n_axes, n_features]`, `steps`: `[n_axes]`
/// - `points`: `[n, n_axes]`, `places`: `[n, 2]`, `labels` and `tracks`: `[n]`, `limit`: `[1]`
/// - where speech is known, `speech`: `[n_features]`, `speech_limit`: `[1]`
pub(super) fn write(map: &Map) -> Vec<Tensor> {
    let (n, n_axes, n_features) = (map.labels.len(), map.steps.len(), map.axes.mean.len());
    let name = |name: &str| format!("{MAP}{name}");
    let floats = |of: &str, shape: Vec<usize>, values: &[f32]| of_floats(&name(of), shape, values);
    let points = map.points.iter().map(|point| point.cast_unsigned());
    let mut tensors = vec![
        floats("mean", vec![n_features], &map.axes.mean),
        floats("deviation", vec![n_features], &map.axes.deviation),
        floats(
            "directions",
            vec![n_axes, n_features],
            &map.axes.directions.concat(),
        ),
        floats("steps", vec![n_axes], &map.steps),
        of_bytes(
            &name("points"),
            DType::U8,
            vec![n, n_axes],
            points.collect(),
        ),
        floats("places", vec![n, 2], map.places.as_flattened()),
        of_bytes(&name("labels"), DType::U8, vec![n], map.labels.clone()),
        of_integers(&name("tracks"), &map.track_id),
        floats("limit", vec![1], &[map.limit]),
    ];
    if let Some(speech) = &map.speech {
        tensors.push(floats("speech", vec![n_features], &speech.direction));
        tensors.push(floats("speech_limit", vec![1], &[speech.limit]));
    }
    tensors
}

/// The map that tensors make; [`Map::validate`] says whether it is sound.
pub(super) fn read(tensors: BTreeMap<String, Tensor>) -> Result<Map> {
    let tensor = |name: &str| {
        let missing = || Error::Weights(format!("its map has no `{name}`"));
        tensors.get(name).ok_or_else(missing)
    };
    let numbers = |name: &str| floats(tensor(name)?);
    // Of none, what is not sound.
    let number = |name: &str| Ok::<_, Error>(numbers(name)?.first().copied().unwrap_or(f32::NAN));
    let mean = numbers("mean")?;
    let directions = numbers("directions")?;
    let n_features = mean.len().max(1);
    let points = bytes(tensor("points")?, DType::U8)?;
    Ok(Map {
        axes: Pca {
            directions: directions.chunks(n_features).map(<[f32]>::to_vec).collect(),
            deviation: numbers("deviation")?,
            mean,
        },
        steps: numbers("steps")?,
        points: points.into_iter().map(u8::cast_signed).collect(),
        places: numbers("places")?.as_chunks().0.to_vec(),
        labels: bytes(tensor("labels")?, DType::U8)?,
        track_id: integers(tensor("tracks")?)?,
        limit: number("limit")?,
        speech: match tensors.contains_key("speech") {
            true => Some(Speech {
                direction: numbers("speech")?,
                limit: number("speech_limit")?,
            }),
            false => None,
        },
    })
}
