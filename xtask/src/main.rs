//! `cargo xtask`: builds, serves and tests the whole project.
//!
//! Each command installs missing tools, or explains how to install them, and prints what it is doing and how
//! long each stage took.

mod bench;
mod dist;
mod docs;
mod golden;
mod machine;
mod project;
mod rules;
mod serve;
mod site;
mod stages;
mod stamp;
mod structure;
#[cfg(test)]
#[path = "../../tests/support/temporary_folder.rs"]
mod temporary_folder;
mod test;
mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use project::Project;
use stages::Stages;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves and tests Tonearm.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it on this machine. It is served as soon as Listen works; training and the GPU
    /// module are built meanwhile.
    Serve {
        /// Port on 127.0.0.1; 0 selects any free port.
        #[arg(long, default_value_t = 4173)]
        port: u16,
        /// Folder to serve instead of the page, without building anything.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Serve the last build.
        #[arg(long)]
        no_build: bool,
        /// Skip the WebGPU module, so that the page always uses the CPU.
        #[arg(long)]
        quick: bool,
    },
    /// Run all checks and tests.
    Test {
        /// Skip the WebGPU module, whose first build takes longest.
        #[arg(long)]
        quick: bool,
        /// Also test on a phone-sized screen, install the package in each example and test its build in Chromium,
        /// check the types of the browser benchmarks, build the documentation, run Lighthouse and do dry runs of
        /// publishing.
        #[arg(long, conflicts_with = "quick")]
        full: bool,
    },
    /// Build the static site into www/dist/.
    Build {
        /// Skip the WebGPU module, so that the page always uses the CPU.
        #[arg(long)]
        quick: bool,
    },
    /// Build everything that is released into dist/: the site, the npm package, the binary and checksums.
    Dist,
    /// Build the API documentation of the core and the package with rustdoc and typedoc.
    Docs,
    /// Run all benchmarks, or one.
    Bench {
        /// Name of the benchmark. `train` also measures TensorFlow, `native` librosa, and `browser` and
        /// `browser-train` other libraries in a browser.
        name: Option<String>,
    },
    /// Recompute the golden vectors with librosa and ONNX Runtime.
    Golden {
        /// Compare with the committed vectors without changing them.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let project = Project::find()?;
    match command {
        Command::Serve {
            port,
            dir,
            no_build,
            quick,
        } => {
            if dir.is_none() && !no_build {
                return serve::preview::run(project, port, quick);
            }
            let folder = dir.unwrap_or_else(|| project.site());
            serve::serve(&folder, serve::listen(port)?)
        }
        Command::Test { quick, full } => test::run_all(&project, quick, full),
        Command::Build { quick } => build(&project, quick),
        Command::Dist => with_stages(|stages| dist::build(&project, stages)),
        Command::Docs => with_stages(|stages| docs::build(&project, stages)),
        Command::Bench { name: None } => bench::run_all(&project),
        Command::Bench { name: Some(name) } if name == "train" => bench::train::run(&project),
        Command::Bench { name: Some(name) } => bench::run_one(&project, &name),
        Command::Golden { check } => golden::generate(&project, &golden::python(&project)?, check),
    }
}

/// Runs work that consists of stages, and prints how long each of them took.
fn with_stages(work: impl FnOnce(&mut Stages) -> Result<()>) -> Result<()> {
    let mut stages = Stages::default();
    let result = work(&mut stages);
    stages.print_table();
    result
}

fn build(project: &Project, quick: bool) -> Result<()> {
    with_stages(|stages| site::build(project, stages, quick).map(drop))
}
