//! `cargo xtask`: builds, serves and tests the whole project.
//!
//! Each command adds what the machine lacks, says what it is doing and how long
//! it took, and, where something cannot be added, says what to install by hand.

mod bench;
mod browser;
mod dist;
mod docs;
mod golden;
mod machine;
mod native;
mod preview;
mod project;
mod rules;
mod serve;
mod site;
mod stages;
mod stamp;
mod test;
mod versus;
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
    /// Build the page and serve it on this machine, as soon as it can analyse a track; training and the
    /// GPU are built while it is served.
    Serve {
        /// Port on 127.0.0.1; 0 takes any free one.
        #[arg(long, default_value_t = 4173)]
        port: u16,
        /// Folder to serve instead of the page; nothing is built.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Serve what was built before.
        #[arg(long)]
        no_build: bool,
        /// Leave out the WebGPU module: the page then always computes on the CPU.
        #[arg(long)]
        quick: bool,
    },
    /// Run every check and every test.
    Test {
        /// Leave out the WebGPU module, whose first build takes longest.
        #[arg(long)]
        quick: bool,
        /// Install the package afresh in each example, build that and use it in Chromium, too.
        #[arg(long, conflicts_with = "quick")]
        full: bool,
    },
    /// Build the whole static site into www/dist/.
    Build {
        /// Leave out the WebGPU module: the page then always computes on the CPU.
        #[arg(long)]
        quick: bool,
    },
    /// Make all that is shipped, in dist/: the site, the npm package, the binary, their checksums.
    Dist,
    /// Make the documents of what the core and the package export, with rustdoc and typedoc.
    Docs,
    /// Run every benchmark, or one.
    Bench {
        /// Name of the one; `train` sets TensorFlow beside it, `browser` and `browser-train` what
        /// people use in a browser.
        name: Option<String>,
    },
    /// Remake the golden vectors with librosa.
    Golden {
        /// Compare with the committed vectors and change nothing.
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
                return preview::run(project, port, quick);
            }
            let folder = dir.unwrap_or_else(|| project.site());
            serve::serve(&folder, serve::listen(port)?)
        }
        Command::Test { quick, full } => test::run_all(&project, quick, full),
        Command::Build { quick } => build(&project, quick),
        Command::Dist => staged(|stages| dist::make(&project, stages)),
        Command::Docs => staged(|stages| docs::build(&project, stages)),
        Command::Bench { name: None } => bench::run_all(&project),
        Command::Bench { name: Some(name) } if name == "train" => versus::run(&project),
        Command::Bench { name: Some(name) } => bench::run_one(&project, &name),
        Command::Golden { check } => golden::remake(&project, &golden::python(&project)?, check),
    }
}

/// Does what has stages, and prints how long each took.
fn staged(make: impl FnOnce(&mut Stages) -> Result<()>) -> Result<()> {
    let mut stages = Stages::default();
    let made = make(&mut stages);
    stages.print_table();
    made
}

fn build(project: &Project, quick: bool) -> Result<()> {
    staged(|stages| site::build(project, stages, quick))
}
