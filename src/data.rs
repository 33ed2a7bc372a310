//! Labelled data sets, their `.npz` archives, and train/validation/test splits.

mod dataset;
mod npz;
pub mod split;

pub use dataset::{Dataset, Values};
