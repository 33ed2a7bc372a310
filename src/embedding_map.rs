//! Map of the training tracks by their embeddings, and out-of-distribution detection.

mod map;
mod out_of_distribution;
mod pca;
#[cfg(feature = "train")]
pub mod projection;

pub use map::{Map, MapPosition, Neighbour};
pub(crate) use out_of_distribution::{OutOfDistribution, Speech};
pub use pca::Pca;
