//! The golden vectors: made by librosa in a Python of the project's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};

/// The version that the core's features are held to.
const LIBROSA: &str = "librosa==0.11.0";

/// A Python that has librosa.
pub fn python(project: &Project) -> Result<PathBuf> {
    machine::python(project, "librosa", &[LIBROSA])
}

/// Remakes the vectors, or compares them with the committed ones.
pub fn remake(project: &Project, python: &Path, check: bool) -> Result<()> {
    let mut make = Command::new(python);
    make.current_dir(&project.root)
        .arg("crates/dsp/tests/golden/make.py");
    if check {
        make.arg("--check");
    }
    run(&mut make)
}
