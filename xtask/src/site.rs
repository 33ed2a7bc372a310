//! The static site: wasm modules, then the npm package, then the page.

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;
use crate::{stamp, wasm};

/// Leaves the whole site in `www/dist/`; a quick one has no WebGPU.
pub fn build(project: &Project, stages: &mut Stages, quick: bool) -> Result<()> {
    stages.run("wasm target", || machine::wasm_target(project))?;
    stages.run("npm packages", || machine::npm_packages(project))?;
    for module in wasm::modules(quick) {
        module.build(project, stages)?;
    }
    if quick {
        wasm::stand_in(project)?;
    }
    stages.run("package and page", || build_page(project))
}

fn build_page(project: &Project) -> Result<()> {
    // In this checkout: the build folder may be shared with another.
    let stamp = project.root.join("node_modules/.cache/tonearm-site");
    let inputs = ["pkg", "www", "package-lock.json"].map(|name| project.root.join(name));
    let source = stamp::fingerprint(&inputs.each_ref().map(|path| path.as_path()))?;
    let built = project.site().join("index.html").exists();
    if built && stamp::matches(&stamp, &source) {
        println!("  unchanged");
        return Ok(());
    }
    run(project.npm().args(["run", "build"]))?;
    stamp::write(&stamp, &source)
}
