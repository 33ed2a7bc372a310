//! What the binary reads: audio, features, tables and labels.

pub mod csv_table;
pub mod decode;
pub mod fma;
pub mod labels;
pub mod sources;
pub mod table;
