//! Data sets, weights files, and the answer for a track.

mod analysis;
mod dataset;
mod direct;
mod fixtures;
mod map;
mod weights;
