//! The static site: wasm modules, then the npm package, then the page.

use std::fs;

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;
use crate::stamp;
use crate::wasm::{self, Module};

/// Why the GPU cannot be used after a quick build.
pub const WITHOUT_WEBGPU: &str = "this build was made without WebGPU";

/// Leaves the whole site in `www/dist/`; a quick one has no WebGPU.
pub fn build(project: &Project, stages: &mut Stages, quick: bool) -> Result<()> {
    prepare(project, stages)?;
    for module in wasm::modules(quick) {
        module.build(project, stages)?;
    }
    if quick {
        wasm::WEBGPU.stand_in(project, WITHOUT_WEBGPU)?;
    }
    stages.run("package and page", || build_page(project, &[]))
}

/// Adds what building needs.
pub fn prepare(project: &Project, stages: &mut Stages) -> Result<()> {
    stages.run("wasm target", || machine::wasm_target(project))?;
    stages.run("npm packages", || machine::npm_packages(project))
}

/// Builds package and page; the page says of the modules in `pending` that they are still being built.
pub fn build_page(project: &Project, pending: &[&Module]) -> Result<()> {
    // In this checkout: the build folder may be shared with another.
    let stamp = project.root.join("node_modules/.cache/tonearm-site");
    let inputs = ["pkg", "www", "package-lock.json"].map(|name| project.root.join(name));
    let pending: Vec<_> = pending.iter().map(|module| module.name).collect();
    let pending = pending.join(",");
    let inputs = stamp::fingerprint(&inputs.each_ref().map(|path| path.as_path()))?;
    let source = format!("{inputs} {pending}");
    let site = project.site();
    if site.join("index.html").exists() && stamp::matches(&stamp, &source) {
        println!("  unchanged");
        return Ok(());
    }
    // Beside the present site, which may be served meanwhile.
    let next = site.with_extension("next");
    let build = ["run", "build", "--workspace", "www"];
    run(project
        .npm()
        .args(build)
        .env("VITE_PENDING_MODULES", &pending)
        .env("TONEARM_OUT", &next))?;
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    fs::rename(&next, &site)?;
    stamp::write(&stamp, &source)
}
