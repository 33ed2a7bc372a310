//! Training: from labelled rows or a user's project to a weights file.

pub mod project;
pub mod session;
pub mod trainer;
pub mod transfer;
