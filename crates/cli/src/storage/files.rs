//! Reading files, and naming them in messages and records.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Opens a file.
///
/// # Errors
/// If the file cannot be opened; the message names it.
pub fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a whole file.
///
/// # Errors
/// If the file cannot be read; the message names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a whole text file.
///
/// # Errors
/// If the file cannot be read or is not UTF-8; the message names it.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// SHA-256 of a file, as hexadecimal digits.
///
/// # Errors
/// If the file cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let mut sha256 = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    let mut digest = || -> io::Result<()> {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(()),
                n => sha256.update(&chunk[..n]),
            }
        }
    };
    digest().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hex(&sha256.finalize()))
}

/// SHA-256 of bytes in memory, as hexadecimal digits.
pub fn sha256_of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file's name without its folder and extension.
pub fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// A file's name without its folder.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The path as it was given, for output; invalid UTF-8 is replaced.
pub fn display_name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
