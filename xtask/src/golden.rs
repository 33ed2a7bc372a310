//! The golden vectors, which librosa and ONNX Runtime compute in a virtual environment of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};

/// The librosa version that the features have to match, and the ONNX Runtime that the GRU has to match.
const PACKAGES: [&str; 3] = ["librosa==0.11.0", "onnx==1.23.2", "onnxruntime==1.32.0"];

/// The scripts that compute the vectors of a folder.
const SCRIPTS: [&str; 2] = ["crates/dsp/tests/golden/make.py", "tests/golden/make.py"];

/// Path of a Python with the packages.
pub fn python(project: &Project) -> Result<PathBuf> {
    machine::python(project, "librosa", &PACKAGES)
}

/// Recomputes the vectors, or with `check` compares them with the committed ones.
pub fn generate(project: &Project, python: &Path, check: bool) -> Result<()> {
    SCRIPTS.iter().try_for_each(|script| {
        let mut generate = Command::new(python);
        generate.current_dir(&project.root).arg(script);
        if check {
            generate.arg("--check");
        }
        run(&mut generate)
    })
}
