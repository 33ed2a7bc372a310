//! What is shipped: the site as a folder and as an archive, the npm package, the binary, and their
//! checksums.

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

/// The site in one file, for any static file server.
const ARCHIVE: &str = "tonearm-site.zip";

/// Leaves all that is shipped in `dist/`.
pub fn make(project: &Project, stages: &mut Stages) -> Result<()> {
    site::build(project, stages, false)?;
    let folder = project.root.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    stages.run("site", || {
        let site = folder.join("site");
        copy(&project.site(), &site)?;
        // Read by hosts that take headers from a file; the others leave it alone.
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

/// Copies a folder with all below it.
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

/// Writes `SHA256SUMS`, which `sha256sum --check` reads, with a line for each file.
fn checksums(folder: &Path) -> Result<()> {
    let mut sums = String::new();
    let files = files_in(folder)?;
    for path in &files {
        let digest = Sha256::digest(fs::read(path)?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path.strip_prefix(folder).context("it is in the folder")?;
        sums.push_str(&format!("{digest}  {}\n", name.display()));
    }
    println!("  {} files", files.len());
    fs::write(folder.join("SHA256SUMS"), sums)?;
    Ok(())
}

/// Packs the files of a folder, each under its path from there.
fn archive(folder: &Path, to: &Path) -> Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(to)?));
    for path in files_in(folder)? {
        let name = path.strip_prefix(folder).context("it is in the folder")?;
        zip.start_file_from_path(name, SimpleFileOptions::default())?;
        io::copy(&mut File::open(&path)?, &mut zip)?;
    }
    zip.finish()?;
    Ok(())
}

/// The files in a folder and the folders below it, in order of their paths.
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

    #[test]
    fn checksums_are_those_of_sha256sum() {
        let folder = std::env::temp_dir().join("tonearm-xtask-checksums");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("inner")).expect("folder is made");
        fs::write(folder.join("inner/abc"), "abc").expect("file is written");
        checksums(&folder).expect("they are written");
        let sums = fs::read_to_string(folder.join("SHA256SUMS")).expect("they are there");
        // FIPS 180-4's own example.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sums, format!("{abc}  inner/abc\n"));
    }
    #[test]
    fn the_archive_holds_each_file_under_its_path() {
        let folder = std::env::temp_dir().join("tonearm-xtask-archive");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("site/assets")).expect("folder is made");
        fs::write(folder.join("site/index.html"), "page").expect("file is written");
        fs::write(folder.join("site/assets/a.wasm"), "module").expect("file is written");
        archive(&folder.join("site"), &folder.join("site.zip")).expect("it is packed");
        let file = File::open(folder.join("site.zip")).expect("it is there");
        let mut zip = zip::ZipArchive::new(file).expect("it is a zip");
        let names: Vec<_> = zip.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["assets/a.wasm", "index.html"]);
        let page = zip.by_name("index.html").expect("it is in it");
        assert_eq!(io::read_to_string(page).expect("it is text"), "page");
    }
}
