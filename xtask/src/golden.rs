//! The golden vectors, which librosa computes in a virtual environment of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};

/// The librosa version that the core's features have to match.
const LIBROSA: &str = "librosa==0.11.0";

/// Path of a Python with librosa.
pub fn python(project: &Project) -> Result<PathBuf> {
    machine::python(project, "librosa", &[LIBROSA])
}

/// Recomputes the vectors, or with `check` compares them with the committed ones.
pub fn generate(project: &Project, python: &Path, check: bool) -> Result<()> {
    let mut generate = Command::new(python);
    generate
        .current_dir(&project.root)
        .arg("crates/dsp/tests/golden/make.py");
    if check {
        generate.arg("--check");
    }
    run(&mut generate)
}
