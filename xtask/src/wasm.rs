//! The wasm modules: built with cargo, wasm-bindgen and wasm-opt into `pkg/wasm/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::{Project, output, run};
use crate::stages::Stages;
use crate::stamp;

/// One build of `crates/web`.
pub struct Module {
    /// Name of its folder in `pkg/wasm/`.
    pub name: &'static str,
    /// Its purpose for visitors, as the subject of a sentence.
    pub purpose: &'static str,
    /// Minutes of a first build on two cores.
    pub minutes: u32,
    /// Cargo features.
    features: &'static str,
    /// Cargo profile.
    profile: &'static str,
    /// Largest allowed size with brotli compression, in bytes.
    budget: usize,
    /// Optimisation flags of wasm-opt.
    optimise: &'static [&'static str],
    /// Flags of wasm-opt for sections that only wasm-bindgen and debuggers read.
    debug_sections: &'static [&'static str],
}

/// Removes the sections.
const STRIP: &[&str] = &[
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Keeps the names of functions for profilers.
const KEEP: &[&str] = &["--debuginfo"];

/// Inference on the CPU with Burn's Flex backend and SIMD. Every visitor loads it.
pub const CPU: Module = Module {
    name: "cpu",
    purpose: "Listen",
    minutes: 4,
    features: "cpu",
    profile: "wasm",
    budget: 600_000,
    optimise: &["-O3"],
    debug_sections: STRIP,
};

/// Inference and training on the CPU. Loaded for training.
pub const TRAIN: Module = Module {
    name: "train",
    purpose: "Training",
    minutes: 4,
    features: "cpu,train",
    budget: 1_000_000,
    ..CPU
};

/// Inference and training on the GPU through WebGPU. Loaded if there is an adapter and the work is long enough.
pub const WEBGPU: Module = Module {
    name: "webgpu",
    purpose: "The GPU",
    minutes: 8,
    features: "webgpu,train",
    profile: "wasm-webgpu",
    budget: 2_200_000,
    // More passes take minutes and make the compressed file larger.
    optimise: &["-O1"],
    debug_sections: STRIP,
};

/// The CPU module with separate functions for each stage of the features, and with function names. Used only by
/// the benchmark and not released.
pub const BENCH: Module = Module {
    name: "bench",
    features: "cpu,bench",
    debug_sections: KEEP,
    ..CPU
};

/// Modules of a build. A quick build skips WebGPU, which takes the longest.
pub fn modules(quick: bool) -> &'static [Module] {
    if quick {
        &[CPU, TRAIN]
    } else {
        &[CPU, TRAIN, WEBGPU]
    }
}

/// Inputs of a module. `package.json` pins the version of wasm-opt.
const SOURCES: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/dsp",
    "crates/web",
    "package.json",
    "rust-toolchain.toml",
    "src",
    "xtask/src/wasm.rs",
];

/// Fingerprint of the sources of all modules. Cargo's own fingerprints are not enough: modules with the same
/// profile overwrite each other's output, so cargo would link each of them again every time.
fn source_fingerprint(project: &Project) -> Result<String> {
    let sources = SOURCES.map(|name| project.root.join(name));
    stamp::fingerprint(&sources.each_ref().map(|path| path.as_path()))
}

impl Module {
    /// Builds the module, checks its size and copies it into the package.
    pub fn build(&self, project: &Project, stages: &mut Stages) -> Result<()> {
        let folder = self.build_in_cache(project, stages)?;
        stages.run(&format!("wasm {}", self.name), || {
            self.check_size(&folder)?;
            copy_folder(&folder, &self.package_folder(project))
        })
    }

    /// Builds the module if its sources changed, and returns its folder in the cache.
    pub fn build_in_cache(&self, project: &Project, stages: &mut Stages) -> Result<PathBuf> {
        let folder = self.cache_folder(project);
        let fingerprint = source_fingerprint(project)?;
        let stamp = folder.with_extension("stamp");
        if !stamp::matches(&stamp, &fingerprint) {
            let raw = stages.run(&format!("wasm {}: compile", self.name), || {
                self.compile(project)
            })?;
            stages.run(&format!("wasm {}: bind and optimise", self.name), || {
                self.bind_and_optimise(project, &raw, &folder)?;
                stamp::write(&stamp, &fingerprint)
            })?;
        }
        Ok(folder)
    }

    /// Whether the module in the cache was built from the current sources.
    pub fn is_current(&self, project: &Project) -> Result<bool> {
        let stamp = self.cache_folder(project).with_extension("stamp");
        Ok(stamp::matches(&stamp, &source_fingerprint(project)?))
    }

    /// Folder of the built module. It is in the build folder, which several checkouts can share.
    fn cache_folder(&self, project: &Project) -> PathBuf {
        project.cache().join("wasm").join(self.name)
    }

