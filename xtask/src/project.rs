//! Where things are in the checkout, and how its tools are run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Folders of this checkout.
#[derive(Clone)]
pub struct Project {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's build folder, wherever the environment or a configuration puts it.
    pub target: PathBuf,
    /// What `cargo metadata` says of the workspace.
    pub metadata: serde_json::Value,
}

impl Project {
    /// The checkout that holds the current folder.
    pub fn find() -> Result<Self> {
        let text = output(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
        let metadata: serde_json::Value =
            serde_json::from_str(&text).context("cargo metadata printed no JSON")?;
        let folder = |key: &str| {
            let path = metadata[key].as_str();
            path.map(PathBuf::from)
                .with_context(|| format!("cargo metadata names no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            metadata,
        })
    }

    /// The finished static site.
    pub fn site(&self) -> PathBuf {
        self.root.join("www/dist")
    }

    /// Where xtask keeps what it can make again: stamps, wasm modules, Python.
    pub fn cache(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// `cargo`, started in the root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// `npm`, started in the root.
    pub fn npm(&self) -> Command {
        let mut command = Command::new("npm");
        command.current_dir(&self.root);
        command
    }
}

/// The cargo that started us, so that both use one toolchain.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command, its output passed through; fails unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    println!("  $ {}", spell(command));
    let status = command
        .status()
        .with_context(|| format!("`{}` could not be started", spell(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", spell(command));
    }
    Ok(())
}

/// Standard output of a command; its standard error is passed through.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` could not be started", spell(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", spell(command), output.status);
    }
    String::from_utf8(output.stdout).context("output is not UTF-8")
}

/// A command as one would type it, its program without the folder.
fn spell(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
