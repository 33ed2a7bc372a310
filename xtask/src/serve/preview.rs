//! `cargo xtask serve`: serves the page as soon as Listen works, and builds the other modules meanwhile.

use std::thread;

use anyhow::Result;

use crate::project::Project;
use crate::stages::Stages;
use crate::wasm::{self, Module};
use crate::{serve, site};

/// Minutes for a first installation of npm packages and build of the page on two cores.
const PAGE_MINUTES: u32 = 1;

/// Builds the page with the CPU module, serves it, and builds the other modules meanwhile.
pub fn run(project: Project, port: u16, quick: bool) -> Result<()> {
    // Done first, so that a port in use is reported before minutes of building.
    let listener = serve::listen(port)?;
    let outdated = outdated(&project, quick)?;
    announce(&outdated);

    let mut stages = Stages::default();
    let built = build_first(&project, &mut stages, quick, &outdated);
    stages.print_table();
    let pending = built?;
    if !pending.is_empty() {
        let project = project.clone();
        thread::spawn(move || build_rest(&project, &pending));
    }
    serve::serve(&project.site(), listener)
}

/// Modules that have to be built.
fn outdated(project: &Project, quick: bool) -> Result<Vec<&'static Module>> {
    let mut outdated = Vec::new();
    for module in wasm::modules(quick) {
        if !module.is_current(project)? {
            outdated.push(module);
        }
    }
    Ok(outdated)
}

/// Prints what will be built and about how long it takes.
fn announce(outdated: &[&Module]) {
    if outdated.is_empty() {
        return println!("All modules are built. Preparing the page.");
    }
    println!(
        "Building Tonearm. Estimates are for a first build on two cores; later builds are faster.\n"
    );
    let mut minutes = PAGE_MINUTES;
    for module in outdated {
        minutes += module.minutes;
        println!("  {} in about {minutes} minutes", module.purpose);
    }
    println!("\nThe page opens when the first is ready; the others are built while you use it.");
}

/// Builds everything that Listen needs on the CPU, and returns the modules that are still to be built.
fn build_first(
    project: &Project,
    stages: &mut Stages,
    quick: bool,
    outdated: &[&'static Module],
) -> Result<Vec<&'static Module>> {
    site::prepare(project, stages)?;
    let mut pending = Vec::new();
    for module in wasm::modules(quick) {
        let is_outdated = outdated.iter().any(|other| other.name == module.name);
        if is_outdated && module.name != wasm::CPU.name {
            module.replace_by_placeholder(
                project,
                "this part of Tonearm is still being built; reload the page in a few minutes",
            )?;
            pending.push(module);
        } else {
            module.build(project, stages)?;
        }
    }
    if quick {
        wasm::WEBGPU.ensure_placeholder(project, site::WITHOUT_WEBGPU)?;
    }
    stages.run("package and page", || site::build_page(project, &pending))?;
    Ok(pending)
}

/// Builds the remaining modules one after the other, and rebuilds the page after each of them.
fn build_rest(project: &Project, pending: &[&'static Module]) {
    let mut stages = Stages::default();
    for (index, module) in pending.iter().enumerate() {
        let built = module.build(project, &mut stages).and_then(|()| {
            stages.run("package and page", || {
                site::build_page(project, &pending[index + 1..])
            })
        });
        match built {
            Ok(()) => println!("\n{} works now: reload the page.", module.purpose),
            Err(error) => eprintln!(
                "\n{} could not be built: {error:#}\nThe page works without it.",
                module.purpose
            ),
        }
    }
    stages.print_table();
}