    /// Folder of the module in the package.
    fn package_folder(&self, project: &Project) -> PathBuf {
        project.root.join("pkg/wasm").join(self.name)
    }

    /// Lints the bindings with the features of this module.
    pub fn lint(&self, project: &Project) -> Result<()> {
        let warnings = ["--", "-D", "warnings"];
        run(self.cargo(project, "clippy")?.args(warnings))
    }

    fn compile(&self, project: &Project) -> Result<PathBuf> {
        run(&mut self.cargo(project, "build")?)?;
        let folder = project
            .target
            .join("wasm32-unknown-unknown")
            .join(self.profile);
        Ok(folder.join("tonearm_web.wasm"))
    }

    /// A cargo command for this module. All commands use the same flags, so that they share dependencies.
    fn cargo(&self, project: &Project, command: &str) -> Result<Command> {
        let mut cargo = project.cargo();
        cargo.args([
            command,
            "--package",
            "tonearm-web",
            "--target",
            "wasm32-unknown-unknown",
        ]);
        cargo.args(["--profile", self.profile]);
        cargo.args(["--no-default-features", "--features", self.features]);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags()?);
        Ok(cargo)
    }

    /// Creates the folder of the built module from cargo's output.
    fn bind_and_optimise(&self, project: &Project, raw: &Path, folder: &Path) -> Result<()> {
        // Removed first, so that an interrupted build is repeated.
        let stamp = folder.with_extension("stamp");
        if stamp.exists() {
            fs::remove_file(stamp)?;
        }
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        bindgen(raw, folder).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
        let module = folder.join("tonearm_web_bg.wasm");
        self.optimise(project, &module)?;
        stamp::write(&folder.with_extension("size"), &brotli_size(&module)?)
    }

    fn optimise(&self, project: &Project, module: &Path) -> Result<()> {
        let mut wasm_opt = Command::new(project.root.join("node_modules/.bin/wasm-opt"));
        wasm_opt.args(self.optimise).args(self.debug_sections);
        run(wasm_opt.arg(module).arg("-o").arg(module))
    }

    /// Prints the download size of the module.
    ///
    /// # Errors
    /// If it exceeds the budget.
    fn check_size(&self, folder: &Path) -> Result<()> {
        let (name, budget) = (self.name, self.budget);
        let bytes = fs::metadata(folder.join("tonearm_web_bg.wasm"))?.len();
        let brotli = fs::read_to_string(folder.with_extension("size"))?;
        let brotli: usize = brotli.trim().parse().context("node printed no size")?;
        println!("  {name}: {bytes} bytes, {brotli} with brotli (at most {budget})");
        if brotli > budget {
            bail!("the {name} module has {brotli} bytes with brotli, at most {budget} are allowed");
        }
        Ok(())
    }
}

fn bindgen(raw: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(raw).typescript(true).web(true)?;
    bindgen.generate(folder)
}

/// Compiler flags of all modules. They enable SIMD and remove local paths from panic messages.
fn rustflags() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = home
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("neither a home folder nor CARGO_HOME is set")?;
    let remap = format!("--remap-path-prefix={}=cargo", cargo_home.display());
    Ok(["-Ctarget-feature=+simd128", &remap].join("\u{1f}"))
}

/// Node script that prints the size of a file with the best brotli compression.
///
/// Node includes the compressor, so xtask does not need a dependency for it.
const BROTLI_SIZE: &str = "const { brotliCompressSync, constants } = require('node:zlib'); \
    const bytes = require('node:fs').readFileSync(process.argv[1]); \
    const params = { [constants.BROTLI_PARAM_LGWIN]: 24 }; \
    console.log(brotliCompressSync(bytes, { params }).length)";

fn brotli_size(file: &Path) -> Result<String> {
    output(Command::new("node").args(["--eval", BROTLI_SIZE]).arg(file))
}

/// Placeholders for modules that are not built, so that the package can be bundled without them.
impl Module {
    /// Replaces the module in the package by a placeholder that fails to start with `reason`.
    pub fn replace_by_placeholder(&self, project: &Project, reason: &str) -> Result<()> {
        let folder = self.package_folder(project);
        let reason = serde_json::json!(reason);
        let glue = format!(
            "const start = async () => {{ throw new Error({reason}); }};\n\
             export default start;\nexport const Runtime = {{ start }};\n"
        );
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("tonearm_web.js"), glue)?;
        // The smallest valid module: magic number and version.
        fs::write(folder.join("tonearm_web_bg.wasm"), b"\0asm\x01\0\0\0")?;
        Ok(())
    }
}

/// Copies the files of the flat folder `from` to `to`. Identical files are not written, since file watchers
/// react to modification times.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let content = fs::read(entry.path())?;
        if !fs::read(&target).is_ok_and(|old| old == content) {
            fs::write(&target, content)?;
        }
    }
    Ok(())
}
