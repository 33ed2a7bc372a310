//! Tools that the machine needs. Each check installs what is missing, or explains how to install it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, output, run};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Oldest supported major version of Node.
const MIN_NODE: u32 = 20;

/// Installs Rust's wasm target with rustup.
pub fn wasm_target(project: &Project) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    // Run in the root, where rust-toolchain.toml selects the toolchain.
    let folder = output(rustc.current_dir(&project.root))?;
    if Path::new(folder.trim()).exists() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    run(rustup.current_dir(&project.root)).with_context(|| {
        format!(
            "Rust's {WASM_TARGET} target is missing; add it with `rustup target add {WASM_TARGET}`"
        )
    })
}

/// Installs Rust's formatter and linter with rustup.
pub fn lint_tools(project: &Project) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(project.cargo().args([tool, "--version"])).is_ok() {
            continue;
        }
        let mut rustup = Command::new("rustup");
        rustup.args(["component", "add", component]);
        run(rustup.current_dir(&project.root)).with_context(|| {
            format!("`cargo {tool}` is missing; add it with `rustup component add {component}`")
        })?;
    }
    Ok(())
}

/// Installs the npm packages in the lock file.
pub fn npm_packages(project: &Project) -> Result<()> {
    node()?;
    let lock_file = project.root.join("package-lock.json");
    let installed = project.root.join("node_modules/.package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    if modified(&installed).is_some_and(|at| Some(at) >= modified(&lock_file)) {
        return Ok(());
    }
    run(project.npm().args(["ci", "--no-audit", "--no-fund"])).context(
        "the npm packages could not be installed; check the connection to the npm registry and \
         run `npm ci` in the root folder of the project",
    )
}

fn node() -> Result<()> {
    let advice = format!(
        "install Node.js {MIN_NODE} or newer with npm, from nodejs.org or the distribution"
    );
    let version = output(Command::new("node").arg("--version")).context(advice.clone())?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= MIN_NODE => Ok(()),
        _ => bail!("Node.js is {}; {advice}", version.trim()),
    }
}

/// Path of Chromium, which is installed from the distribution if it is missing.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt_install("chromium").context(
        "the browser tests need Chromium; install it (Debian: `apt-get install chromium`), or \
         set TONEARM_CHROMIUM to its path",
    )?;
    find_chromium()
        .context("Chromium was installed but is not on the PATH; set TONEARM_CHROMIUM to its path")
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("TONEARM_CHROMIUM") {
        return Some(path.into());
    }
    let default = PathBuf::from("/usr/bin/chromium");
    default
        .exists()
        .then_some(default)
        .or_else(|| on_path("chromium"))
}

/// Path of a Python with some packages, in the virtual environment `name` in the build folder.
pub fn python(project: &Project, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let venv = project.cache().join(format!("python-{name}"));
    let python = venv.join("bin/python");
    let stamp = venv.join("packages");
    if crate::stamp::matches(&stamp, &packages.join(" ")) {
        return Ok(python);
    }
    make_venv(&venv).context(
        "Python 3 with venv is needed; install it (Debian: `apt-get install python3-venv`)",
    )?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args(packages);
    run(&mut pip)
        .with_context(|| format!("install by hand: `pip install {}`", packages.join(" ")))?;
    crate::stamp::write(&stamp, &packages.join(" "))?;
    Ok(python)
}

fn make_venv(venv: &Path) -> Result<()> {
    let venv_command = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(venv);
        command
    };
    // On Debian, venv is a separate package.
    run(&mut venv_command()).or_else(|_| {
        apt_install("python3-venv")?;
        run(&mut venv_command())
    })
}

/// Installs a package with apt-get, through sudo if the user is not root.
fn apt_install(package: &str) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() {
            Command::new("apt-get")
        } else {
            sudo_apt()
        };
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    if on_path("apt-get").is_none() {
        bail!("cannot install {package}: apt-get is missing");
    }
    apt(&["update", "-q"])?;
    apt(&["install", "-y", "-q", "--no-install-recommends", package])
}

/// Fails instead of asking for a password, which would block a test run.
fn sudo_apt() -> Command {
    let mut command = Command::new("sudo");
    command.args(["-n", "apt-get"]);
    command
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
