//! The browser benchmarks, which compare the built page with other libraries.

use std::process::Command;

use anyhow::Result;

use crate::project::{Project, run};
use crate::stages::Stages;
use crate::{machine, site, wasm};

/// Names of the benchmarks of inference and of training.
pub const NAMES: [&str; 2] = [INFERENCE, "browser-train"];

const INFERENCE: &str = "browser";

/// Packages that export the networks as ONNX. This is the newest version for Python 3.11.
const PACKAGES: [&str; 1] = ["onnx==1.23.2"];

/// Type-checks the benchmarks. The package has to be built before.
pub fn check(project: &Project) -> Result<()> {
    run(npm(project).args(["ci", "--no-audit", "--no-fund"]))?;
    run(npm(project).args(["run", "check"]))
}

fn npm(project: &Project) -> Command {
    let mut npm = project.npm();
    npm.args(["--prefix", "benches/browser"]);
    npm
}

/// Builds the page, runs a benchmark and prints its report in Markdown.
pub fn measure(project: &Project, name: &str) -> Result<()> {
    let mut stages = Stages::default();
    // The training benchmark runs on the CPU only.
    let _lock = site::build(project, &mut stages, name != INFERENCE)?;
    check(project)?;
    let mut bench = npm(project);
    bench.args(["run", "bench", "--", &format!("/{name}.bench")]);
    bench.env("TONEARM_CHROMIUM", machine::chromium()?);
    bench.env("TONEARM_XTASK", std::env::current_exe()?);
    if name == INFERENCE {
        bench.env(
            "TONEARM_BENCH_WASM",
            wasm::BENCH.build_in_cache(project, &mut stages)?,
        );
        let python = machine::python(project, "onnx", &PACKAGES)?;
        let networks = project.cache().join("networks");
        let mut export = Command::new(python);
        export.arg(project.root.join("benches/browser/networks.py"));
        run(export.arg(&networks))?;
        bench.env("TONEARM_BENCH_ONNX", networks);
    }
    run(&mut bench)
}
