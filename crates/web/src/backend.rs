//! The one backend that this build links.

use burn::tensor::Device;
use tonearm::Classifier;
#[cfg(feature = "train")]
use tonearm::training::trainer::CheckpointContents;
use wasm_bindgen::JsError;

/// What the page calls the backend.
pub const NAME: &str = if cfg!(feature = "webgpu") {
    "webgpu"
} else {
    "cpu"
};

/// What is kept of a training run: the optimiser's moments where they can be read.
#[cfg(feature = "train")]
pub const CHECKPOINT_CONTENTS: CheckpointContents = if cfg!(feature = "webgpu") {
    CheckpointContents::Networks
} else {
    CheckpointContents::All
};

/// The device on Burn's flex backend; always there.
#[cfg(not(feature = "webgpu"))]
pub async fn start() -> Result<Device, JsError> {
    Ok(Device::flex())
}

/// A classifier on that device.
#[cfg(not(feature = "webgpu"))]
pub async fn classifier(weights: &[u8], device: &Device) -> tonearm::Result<Classifier> {
    Classifier::on_cpu(weights, device).await
}

/// A classifier on that device.
#[cfg(feature = "webgpu")]
pub async fn classifier(weights: &[u8], device: &Device) -> tonearm::Result<Classifier> {
    Classifier::on_gpu(weights, device)
}

/// The device on the browser's WebGPU adapter, a software one included.
#[cfg(feature = "webgpu")]
pub async fn start() -> Result<Device, JsError> {
    let device = Device::wgpu_options().init_async().await;
    device
        .map_err(|error| JsError::new(&format!("the graphics card could not be started: {error}")))
}
