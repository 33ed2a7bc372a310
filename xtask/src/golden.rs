//! The golden vectors: made by librosa in a Python of the project's own.

use std::process::Command;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};

/// The version that the core's features are held to.
const LIBROSA: &str = "librosa==0.11.0";

/// Remakes the vectors, or compares them with the committed ones.
pub fn remake(project: &Project, check: bool) -> Result<()> {
    let python = machine::python(project, &[LIBROSA])?;
    let mut make = Command::new(python);
    make.current_dir(&project.root).arg("tests/golden/make.py");
    if check {
        make.arg("--check");
    }
    run(&mut make)
}
