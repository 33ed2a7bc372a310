//! Checks the dependency rules of ARCHITECTURE.md with `cargo tree` and the sources.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::project::{Project, output};

/// Burn's backends. The core must not depend on any of them, since the caller chooses the device.
const BACKENDS: [&str; 10] = [
    "burn-cpu",
    "burn-cubecl",
    "burn-cuda",
    "burn-flex",
    "burn-ndarray",
    "burn-remote",
    "burn-rocm",
    "burn-tch",
    "burn-wgpu",
    "cubecl",
];

/// Fails on the first violated rule.
pub fn check(project: &Project) -> Result<()> {
    forbid(project, "tonearm-dsp", &["burn", "burn-core", "tonearm"])?;
    forbid(project, "tonearm", &BACKENDS)?;
    forbid(project, "tonearm-web", &["tonearm-cli"])?;
    forbid(project, "tonearm-cli", &["tonearm-web"])?;
    no_target_condition(&project.root.join("crates/dsp/src"))?;
    no_target_condition(&project.root.join("src"))
}

/// Fails if `package` depends on one of `forbidden`, on any target.
fn forbid(project: &Project, package: &str, forbidden: &[&str]) -> Result<()> {
    let mut tree = project.cargo();
    tree.args([
        "tree", "--edges", "normal", "--target", "all", "--prefix", "none",
    ]);
    let tree = output(tree.args(["--format", "{p}", "--package", package]))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    for name in names {
        if forbidden.contains(&name) {
            bail!(
                "`{package}` must not depend on `{name}`; `cargo tree -i {name}` shows why it does"
            );
        }
    }
    println!("  {package} depends on none of: {}", forbidden.join(", "));
    Ok(())
}

/// Fails if a source of the core contains a condition on the target architecture.
fn no_target_condition(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            no_target_condition(&path)?;
        } else if fs::read_to_string(&path)?.contains("target_arch") {
            bail!(
                "{} has a condition on target_arch; the core must be the same on all targets",
                path.display()
            );
        }
    }
    Ok(())
}
