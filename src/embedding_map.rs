//! The training tracks by their embeddings: where a new track lands, and whether it is unlike all of them.

mod map;
mod pca;
#[cfg(feature = "train")]
pub mod projection;

pub(crate) use map::Speech;
pub use map::{Map, Neighbour, Place};
pub use pca::Pca;
