//! `cargo xtask serve`: serves the page as soon as Listen works, and builds the other modules meanwhile.

use std::net::SocketAddr;
use std::thread;

use anyhow::Result;

use crate::project::Project;
use crate::site::BuildLock;
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
    println!("{}", announcement(&outdated));

    let mut stages = Stages::default();
    let built = build_first(&project, &mut stages, quick, &outdated);
    stages.print_table();
    let (lock, pending) = built?;
    if pending.is_empty() {
        // Nothing is left to build, so other processes may.
        drop(lock);
    } else {
        let project = project.clone();
        let address = listener.local_addr()?;
        thread::spawn(move || build_rest(&project, lock, pending, address));
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

/// What will be built and about how long it takes.
fn announcement(outdated: &[&Module]) -> String {
    if outdated.is_empty() {
        return "All modules are built. Preparing the page.".to_owned();
    }
    let mut text =
        "Building Tonearm. Estimates are for a first build on two cores; later builds are faster.\n\n"
            .to_owned();
    let mut minutes = PAGE_MINUTES;
    if !outdated.iter().any(|module| module.name == wasm::CPU.name) {
        text += &format!("  {} in at most {minutes} minute\n", wasm::CPU.purpose);
    }
    for module in outdated {
        minutes += module.minutes;
        text += &format!("  {} in about {minutes} minutes\n", module.purpose);
    }
    text + "\nThe address is printed as soon as Listen is ready; the rest is built while you use the page."
}

/// Builds everything that Listen needs on the CPU, and returns the lock of the build and the modules that are still to
/// be built.
fn build_first(
    project: &Project,
    stages: &mut Stages,
    quick: bool,
    outdated: &[&'static Module],
) -> Result<(BuildLock, Vec<&'static Module>)> {
    let lock = site::prepare(project, stages)?;
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
        wasm::WEBGPU.replace_by_placeholder(project, site::WITHOUT_WEBGPU)?;
    }
    stages.run("package and page", || site::build_page(project, &pending))?;
    Ok((lock, pending))
}

/// Builds the remaining modules one after the other, and rebuilds the page after each of them. The page no longer
/// waits for a module that failed; it says so where somebody uses it.
fn build_rest(
    project: &Project,
    _lock: BuildLock,
    mut pending: Vec<&'static Module>,
    address: SocketAddr,
) {
    let mut stages = Stages::default();
    while !pending.is_empty() {
        let module = pending.remove(0);
        let built = module.build(project, &mut stages);
        let replaced = match &built {
            Ok(()) => Ok(()),
            Err(_) => module.replace_by_placeholder(
                project,
                "this part of Tonearm could not be built; the terminal that serves the page shows the reason",
            ),
        };
        let page = replaced
            .and_then(|()| stages.run("package and page", || site::build_page(project, &pending)));
        match built.and(page) {
            Ok(()) => println!("\n{} works now: reload http://{address}/", module.purpose),
            Err(error) => eprintln!("\n{} could not be built: {error:#}", module.purpose),
        }
    }
    stages.print_table();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announcement_adds_up_the_minutes_and_names_listen_first() {
        let nothing = announcement(&[]);
        assert_eq!(nothing, "All modules are built. Preparing the page.");
        let all = announcement(&[&wasm::CPU, &wasm::TRAIN, &wasm::WEBGPU]);
        let rest = announcement(&[&wasm::TRAIN]);
        let minutes = |text: &str, line: usize| {
            let line = text.lines().nth(line + 2).expect("it has that line");
            line.split_whitespace().find_map(|word| word.parse().ok())
        };
        let [cpu, train, webgpu] = [0, 1, 2].map(|line| minutes(&all, line));
        assert_eq!(cpu, Some(PAGE_MINUTES + wasm::CPU.minutes));
        assert_eq!(train, cpu.map(|before| before + wasm::TRAIN.minutes));
        assert_eq!(webgpu, train.map(|before| before + wasm::WEBGPU.minutes));
        assert!(rest.contains("  Listen in at most 1 minute"), "{rest}");
    }
}
