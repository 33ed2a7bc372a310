//! The static site: wasm modules, then the npm package, then the page.

use anyhow::Result;

use crate::machine;
use crate::project::{Project, run};
use crate::stages::Stages;
use crate::stamp;
use crate::wasm::Module;

/// Leaves the whole site in `www/dist/`, with the modules given.
pub fn build(project: &Project, stages: &mut Stages, modules: &[Module]) -> Result<()> {
    stages.run("wasm target", || machine::wasm_target(project))?;
    stages.run("npm packages", || machine::npm_packages(project))?;
    for module in modules {
        module.build(project, stages)?;
    }
    stages.run("package and page", || build_page(project))
}

fn build_page(project: &Project) -> Result<()> {
    let stamp = project.site().join(".stamp");
    let inputs = ["pkg", "www", "package-lock.json"].map(|name| project.root.join(name));
    let source = stamp::fingerprint(&inputs.each_ref().map(|path| path.as_path()))?;
    if stamp::matches(&stamp, &source) {
        println!("  unchanged");
        return Ok(());
    }
    run(project.npm().args(["run", "build"]))?;
    stamp::write(&stamp, &source)
}
