//! Tests of the binary: its output, the files it writes, and its exit codes.

mod classify;
mod extract;
mod fma;
mod fma_tables;
mod manifest;
mod networks;
#[path = "../../../../tests/support/noise.rs"]
mod noise;
mod projects;
mod resume;
mod shared_data;
mod shipped;
#[path = "../../../../tests/support/temporary_folder.rs"]
mod temporary_folder;
mod training;
mod usage;
mod weights;
mod workspace;
