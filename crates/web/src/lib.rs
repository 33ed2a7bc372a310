//! JavaScript bindings of `tonearm`: they only convert arguments and results.
//!
//! There is one build for each backend, chosen by a cargo feature. `pkg/src/worker/wasm.ts`
//! declares the TypeScript types of the exports.

mod analysis;
mod backend;
#[cfg(feature = "bench")]
mod bench;
mod error;
mod panics;
mod to_js;
#[cfg(feature = "train")]
mod train;

use std::collections::BTreeMap;

use burn::tensor::Device;
use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use tonearm::Clip;
use tonearm::dsp::Mixdown;
use tonearm::weights::{Card, NetworkSpec};
use wasm_bindgen::prelude::*;

pub use analysis::Analysis;
use error::{Error, Result};
use to_js::to_js;

/// The visitor's compute device. A worker starts one and keeps it.
#[wasm_bindgen]
pub struct Runtime(Device);

#[wasm_bindgen]
impl Runtime {
    /// Starts the device of this build.
    ///
    /// Call it once per worker: the GPU runtime refuses a second start. Rejects if this is the
    /// WebGPU build and the browser has no adapter.
    pub async fn start() -> Result<Runtime> {
        panics::throw();
        Ok(Runtime(backend::start().await?))
    }

    /// Name of the backend: `cpu` or `webgpu`.
    #[wasm_bindgen(getter)]
    pub fn backend(&self) -> String {
        backend::NAME.to_owned()
    }

    /// Builds a classifier from the bytes of a weights file.
    ///
    /// The page fetches the file, so that caching and progress stay in JavaScript. Rejects if the
    /// bytes are not a weights file, or the network was trained on other features than this build
    /// computes.
    pub async fn classifier(&self, weights: Vec<u8>) -> Result<Classifier> {
        Ok(Classifier(backend::classifier(&weights, &self.0).await?))
    }
}

/// A `Map` whose data is passed as typed arrays.
#[derive(Serialize)]
struct TrackMap {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    coordinates: Float32Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    labels: Uint8Array,
}

/// Metadata of a weights file.
#[derive(Serialize)]
struct Metadata<'a> {
    network: &'a NetworkSpec,
    parts: &'a BTreeMap<String, NetworkSpec>,
    labels: &'a [String],
    temperature: f32,
    threshold: f32,
    model_card: &'a Card,
}

/// A trained classifier.
#[wasm_bindgen]
pub struct Classifier(tonearm::Classifier);

#[wasm_bindgen]
impl Classifier {
    /// Names of the classes.
    #[wasm_bindgen(getter)]
    pub fn labels(&self) -> Vec<String> {
        self.0.labels().to_vec()
    }

    /// Metadata of the weights file.
    #[wasm_bindgen(getter)]
    pub fn metadata(&self) -> Result<JsValue> {
        let metadata = self.0.metadata();
        Ok(to_js(&Metadata {
            network: &metadata.network,
            parts: &metadata.parts,
            labels: &metadata.labels,
            temperature: metadata.temperature,
            threshold: metadata.threshold,
            model_card: &metadata.card,
        })?)
    }

    /// Map of the training tracks, `{ coordinates, labels }`: x and y of every track in one array, and
    /// the label index of every track. Undefined if the weights have no map.
    #[wasm_bindgen(getter)]
    pub fn map(&self) -> Result<JsValue> {
        let Some(map) = self.0.map() else {
            return Ok(JsValue::UNDEFINED);
        };
        Ok(to_js(&TrackMap {
            coordinates: Float32Array::from(map.coordinates().as_flattened()),
            labels: Uint8Array::from(map.labels()),
        })?)
    }

    /// Classifies one batch of silent windows and resolves to its size, so that kernels are
    /// compiled and the host can estimate the time per window.
    #[wasm_bindgen(js_name = warmUp)]
    pub async fn warm_up(&self) -> Result<usize> {
        Ok(self.0.warm_up().await?)
    }

    /// Classifies rows of a table, given in row-major order; resolves to their probabilities.
    ///
    /// Rejects if the network does not read a table, or the number of values is not a multiple of
    /// the number of columns.
    pub async fn table(&self, rows: Vec<f32>) -> Result<JsValue> {
        let width = self.0.metadata().network.input.shape()[1];
        if !rows.len().is_multiple_of(width) {
            return Err(Error::PartialRow {
                expected: width,
                got: rows.len(),
            });
        }
        let mut predictions = Vec::with_capacity(rows.len() / width);
        for row in rows.chunks_exact(width) {
            predictions.push(self.0.features(vec![row.to_vec()]).await?);
        }
        Ok(to_js(&predictions)?)
    }

    /// Prepares the analysis of one track without classifying anything yet.
    ///
    /// `channels` have equal length and values in -1..1, at `sample_rate` Hz. Throws if they are
    /// empty, not finite, too short or too long. `with_spectrogram` requests the spectrogram.
    pub fn analyse(
        &self,
        channels: Vec<Float32Array>,
        sample_rate: u32,
        with_spectrogram: bool,
    ) -> Result<Analysis> {
        let clip = clip_from_channels(channels, sample_rate)?;
        Analysis::new(&self.0, clip, with_spectrogram)
    }
}

/// Clip with the mean of the channels.
fn clip_from_channels(channels: Vec<Float32Array>, sample_rate: u32) -> Result<Clip> {
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
