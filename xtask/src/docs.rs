//! The documents of what the core and the package export.

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;

/// Leaves rustdoc's in `doc/` of the build folder and typedoc's in `doc-ts/` there; a warning is an error.
pub fn build(project: &Project, stages: &mut Stages) -> Result<()> {
    stages.run("rustdoc", || {
        let mut doc = project.cargo();
        // The profile of the other native builds, so that dependencies are read once. The binary exports
        // nothing, and has the library's name.
        doc.args(["doc", "--no-deps", "--release", "--package", "tonearm"]);
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
