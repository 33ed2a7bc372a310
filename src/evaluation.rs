//! How good a network is, and how far its probabilities can be trusted.

pub mod calibration;
pub mod figures;
pub mod metrics;
