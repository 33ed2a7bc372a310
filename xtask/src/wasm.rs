//! The browser modules: cargo, then wasm-bindgen, then wasm-opt, into `pkg/wasm/`.

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
    /// Its folder in `pkg/wasm/`.
    pub name: &'static str,
    /// What visitors use it for, as the subject of a sentence.
    pub purpose: &'static str,
    /// Minutes that a first build takes on two cores, for announcing it.
    pub minutes: u32,
    /// Its cargo features.
    features: &'static str,
    /// Its cargo profile.
    profile: &'static str,
    /// Most bytes that it may have in brotli.
    budget: usize,
    /// Passes of wasm-opt.
    optimise: &'static [&'static str],
    /// What wasm-opt does with sections that only wasm-bindgen and debuggers read.
    names: &'static [&'static str],
}

/// Removes them.
const STRIP: &[&str] = &[
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Keeps the functions' names, for a profiler.
const KEEP: &[&str] = &["--debuginfo"];

/// Flex, on any processor with SIMD; every visitor gets it first.
pub const CPU: Module = Module {
    name: "cpu",
    purpose: "Listen",
    minutes: 4,
    features: "cpu",
    profile: "wasm",
    budget: 600_000,
    optimise: &["-O3"],
    names: STRIP,
};

/// The CPU module with training; fetched when somebody trains.
pub const TRAIN: Module = Module {
    name: "train",
    purpose: "Training",
    minutes: 4,
    features: "cpu,train",
    budget: 1_000_000,
    ..CPU
};

/// WebGPU, for inference and training; fetched where there is an adapter and the work is long enough.
pub const WEBGPU: Module = Module {
    name: "webgpu",
    purpose: "The GPU",
    minutes: 8,
    features: "webgpu,train",
    profile: "wasm-webgpu",
    budget: 2_200_000,
    optimise: &["-Os"],
    names: STRIP,
};

/// The CPU module with the features stage by stage, and with function names; only for the benchmark,
/// never shipped.
pub const BENCH: Module = Module {
    name: "bench",
    features: "cpu,bench",
    names: KEEP,
    ..CPU
};

/// The modules of a build; a quick one leaves out WebGPU, which takes longest by far.
pub fn modules(quick: bool) -> &'static [Module] {
    if quick {
        &[CPU, TRAIN]
    } else {
        &[CPU, TRAIN, WEBGPU]
    }
}

/// What a module is made from; `package.json` pins wasm-opt.
const SOURCES: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/web",
    "package.json",
    "rust-toolchain.toml",
    "src",
    "xtask/src/wasm.rs",
];

/// Fingerprint of the sources of all modules. Cargo's own would not do: modules of one profile overwrite
/// each other's output, so that cargo would link each of them again every time.
fn source(project: &Project) -> Result<String> {
    let sources = SOURCES.map(|name| project.root.join(name));
    stamp::fingerprint(&sources.each_ref().map(|path| path.as_path()))
}

impl Module {
    /// Puts the module into the package, and checks its size.
    pub fn build(&self, project: &Project, stages: &mut Stages) -> Result<()> {
        let made = self.make(project, stages)?;
        stages.run(&format!("wasm {}", self.name), || {
            self.check_size(&made)?;
            copy_folder(&made, &self.packaged(project))
        })
    }

    /// The folder of the finished module; it is made again only when its sources changed.
    pub fn make(&self, project: &Project, stages: &mut Stages) -> Result<PathBuf> {
        let (made, source) = (self.finished(project), source(project)?);
        let stamp = made.with_extension("stamp");
        if !stamp::matches(&stamp, &source) {
            let raw = stages.run(&format!("wasm {}: compile", self.name), || {
                self.compile(project)
            })?;
            stages.run(&format!("wasm {}: bind and optimise", self.name), || {
                self.bind(project, &raw, &made)?;
                stamp::write(&stamp, &source)
            })?;
        }
        Ok(made)
    }

