//! The binary, from the outside: what it prints, what it writes, how it ends.

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
mod studio;
mod training;
mod usage;
mod weights;
