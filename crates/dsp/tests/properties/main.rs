//! Property tests: invariants that hold for arbitrary signals.

mod clip;
mod resample;
mod stft;
