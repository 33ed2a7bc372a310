//! From labelled rows, or a person's project, to a weights file.

pub mod project;
pub mod session;
pub mod trainer;
pub mod transfer;