    /// Whether the finished module is the one of the present sources.
    pub fn is_current(&self, project: &Project) -> Result<bool> {
        let stamp = self.finished(project).with_extension("stamp");
        Ok(stamp::matches(&stamp, &source(project)?))
    }

    /// The folder of the finished module in the build folder, which checkouts may share.
    fn finished(&self, project: &Project) -> PathBuf {
        project.cache().join("wasm").join(self.name)
    }

    /// Its folder in the package.
    fn packaged(&self, project: &Project) -> PathBuf {
        project.root.join("pkg/wasm").join(self.name)
    }

    /// Lints the bindings as this module has them.
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

    /// A cargo command on this module; one set of flags, so that dependencies are shared.
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

    /// Makes the folder of the finished module, in the build folder, so that a fresh checkout of the
    /// same sources finds it there.
    fn bind(&self, project: &Project, raw: &Path, folder: &Path) -> Result<()> {
        // First, so that what is cut off half way is made again.
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
        wasm_opt.args(self.optimise).args(self.names);
        run(wasm_opt.arg(module).arg("-o").arg(module))
    }

    /// Prints the module's size as a visitor downloads it; fails over the budget.
    fn check_size(&self, folder: &Path) -> Result<()> {
        let (name, budget) = (self.name, self.budget);
        let bytes = fs::metadata(folder.join("tonearm_web_bg.wasm"))?.len();
        let brotli = fs::read_to_string(folder.with_extension("size"))?;
        let brotli: usize = brotli.trim().parse().context("node printed no size")?;
        println!("  {name}: {bytes} bytes, {brotli} in brotli (at most {budget})");
        if brotli > budget {
            bail!("the {name} module has {brotli} bytes in brotli, {budget} are allowed");
        }
        Ok(())
    }
}

fn bindgen(raw: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(raw).typescript(true).web(true)?;
    bindgen.generate(folder)
}

/// Flags of all modules: SIMD, and no folder of this machine in panic messages.
fn rustflags() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = home
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("there is no home folder, and CARGO_HOME is not set")?;
    let remap = format!("--remap-path-prefix={}=cargo", cargo_home.display());
    Ok(["-Ctarget-feature=+simd128", &remap].join("\u{1f}"))
}

/// Prints the bytes of a file at brotli's best, as a well-kept server sends it.
///
/// Node brings the compressor, so that xtask need not build one.
const BROTLI_SIZE: &str = "const { brotliCompressSync, constants } = require('node:zlib'); \
    const bytes = require('node:fs').readFileSync(process.argv[1]); \
    const params = { [constants.BROTLI_PARAM_LGWIN]: 24 }; \
    console.log(brotliCompressSync(bytes, { params }).length)";

fn brotli_size(file: &Path) -> Result<String> {
    output(Command::new("node").args(["--eval", BROTLI_SIZE]).arg(file))
}

/// Stand-ins for modules that are not built, so that the package can be bundled without them.
impl Module {
    /// Puts a stand-in into the package that refuses to start and gives `reason`, unless the module was built
    /// before.
    pub fn stand_in(&self, project: &Project, reason: &str) -> Result<()> {
        if self.packaged(project).exists() {
            return Ok(());
        }
        self.replace_by_stand_in(project, reason)
    }

    /// Puts a stand-in into the package in place of what is there.
    pub fn replace_by_stand_in(&self, project: &Project, reason: &str) -> Result<()> {
        let folder = self.packaged(project);
        let reason = serde_json::json!(reason);
        let glue = format!(
            "const start = async () => {{ throw new Error({reason}); }};\n\
             export default start;\nexport const Runtime = {{ start }};\n"
        );
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("tonearm_web.js"), glue)?;
        // The smallest module there is: magic number and version.
        fs::write(folder.join("tonearm_web_bg.wasm"), b"\0asm\x01\0\0\0")?;
        Ok(())
    }
}

/// Makes `to` a copy of the flat folder `from`, and leaves alone what is the same:
/// watchers look at the time of a change.
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
