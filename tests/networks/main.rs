//! From labelled rows to a trained network, its file, and the answer for a track.

mod analysis;
mod dataset;
mod fixtures;
mod training;
mod weights;
