//! `cargo xtask serve`: serves the page as soon as it can analyse a track, and builds the rest meanwhile.

use std::thread;

use anyhow::Result;

use crate::project::Project;
use crate::stages::Stages;
use crate::wasm::{self, Module};
use crate::{serve, site};

/// Minutes that installing packages and building the page take the first time, on two cores.
const PAGE_MINUTES: u32 = 1;

/// Builds the page with the module that every visitor needs, serves it, and builds the other modules
/// while it is served.
pub fn run(project: Project, port: u16, quick: bool) -> Result<()> {
    // First, so that a port that is taken is reported now and not after minutes of building.
    let listener = serve::listen(port)?;
    let outdated = outdated(&project, quick)?;
    announce(&outdated);

    let mut stages = Stages::default();
    let served = build_first(&project, &mut stages, quick, &outdated);
    stages.print_table();
    let pending = served?;
    if !pending.is_empty() {
        let project = project.clone();
        thread::spawn(move || build_rest(&project, &pending));
    }
    serve::serve(&project.site(), listener)
}

/// The modules that have to be built.
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

/// Builds all that the first visit needs, and returns the modules that are left.
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
            module.replace_by_stand_in(
                project,
                "this part of Tonearm is still being built; reload the page in a few minutes",
            )?;
            pending.push(module);
        } else {
            module.build(project, stages)?;
        }
    }
    if quick {
        wasm::WEBGPU.stand_in(project, site::WITHOUT_WEBGPU)?;
    }
    stages.run("package and page", || site::build_page(project, &pending))?;
    Ok(pending)
}

/// Builds the modules that are left, one after the other, and the page again after each.
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
