//! Everything that must hold, cheapest first; independent stages run on after a failure.

use std::env;

use anyhow::Result;

use crate::project::{Project, run};
use crate::stages::Stages;
use crate::{browser, docs, golden, machine, rules, site, wasm};

/// The core and the binary. Cargo unites the features that all packages of a command ask for, so
/// one of the two alone would build Burn once more.
pub const CORE_AND_BINARY: [&str; 4] = ["--package", "tonearm", "--package", "tonearm-cli"];

/// Packages that are built and tested natively. Those of a group share one build of their
/// dependencies; xtask keeps the one that it was itself started from.
const NATIVE: [(&str, &[&str]); 2] = [
    ("core and binary", &CORE_AND_BINARY),
    ("xtask", &["--package", "xtask"]),
];

/// Runs every check and every test, and closes with the table of stages.
pub fn run_all(project: &Project, quick: bool, full: bool) -> Result<()> {
    let mut stages = Stages::default();
    stages.run("formatter and linter", || machine::lint_tools(project))?;
    // A stage that fails is in the table, so its error needs no second report.
    let _ = stages.run("format", || {
        run(project.cargo().args(["fmt", "--all", "--check"]))
    });
    let _ = stages.run("dependency rules", || rules::check(project));
    native(project, &mut stages);
    if quick {
        stages.skip("wasm webgpu", "--quick; run without it before a submission");
    }
    in_browser(project, &mut stages, quick, full);
    if full {
        let _ = docs::build(project, &mut stages);
    } else {
        stages.skip("documents", "--full makes them");
    }
    stages.finish()
}

/// Lints and tests of what runs natively.
fn native(project: &Project, stages: &mut Stages) {
    for (name, packages) in NATIVE {
        let cargo = |command: &str, more: &[&str]| {
            let mut cargo = project.cargo();
            run(cargo.args([command, "--release"]).args(packages).args(more))
        };
        let _ = stages.run(&format!("clippy: {name}"), || {
            cargo("clippy", &["--all-targets", "--", "-D", "warnings"])
        });
        let _ = stages.run(&format!("cargo test: {name}"), || cargo("test", &[]));
    }
    golden_vectors(project, stages);
}

/// The committed vectors against librosa, where its Python packages can be had.
fn golden_vectors(project: &Project, stages: &mut Stages) {
    if let Some(python) = stages.attempt("librosa", || golden::python(project)) {
        let _ = stages.run("golden vectors", || golden::remake(project, &python, true));
    }
}

/// Lints and build of the modules, then the package, and the page in a real browser.
fn in_browser(project: &Project, stages: &mut Stages, quick: bool, full: bool) {
    let built = site::build(project, stages, quick);
    // Four lines differ for WebGPU, and checking its 300 crates for them takes minutes.
    let _ = stages.run("wasm clippy", || wasm::TRAIN.lint(project));
    let _ = stages.run("tsc", || run(project.npm().args(["run", "check"])));
    if full {
        let _ = stages.run("benches: wasm clippy", || wasm::BENCH.lint(project));
        let _ = stages.run("benches: tsc", || browser::check(project));
    } else {
        stages.skip("benches: lints", "--full runs them");
    }
    if built.is_err() {
        return stages.skip("browser tests", "the page could not be built");
    }
    // publint, attw and size-limit.
    let _ = stages.run("package", || {
        run(project
            .npm()
            .args(["run", "lint", "--workspace", "tonearm"]))
    });
    let Ok(chromium) = stages.run("chromium", machine::chromium) else {
        return stages.skip("browser tests", "there is no Chromium");
    };
    let tests = |script: &str| {
        let mut tests = project.npm();
        tests.args(["run", script, "--workspace", "tests/browser"]);
        tests.env("TONEARM_CHROMIUM", &chromium);
        // Programs by their paths, so that no second cargo has to run. `cargo test` left the binary.
        tests.env("TONEARM_BIN", project.target.join("release/tonearm"));
        tests.env("TONEARM_XTASK", env::current_exe()?);
        if quick {
            tests.env("TONEARM_QUICK", "1");
        }
        run(&mut tests)
    };
    let _ = stages.run("browser tests", || tests("test"));
    // A software GPU takes all cores, and what is timed must have one to itself.
    let _ = stages.run("browser tests, timed and WebGPU", || tests("test:alone"));
    if !full {
        stages.skip("phone, bundlers and examples", "--full runs them");
        return stages.skip("lighthouse", "--full runs it");
    }
    let _ = stages.run("phone, bundlers and examples", || tests("test:full"));
    let _ = stages.run("lighthouse", || {
        let npm = || {
            let mut npm = project.npm();
            npm.args(["--prefix", "tests/lighthouse"]);
            npm
        };
        run(npm().args(["ci", "--no-audit", "--no-fund"]))?;
        let mut test = npm();
        test.env("TONEARM_CHROMIUM", &chromium);
        run(test.arg("test").env("TONEARM_XTASK", env::current_exe()?))
    });
}
