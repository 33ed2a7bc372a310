//! Accuracy and calibration of a network's predictions.

pub mod calibration;
pub mod figures;
pub mod intervals;
pub mod metrics;
