//! `cargo xtask test`: runs all checks and tests, fastest first. A failed stage does not stop independent ones.

use std::env;

use anyhow::Result;

use crate::project::{CORE_AND_BINARY, Project, run};
use crate::stages::Stages;
use crate::{bench, dist, docs, golden, machine, rules, site, structure, wasm};

/// Packages that are built and tested natively. The packages of a group share one build of their dependencies;
/// xtask has its own group, so that it reuses the build that started it.
const NATIVE: [(&str, &[&str]); 2] = [
    ("core and binary", &CORE_AND_BINARY),
    ("xtask", &["--package", "xtask"]),
];

/// Runs all checks and tests, and prints the table of stages at the end.
pub fn run_all(project: &Project, quick: bool, full: bool) -> Result<()> {
    let mut stages = Stages::default();
    stages.run("formatter and linter", || machine::lint_tools(project))?;
    // Errors of stages can be ignored here, since the table lists them.
    let _ = stages.run("format", || {
        run(project.cargo().args(["fmt", "--all", "--check"]))
    });
    let _ = stages.run("dependency rules", || rules::check(project));
    let _ = stages.run("structure", || structure::check(project));
    native(project, &mut stages);
    if quick {
        stages.skip("wasm webgpu", "--quick; run without it before you submit");
    }
    in_browser(project, &mut stages, quick, full);
    if full {
        let _ = docs::build(project, &mut stages);
        dist::dry_runs(project, &mut stages);
    } else {
        stages.skip("documentation", "--full builds it");
        stages.skip("dry runs of publishing", "--full runs them");
    }
    stages.finish()
}

/// Lints and tests the native packages.
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

/// Compares the committed golden vectors with librosa and ONNX Runtime, if they can be installed.
fn golden_vectors(project: &Project, stages: &mut Stages) {
    if let Some(python) = stages.attempt("librosa and ONNX Runtime", || golden::python(project)) {
        let _ = stages.run("golden vectors", || {
            golden::generate(project, &python, true)
        });
    }
}

/// Builds and lints the modules, checks the package, and tests the page in a browser.
fn in_browser(project: &Project, stages: &mut Stages, quick: bool, full: bool) {
    let built = site::build(project, stages, quick);
    // The WebGPU module differs in four lines only, and checking its 300 crates takes minutes.
    let _ = stages.run("wasm clippy", || wasm::TRAIN.lint(project));
    // No test builds this module, so a change of the core could break it unnoticed.
    let _ = stages.run("benches: wasm clippy", || wasm::BENCH.lint(project));
    let _ = stages.run("tsc", || run(project.npm().args(["run", "check"])));
    if full {
        let _ = stages.run("benches: tsc", || bench::browser::check(project));
    } else {
        stages.skip("benches: tsc", "--full runs it");
    }
    if built.is_err() {
        return stages.skip("browser tests", "the page could not be built");
    }
    // Runs publint, attw and size-limit.
    let _ = stages.run("package", || {
        run(project
            .npm()
            .args(["run", "lint", "--workspace", "tonearm"]))
    });
    let Ok(chromium) = stages.run("chromium", machine::chromium) else {
        return stages.skip("browser tests", "Chromium is missing");
    };
    let tests = |script: &str| {
        let mut tests = project.npm();
        tests.args(["run", script, "--workspace", "tests/browser"]);
        tests.env("TONEARM_CHROMIUM", &chromium);
        // Paths of the programs, so that tests need not run cargo. `cargo test` has built the binary.
        tests.env("TONEARM_BIN", project.target.join("release/tonearm"));
        tests.env("TONEARM_XTASK", env::current_exe()?);
        if quick {
            tests.env("TONEARM_QUICK", "1");
        }
        run(&mut tests)
    };
    let _ = stages.run("browser tests", || tests("test"));
    // These run alone: a software GPU takes all cores, and timed tests need a core of their own.
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
