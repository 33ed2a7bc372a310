//! JavaScript bindings of `tonearm`: they convert arguments and nothing else.
//!
//! Built once for each backend; the cargo feature chooses which. `pkg/src/wasm.ts`
//! has the TypeScript types of what is exported here.

mod analysis;
mod backend;
#[cfg(feature = "bench")]
mod bench;
mod panics;
#[cfg(feature = "train")]
mod train;

use burn::tensor::Device;
use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use tonearm::Clip;
use tonearm::dsp::Mixdown;
use wasm_bindgen::prelude::*;

pub use analysis::Analysis;

/// The visitor's compute device. A worker starts one and keeps it.
#[wasm_bindgen]
pub struct Runtime(Device);

#[wasm_bindgen]
impl Runtime {
    /// Starts the device of this build.
    ///
    /// Call it once per worker: the GPU runtime refuses a second start. Rejects
    /// if this is the WebGPU build and the browser has no adapter for it.
    pub async fn start() -> Result<Runtime, JsError> {
        panics::throw();
        Ok(Runtime(backend::start().await?))
    }

    /// What computes: `cpu` or `webgpu`.
    #[wasm_bindgen(getter)]
    pub fn backend(&self) -> String {
        backend::NAME.to_owned()
    }

    /// Builds a classifier from the bytes of a weights file.
    ///
    /// The page fetches the file, so that caching and progress stay in
    /// JavaScript. Rejects if the bytes are not a weights file, or were trained
    /// on other features than this build computes.
    pub async fn classifier(&self, weights: Vec<u8>) -> Result<Classifier, JsError> {
        Ok(Classifier(backend::classifier(&weights, &self.0).await?))
    }
}

/// A `Map` whose data cross as typed arrays.
#[derive(Serialize)]
struct TrackMap {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    places: Float32Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    labels: Uint8Array,
}

/// A trained classifier.
#[wasm_bindgen]
pub struct Classifier(tonearm::Classifier);

#[wasm_bindgen]
impl Classifier {
    /// Genre names.
    #[wasm_bindgen(getter)]
    pub fn labels(&self) -> Vec<String> {
        self.0.labels().to_vec()
    }

    /// All that the weights file says of itself, as a plain object.
    #[wasm_bindgen(getter)]
    pub fn card(&self) -> Result<JsValue, JsError> {
        to_js(self.0.metadata())
    }

    /// The tracks that the network was trained on, `{ places, labels }`: x and y of each in one
    /// array, and the place of its label; undefined if the weights do not map them.
    #[wasm_bindgen(getter)]
    pub fn map(&self) -> Result<JsValue, JsError> {
        let Some(map) = self.0.map() else {
            return Ok(JsValue::UNDEFINED);
        };
        to_js(&TrackMap {
            places: Float32Array::from(map.places().as_flattened()),
            labels: Uint8Array::from(map.labels()),
        })
    }

    /// Classifies as many silent windows as a step does at most, and says how many, so that kernels are
    /// compiled and a host can time a window.
    pub async fn warm_up(&self) -> Result<usize, JsError> {
        Ok(self.0.warm_up().await?)
    }

    /// Classifies rows of a table, one after the other in `rows`; resolves to their probabilities.
    ///
    /// Rejects if the network reads no table, or the numbers are not whole rows.
    pub async fn table(&self, rows: Vec<f32>) -> Result<JsValue, JsError> {
        let width = self.0.metadata().network.input.shape()[1];
        if !rows.len().is_multiple_of(width) {
            let message = format!("{} numbers do not divide into rows of {width}", rows.len());
            return Err(JsError::new(&message));
        }
        let mut answers = Vec::with_capacity(rows.len() / width);
        for row in rows.chunks_exact(width) {
            answers.push(self.0.features(vec![row.to_vec()]).await?);
        }
        to_js(&answers)
    }

    /// Prepares the analysis of one track; nothing is classified yet.
    ///
    /// `channels` are of one length and in -1..1, at `sample_rate` Hz. Throws if
    /// they are empty, hold samples that are not numbers, or are too short or too long.
    pub fn analyse(
        &self,
        channels: Vec<Float32Array>,
        sample_rate: u32,
    ) -> Result<Analysis, JsError> {
        Analysis::new(&self.0, clip_of(channels, sample_rate)?)
    }
}

/// The mix of channels.
fn clip_of(channels: Vec<Float32Array>, sample_rate: u32) -> Result<Clip, JsError> {
    let n_samples = channels.first().map_or(0, Float32Array::length) as usize;
    let mut mixdown = Mixdown::new(n_samples, sample_rate)?;
    for channel in channels {
        mixdown.read_channel(channel.length() as usize, |start, part| {
            let end = start + part.len();
            channel.subarray(start as u32, end as u32).copy_to(part);
        })?;
    }
    Ok(mixdown.into_clip()?)
}

/// A plain JavaScript value, as `JSON.parse` would make it from the binary's output.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}
