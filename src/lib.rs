#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

// In the order of the data flow: a module uses only the modules above it, which `cargo xtask test` checks.
// Blank lines keep rustfmt from sorting them.
pub mod error;

pub mod features;

pub mod data;

pub mod models;

pub mod evaluation;

pub mod embedding_map;

pub mod recipe;

pub mod weights;

pub mod classifier;

#[cfg(feature = "train")]
pub mod training;

#[cfg(test)]
#[path = "../tests/support/assert_close.rs"]
mod assert_close;

#[cfg(test)]
#[path = "../tests/support/noise.rs"]
mod noise;

/// The version of Burn whose types appear in public signatures.
pub use burn;
pub use classifier::{Analysis, Classifier, Prediction};
pub use error::{Error, Result};
pub use tonearm_dsp::{self as dsp, Clip};
