//! What is shipped: the site, the npm package, the binary, and their checksums.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::project::{Project, run};
use crate::site;
use crate::stages::Stages;

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
        Ok(())
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
    let mut lines = Vec::new();
    sum(folder, folder, &mut lines)?;
    lines.sort();
    println!("  {} files", lines.len());
    fs::write(folder.join("SHA256SUMS"), lines.concat())?;
    Ok(())
}

fn sum(root: &Path, folder: &Path, lines: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum(root, &path, lines)?;
            continue;
        }
        let digest = Sha256::digest(fs::read(&path)?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path.strip_prefix(root).context("it is below the folder")?;
        lines.push(format!("{digest}  {}\n", name.display()));
    }
    Ok(())
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
}
