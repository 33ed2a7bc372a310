//! What the binary writes and reads again: records of training runs, and weights files.

pub mod files;
pub mod records;
pub mod weights_file;
