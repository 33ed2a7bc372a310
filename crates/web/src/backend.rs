//! Compute backend of this build.

use burn::tensor::Device;
use tonearm::Classifier;
#[cfg(feature = "train")]
use tonearm::training::trainer::CheckpointContents;

#[cfg(feature = "webgpu")]
use crate::error::Error;
use crate::error::Result;

/// Name of the backend in the JavaScript API.
pub const NAME: &str = if cfg!(feature = "webgpu") {
    "webgpu"
} else {
    "cpu"
};

/// Contents of training checkpoints: with the optimiser's state where it can be read synchronously.
#[cfg(feature = "train")]
pub const CHECKPOINT_CONTENTS: CheckpointContents = if cfg!(feature = "webgpu") {
    CheckpointContents::Networks
} else {
    CheckpointContents::All
};

/// Returns the device of Burn's flex backend; never fails.
#[cfg(not(feature = "webgpu"))]
pub async fn start() -> Result<Device> {
    Ok(Device::flex())
}

/// Builds a classifier on the CPU.
#[cfg(not(feature = "webgpu"))]
pub async fn classifier(weights: &[u8], device: &Device) -> tonearm::Result<Classifier> {
    Classifier::on_cpu(weights, device).await
}

/// Builds a classifier on the GPU.
#[cfg(feature = "webgpu")]
pub async fn classifier(weights: &[u8], device: &Device) -> tonearm::Result<Classifier> {
    Classifier::on_gpu(weights, device)
}

/// Returns the device of the browser's WebGPU adapter, which may be a software adapter.
#[cfg(feature = "webgpu")]
pub async fn start() -> Result<Device> {
    let device = Device::wgpu_options().init_async().await;
    device.map_err(|error| Error::NoGpu {
        source: error.into(),
    })
}
