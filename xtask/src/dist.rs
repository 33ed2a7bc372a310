//! `cargo xtask dist`: the site as a folder and as a zip, the npm package, the binary, and their checksums.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::project::{Project, run};
use crate::site;
use crate::stages::Stages;
use crate::stamp;

/// Name of the zipped site.
const ARCHIVE: &str = "tonearm-site.zip";

/// Builds everything that is released into `dist/`.
pub fn build(project: &Project, stages: &mut Stages) -> Result<()> {
    let _lock = site::build(project, stages, false)?;
    let folder = project.root.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    stages.run("site", || {
        let site = folder.join("site");
        copy(&project.site(), &site)?;
        // Some hosts read response headers from this file; others ignore it.
        fs::copy(project.root.join("deploy/_headers"), site.join("_headers"))?;
        archive(&site, &folder.join(ARCHIVE))
    })?;
    stages.run("npm package", || {
        let mut pack = project.npm();
        pack.args(["pack", "--workspace", "pkg", "--pack-destination"]);
        run(pack.arg(&folder))
    })?;
    stages.run("binary", || {
        run(project
            .cargo()
            .args(["build", "--release", "--package", "tonearm-cli"]))?;
        let name = format!("tonearm{}", std::env::consts::EXE_SUFFIX);
        let built = project.target.join("release").join(&name);
        fs::copy(built, folder.join(name))?;
        Ok(())
    })?;
    stages.run("checksums", || checksums(&folder))
}

/// Does everything that publishing does, except the uploads.
///
/// The crates are built from what would be uploaded, so a file that is missing there is found.
pub fn dry_runs(project: &Project, stages: &mut Stages) {
    // Errors of stages can be ignored here, since the table lists them.
    let _ = stages.run("npm publish: dry run", || {
        let mut publish = project.npm();
        run(publish.args(["publish", "--dry-run", "--workspace", "tonearm"]))
    });
    let _ = stages.run("cargo publish: dry run", || {
        let mut publish = project.cargo();
        // The changes under test are not committed yet.
        publish.args(["publish", "--workspace", "--dry-run", "--allow-dirty"]);
        publish.env("CARGO_TARGET_DIR", publish_folder(project)?);
        // Cargo can only use this profile here. Debug information would take time and disk space.
        run(publish.env("CARGO_PROFILE_DEV_DEBUG", "none"))
    });
}

/// The build folder of the dry run, named after the sources. In the same folder, cargo would take the crates that other
/// sources of the same version made.
fn publish_folder(project: &Project) -> Result<PathBuf> {
    let sources = ["Cargo.toml", "Cargo.lock", "crates", "src"].map(|name| project.root.join(name));
    let fingerprint = stamp::fingerprint(&sources.each_ref().map(|path| path.as_path()))?;
    let all = project.cache().join("publish");
    let folder = all.join(fingerprint);
    if !folder.exists() && all.exists() {
        fs::remove_dir_all(&all)?;
    }
    Ok(folder)
}

/// Copies a folder recursively.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Writes the checksums of all files to `SHA256SUMS`, in the format of `sha256sum`.
fn checksums(folder: &Path) -> Result<()> {
    let mut sums = String::new();
    let files = files_in(folder)?;
    for path in &files {
        let digest = Sha256::digest(fs::read(path)?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path
            .strip_prefix(folder)
            .context("file is outside the folder")?;
        sums.push_str(&format!("{digest}  {}\n", name.display()));
    }
    println!("  {} files", files.len());
    fs::write(folder.join("SHA256SUMS"), sums)?;
    Ok(())
}

/// Zips the files of a folder under their paths relative to it.
fn archive(folder: &Path, to: &Path) -> Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(to)?));
    for path in files_in(folder)? {
        let name = path
            .strip_prefix(folder)
            .context("file is outside the folder")?;
        zip.start_file_from_path(name, SimpleFileOptions::default())?;
        io::copy(&mut File::open(&path)?, &mut zip)?;
    }
    zip.finish()?;
    Ok(())
}

/// All files in a folder and its subfolders, sorted by path.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary_folder::TemporaryFolder;

    #[test]
    fn checksums_are_in_the_format_of_sha256sum() {
        let folder = TemporaryFolder::new();
        folder.write("inner/abc", "abc");
        checksums(&folder).expect("checksums can be written");
        let sums = fs::read_to_string(folder.join("SHA256SUMS")).expect("SHA256SUMS exists");
        // From the examples of FIPS 180-4.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sums, format!("{abc}  inner/abc\n"));
    }

    #[test]
    fn all_packages_and_examples_have_the_same_version() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |path: PathBuf| -> serde_json::Value {
            let text = fs::read_to_string(path).expect("file can be read");
            serde_json::from_str(&text).expect("file is JSON")
        };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(read(root.join("pkg/package.json"))["version"], version);
        for (folder, kind) in [
            ("www", "dependencies"),
            ("tests/browser", "devDependencies"),
        ] {
            let package = read(root.join(folder).join("package.json"));
            assert_eq!(package["version"], version, "{folder}");
            assert_eq!(package[kind]["tonearm"], version, "{folder}");
        }
        let examples = fs::read_dir(root.join("examples")).expect("folder can be read");
        for example in examples.map(|entry| entry.expect("entry can be read").path()) {
            if example.is_dir() {
                let tarball = format!("file:../../dist/tonearm-{version}.tgz");
                let package = read(example.join("package.json"));
                assert_eq!(
                    package["dependencies"]["tonearm"],
                    tarball,
                    "{}",
                    example.display()
                );
            }
        }
    }

    #[test]
    fn the_archive_contains_each_file_under_its_path() {
        let folder = TemporaryFolder::new();
        folder.write("site/index.html", "page");
        folder.write("site/assets/a.wasm", "module");
        archive(&folder.join("site"), &folder.join("site.zip")).expect("folder can be zipped");
        let file = File::open(folder.join("site.zip")).expect("zip exists");
        let mut zip = zip::ZipArchive::new(file).expect("zip can be read");
        let names: Vec<_> = (0..zip.len())
            .map(|index| {
                zip.by_index(index)
                    .expect("it is in it")
                    .name()
                    .expect("it is UTF-8")
                    .into_owned()
            })
            .collect();
        assert_eq!(names, ["assets/a.wasm", "index.html"]);
        let page = zip.by_name("index.html").expect("zip contains the page");
        assert_eq!(io::read_to_string(page).expect("page is UTF-8"), "page");
    }
}
