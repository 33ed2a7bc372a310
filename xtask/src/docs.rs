//! `cargo xtask docs`: the API documentation of the core and the package.

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;

/// Builds the documentation of the core into `doc/` of the build folder, and that of the package into `doc-ts/`.
/// Fails on warnings.
pub fn build(project: &Project, stages: &mut Stages) -> Result<()> {
    stages.run("rustdoc", || {
        let mut doc = project.cargo();
        // The profile is that of the other native builds, so that dependencies are checked only once. The binary
        // is left out because its documentation would overwrite that of the library of the same name.
        doc.args([
            "doc",
            "--no-deps",
            "--release",
            "--package",
            "tonearm-dsp",
            "--package",
            "tonearm",
        ]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    stages.run("npm packages", || machine::npm_packages(project))?;
    stages.run("typedoc", || {
        let npm = || {
            let mut npm = project.npm();
            npm.args(["--prefix", "docs/api"]);
            npm
        };
        run(npm().args(["ci", "--no-audit", "--no-fund"]))?;
        let mut build = npm();
        build.args(["run", "build", "--", "--out"]);
        run(build.arg(project.target.join("doc-ts")))
    })
}
