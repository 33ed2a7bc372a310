//! `cargo xtask bench`: the bench targets of the workspace, the browser benchmarks and the comparison with librosa.

pub mod browser;
mod native;
pub mod train;

use std::process::Command;

use anyhow::Result;

use crate::project::{CORE_AND_BINARY, Project, run};

/// Lists the benchmarks and runs them all.
pub fn run_all(project: &Project) -> Result<()> {
    let benches = benches(project);
    println!("{} benchmarks: {}", benches.len(), benches.join(", "));
    benches.iter().try_for_each(|bench| run_one(project, bench))
}

/// Runs one benchmark.
pub fn run_one(project: &Project, bench: &str) -> Result<()> {
    match bench {
        native::NAME => native::measure(project),
        _ if browser::NAMES.contains(&bench) => browser::measure(project, bench),
        _ => run(&mut command(project, bench)),
    }
}

/// The command that runs one bench target.
pub fn command(project: &Project, bench: &str) -> Command {
    let mut cargo = project.cargo();
    // Profile and packages are those of the other native builds, so that dependencies are built only once.
    cargo.args(["bench", "--profile", "release"]);
    cargo.args(CORE_AND_BINARY).args(["--bench", bench]);
    cargo
}

/// Names of all benchmarks.
fn benches(project: &Project) -> Vec<String> {
    let packages = project.metadata["packages"].as_array();
    packages
        .into_iter()
        .flatten()
        .filter_map(|package| package["targets"].as_array())
        .flatten()
        .filter(|target| target["kind"][0] == "bench")
        .filter_map(|target| target["name"].as_str().map(String::from))
        .chain(browser::NAMES.map(String::from))
        .chain([native::NAME.to_owned()])
        .collect()
}
