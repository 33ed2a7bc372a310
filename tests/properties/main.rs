//! Property tests: invariants that hold for arbitrary audio.

mod features;
mod windows;
