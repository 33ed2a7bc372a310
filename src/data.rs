//! Labelled feature rows, the archives that hold them, and who trains and who tests.

mod dataset;
mod npz;
pub mod split;

pub use dataset::{Dataset, Values};
