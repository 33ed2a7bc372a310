//! Tests of the binary: its output, the files it writes, and its exit codes.

mod classify;
mod extract;
mod fma;
mod fma_tables;
mod manifest;
mod networks;
mod projects;
mod resume;
mod shared_data;
mod shipped;

mod training;
mod usage;
mod weights;
mod workspace;
