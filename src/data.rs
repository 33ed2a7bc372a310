//! Labelled data sets, their `.npz` archives, and train/validation/test splits.

mod dataset;
mod matrix;
mod npz;
mod npz_writer;
pub mod split;

pub use dataset::{Dataset, Values};
pub use matrix::Matrix;
pub use npz_writer::NpzWriter;
