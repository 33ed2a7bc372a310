//! The compute devices.

use std::num::NonZero;
use std::thread;

use anyhow::{Result, bail};
use burn::tensor::Device;
use clap::ValueEnum;
use tonearm::Classifier;

/// Number of cores that this process may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// A compute device, as named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// The CPU
    Cpu,
    /// Any GPU, through wgpu
    Wgpu,
    /// An NVIDIA GPU, through CUDA
    Cuda,
}

impl Backend {
    /// The name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no device is hidden");
        value.get_name().to_owned()
    }

    /// Starts the device.
    ///
    /// # Errors
    /// If the binary was built without support for the device, or the machine does not have one.
    pub fn start(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Wgpu => wgpu(),
            Self::Cuda => cuda(),
        }
    }

    /// Starts the device and creates a classifier on it from the bytes of a weights file.
    ///
    /// # Errors
    /// As [`Backend::start`], and if the bytes are not a weights file.
    pub fn classifier(self, weights: &[u8]) -> Result<Classifier> {
        let device = self.start()?;
        Ok(match self {
            Self::Cpu => Classifier::from_bytes(weights, &device)?,
            Self::Wgpu | Self::Cuda => Classifier::on_gpu(weights, &device)?,
        })
    }
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device> {
    use anyhow::Context;
    Device::wgpu_options()
        .init()
        .context("no GPU is available; use `--device cpu`")
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device> {
    bail!(
        "this binary was built without GPU support; build it with `--features wgpu`, or use `--device cpu`"
    )
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device> {
    Ok(Device::cuda(0))
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device> {
    bail!(
        "this binary was built without CUDA; build it with `--features cuda`, or use `--device cpu`"
    )
}
