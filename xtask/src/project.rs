//! Folders of the checkout, and functions that run its tools.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The core and the binary. Cargo unifies the features of all packages in a command, so building only one of
/// them would build Burn a second time.
pub const CORE_AND_BINARY: [&str; 6] = [
    "--package",
    "tonearm-dsp",
    "--package",
    "tonearm",
    "--package",
    "tonearm-cli",
];

/// Folders of this checkout.
#[derive(Clone)]
pub struct Project {
    /// Folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's build folder, which the environment or a configuration file can change.
    pub target: PathBuf,
    /// Output of `cargo metadata` for the workspace.
    pub metadata: serde_json::Value,
}

impl Project {
    /// Finds the checkout that contains the current folder.
    pub fn find() -> Result<Self> {
        let text = output(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
        let metadata: serde_json::Value =
            serde_json::from_str(&text).context("cargo metadata printed invalid JSON")?;
        let folder = |key: &str| {
            let path = metadata[key].as_str();
            path.map(PathBuf::from)
                .with_context(|| format!("the output of cargo metadata has no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            metadata,
        })
    }

    /// Folder of the built site.
    pub fn site(&self) -> PathBuf {
        self.root.join("www/dist")
    }

    /// Folder for everything that xtask can rebuild: stamps, wasm modules, Python environments.
    pub fn cache(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// A `cargo` command that runs in the root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// An `npm` command that runs in the root.
    pub fn npm(&self) -> Command {
        let mut command = Command::new("npm");
        command.current_dir(&self.root);
        command
    }
}

/// The cargo that started this process, so that both use the same toolchain.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command with its output shown.
///
/// # Errors
/// If the command cannot be started or fails.
pub fn run(command: &mut Command) -> Result<()> {
    println!("  $ {}", command_line(command));
    let status = command
        .status()
        .with_context(|| format!("`{}` could not be started", command_line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", command_line(command));
    }
    Ok(())
}

/// Runs a command and returns its standard output. Its standard error is shown.
///
/// # Errors
/// If the command cannot be started, fails, or prints invalid UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` could not be started", command_line(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", command_line(command), output.status);
    }
    String::from_utf8(output.stdout).context("output is not UTF-8")
}

/// A command line for display, with the program's name instead of its path.
fn command_line(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
