//! Data sets, weights files and the analysis of tracks.

mod analysis;
mod dataset;
mod fixtures;
mod fused_cpu;
mod map;
#[path = "../support/noise.rs"]
mod noise;
mod weights;
