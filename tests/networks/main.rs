//! Data sets, weights files and the analysis of tracks.

mod analysis;
mod dataset;
mod fixtures;
mod fused_cpu;
mod map;
mod weights;
