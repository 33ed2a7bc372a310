//! Property tests: invariants that hold for arbitrary audio.

mod features;
#[path = "../support/noise.rs"]
mod noise;
mod windows;
