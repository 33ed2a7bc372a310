//! Names the genre of a piece of music, moment by moment.
//!
//! The way from a file to an answer has four hops, and this crate is the last three:
//!
//! ```text
//! file --decode--> Clip --Extractor--> features --network--> logits --softmax--> Prediction
//! ```
//!
//! Numbers come in and numbers go out: no file, clock, thread, browser or compute backend is
//! named here, so that a page and a terminal run the same lines. The caller decodes the file
//! (see [`clip`]) and chooses the device.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

// In the order of the data: a module uses only those above it.
pub mod error;

mod lanes;

pub mod clip;

pub mod resample;

pub mod stft;

pub mod mel;

pub mod mfcc;

pub mod features;

pub mod dataset;

pub mod split;

pub mod metrics;

pub mod models;

mod parameters;

pub mod recipe;

pub mod map;

#[cfg(feature = "train")]
pub mod trainer;

pub mod weights;

pub mod calibration;

pub mod classifier;

#[cfg(feature = "train")]
pub mod project;

#[cfg(feature = "train")]
pub mod projection;

#[cfg(feature = "train")]
pub mod transfer;

#[cfg(feature = "train")]
pub mod session;

pub use classifier::{Analysis, Classifier, Prediction};
pub use clip::Clip;
pub use error::{Error, Result};
