//! Training: from labelled rows or a user's project to a weights file.

pub mod checkpoint;
pub mod cross_validation;
pub mod evidence;
pub mod project;
pub mod session;
pub mod trainer;
pub mod transfer;
