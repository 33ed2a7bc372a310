//! Data sets, weights files, and the answer for a track.

mod analysis;
mod dataset;
mod fixtures;
mod fused_cpu;
mod map;
mod weights;
