//! What the machine must have: each check adds what is missing, or says how to.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, output, run};

const WASM: &str = "wasm32-unknown-unknown";

/// Oldest Node that the npm packages run on.
const NODE: u32 = 20;

/// Adds Rust's wasm target by rustup.
pub fn wasm_target(project: &Project) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    // In the root, where rust-toolchain.toml decides which rustc this is.
    let folder = output(rustc.current_dir(&project.root))?;
    if Path::new(folder.trim()).exists() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM]);
    run(rustup.current_dir(&project.root)).with_context(|| {
        format!("Rust's {WASM} target is missing; add it with `rustup target add {WASM}`")
    })
}

/// Adds Rust's formatter and linter by rustup.
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

/// Installs the npm packages of the lock file.
pub fn npm_packages(project: &Project) -> Result<()> {
    node()?;
    let wanted = project.root.join("package-lock.json");
    let installed = project.root.join("node_modules/.package-lock.json");
    let written = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    if written(&installed).is_some_and(|at| Some(at) >= written(&wanted)) {
        return Ok(());
    }
    run(project.npm().args(["ci", "--no-audit", "--no-fund"])).context(
        "the npm packages could not be installed; run `npm ci` in the project's root folder, \
         with the npm registry in reach",
    )
}

fn node() -> Result<()> {
    let advice =
        format!("install Node.js {NODE} or newer with npm, from nodejs.org or the distribution");
    let version = output(Command::new("node").arg("--version")).context(advice.clone())?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= NODE => Ok(()),
        _ => bail!("Node.js is {}; {advice}", version.trim()),
    }
}

/// Path of Chromium, installed from the distribution if there is none.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt_install("chromium").context(
        "the browser tests need Chromium; install it (Debian: `apt-get install chromium`), or \
         name one in TONEARM_CHROMIUM",
    )?;
    find_chromium()
        .context("Chromium was installed and is not on the PATH; name it in TONEARM_CHROMIUM")
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("TONEARM_CHROMIUM") {
        return Some(path.into());
    }
    let usual = PathBuf::from("/usr/bin/chromium");
    usual
        .exists()
        .then_some(usual)
        .or_else(|| on_path("chromium"))
}

/// A Python that has the packages given, kept in the build folder under a name of its own.
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
    // Debian's Python comes without venv until its package is installed.
    run(&mut venv_command()).or_else(|_| {
        apt_install("python3-venv")?;
        run(&mut venv_command())
    })
}

/// Installs a package of Debian and its kin, through sudo where we are not root.
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
        bail!("there is no apt-get here to install {package} with");
    }
    apt(&["update", "-q"])?;
    apt(&["install", "-y", "-q", "--no-install-recommends", package])
}

/// Never asks for a password: a test run must not wait for one.
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
