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

// In the order of the data: a module uses only those above it. `cargo xtask test` checks it.
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

/// The version of Burn whose types are in the signatures here.
pub use burn;
pub use classifier::{Analysis, Classifier, Prediction};
pub use error::{Error, Result};
pub use tonearm_dsp::{self as dsp, Clip};
