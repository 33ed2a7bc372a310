//! The benchmarks in a browser, of the built page beside other people's libraries.

use std::process::Command;

use anyhow::Result;

use crate::project::{Project, run};
use crate::stages::Stages;
use crate::{machine, site, wasm};

/// The benchmarks' names, beside those of the bench targets: what answering costs, and training.
pub const NAMES: [&str; 2] = [ANSWERING, "browser-train"];

const ANSWERING: &str = "browser";

/// What writes networks as ONNX: the newest that Python 3.11 can run.
const PACKAGES: [&str; 1] = ["onnx==1.23.2"];

/// Checks the types of what measures, once the page is built.
pub fn check(project: &Project) -> Result<()> {
    run(npm(project).args(["ci", "--no-audit", "--no-fund"]))?;
    run(npm(project).args(["run", "check"]))
}

fn npm(project: &Project) -> Command {
    let mut npm = project.npm();
    npm.args(["--prefix", "benches/browser"]);
    npm
}

/// Builds what is measured, and prints a report in Markdown.
pub fn measure(project: &Project, name: &str) -> Result<()> {
    let mut stages = Stages::default();
    // Nothing is trained on WebGPU.
    site::build(project, &mut stages, name != ANSWERING)?;
    check(project)?;
    let mut bench = npm(project);
    bench.args(["run", "bench", "--", &format!("/{name}.bench")]);
    bench.env("TONEARM_CHROMIUM", machine::chromium()?);
    bench.env("TONEARM_XTASK", std::env::current_exe()?);
    if name == ANSWERING {
        bench.env(
            "TONEARM_BENCH_WASM",
            wasm::BENCH.make(project, &mut stages)?,
        );
        let python = machine::python(project, "onnx", &PACKAGES)?;
        let networks = project.cache().join("networks");
        let mut write = Command::new(python);
        write.arg(project.root.join("benches/browser/networks.py"));
        run(write.arg(&networks))?;
        bench.env("TONEARM_BENCH_ONNX", networks);
    }
    run(&mut bench)
}
