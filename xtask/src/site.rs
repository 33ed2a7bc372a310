//! The static site: builds the wasm modules, the npm package and the page.

mod build_lock;

use std::fs;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;
use crate::stamp;
use crate::wasm::{self, Module};
pub use build_lock::BuildLock;

/// Error message for using the GPU after a quick build.
pub const WITHOUT_WEBGPU: &str =
    "this build has no WebGPU; run `cargo xtask build` without --quick";

/// Builds the site into `www/dist/`. A quick build has no WebGPU module. While the caller keeps the lock, no other
/// process replaces the site.
pub fn build(project: &Project, stages: &mut Stages, quick: bool) -> Result<BuildLock> {
    let lock = prepare(project, stages)?;
    for module in wasm::modules(quick) {
        module.build(project, stages)?;
    }
    if quick {
        wasm::WEBGPU.replace_by_placeholder(project, WITHOUT_WEBGPU)?;
    }
    stages.run("package and page", || build_page(project, &[]))?;
    Ok(lock)
}

/// Waits for other builds in this checkout, and installs what the build needs.
pub fn prepare(project: &Project, stages: &mut Stages) -> Result<BuildLock> {
    let lock = stages.run("build lock", || BuildLock::acquire(project))?;
    stages.run("wasm target", || machine::wasm_target(project))?;
    stages.run("npm packages", || machine::npm_packages(project))?;
    Ok(lock)
}

/// Builds the package and the page. The page shows that the modules in `pending` are still being built.
pub fn build_page(project: &Project, pending: &[&Module]) -> Result<()> {
    // Stored in the checkout, since several checkouts can share a build folder.
    let stamp = project.root.join("node_modules/.cache/tonearm-site");
    let inputs = ["pkg", "www", "package-lock.json"].map(|name| project.root.join(name));
    let pending: Vec<_> = pending.iter().map(|module| module.name).collect();
    let pending = pending.join(",");
    let inputs = stamp::fingerprint(&inputs.each_ref().map(|path| path.as_path()))?;
    let fingerprint = format!("{inputs} {pending}");
    let site = project.site();
    if site.join("index.html").exists() && stamp::matches(&stamp, &fingerprint) {
        println!("  unchanged");
        return Ok(());
    }
    // Built into another folder, since the current site may be served meanwhile.
    let next = site.with_extension("next");
    let build = ["run", "build", "--workspace", "www"];
    run(project
        .npm()
        .args(build)
        .env("VITE_PENDING_MODULES", &pending)
        .env("TONEARM_OUT", &next))?;
    // Renamed instead of deleted, so that a server finds no site only for an instant.
    let old = site.with_extension("old");
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    if site.exists() {
        fs::rename(&site, &old)?;
    }
    fs::rename(&next, &site)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    stamp::write(&stamp, &fingerprint)
}
