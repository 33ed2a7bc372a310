//! Archive of a project: a zip with a manifest, features and optionally weights.

use std::io::{Cursor, Read, Write};

use serde::Deserialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{MAX_CLASSES, Manifest, PROJECT_VERSION, Project, fingerprints, kinds};
use crate::data::{Dataset, Values};
use crate::weights::Weights;
use crate::{Error, Result};

const MANIFEST: &str = "manifest.json";
const MEL: &str = "mel.npz";
const MFCC: &str = "mfcc.npz";
const TABLE: &str = "table.npz";
const WEIGHTS: &str = "weights.bpk";

/// Maximum size of the manifest, in bytes; enough for 100 000 files.
const MAX_MANIFEST: u64 = 32 << 20;

/// Maximum size of one kind of features, in bytes.
const MAX_FEATURES: u64 = 1 << 30;

/// Maximum size of the weights file, in bytes.
const MAX_WEIGHTS: u64 = 64 << 20;

/// Allowance for the headers and incompressible data of an array, in bytes.
const MARGIN: u64 = 1 << 20;

impl Project {
    /// Reads a project from its archive.
    ///
    /// # Errors
    /// [`Error::Project`] if the bytes are not such an archive, are inconsistent, hold any other
    /// entry, or were written by a newer version.
    pub fn from_zip(bytes: &[u8]) -> Result<Self> {
        let invalid =
            |reason: &str| Error::Project(format!("the project cannot be read: {reason}"));
        let mut zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| invalid("it is truncated, or not a zip archive"))?;
        for name in zip.file_names() {
            let name = name.map_err(|_| invalid("the name of an entry is not valid"))?;
            if ![MANIFEST, MEL, MFCC, TABLE, WEIGHTS].contains(&&*name) {
                let name: String = name.chars().take(80).collect();
                return Err(invalid(&format!("`{name}` does not belong in a project")));
            }
        }
        let manifest = read_manifest(&entry(&mut zip, MANIFEST, MAX_MANIFEST)?)?;
        let n_windows = manifest.n_windows()? as u64;
        let mut project = Self {
            manifest,
            mel: Vec::new(),
            mfcc: Vec::new(),
            table: Vec::new(),
            weights: None,
        };
        // The limit comes from the number of windows, because headers of a malicious archive can
        // claim any size.
        let mut rows = |name: &str, shape: [usize; 2], n_segments: usize, n_bytes: usize| {
            let row = (shape[0] * shape[1] * n_segments * n_bytes) as u64;
            let max_bytes = n_windows.saturating_mul(row).min(MAX_FEATURES) + MARGIN;
            let rows = Dataset::from_npz_within(
                Cursor::new(entry(&mut zip, name, 2 * max_bytes)?),
                max_bytes,
            )?;
            match rows.shape == shape {
                true => Ok(rows.x),
                false => Err(invalid("its features have another shape")),
            }
        };
        let types = || invalid("its features have another type");
        if let Some(columns) = &project.manifest.columns {
            project.table = match rows(TABLE, [1, columns.len()], 1, 4)? {
                Values::F32(values) => values,
                _ => return Err(types()),
            };
        } else {
            let [mel, mfcc] = kinds();
            project.mel = match rows(MEL, mel.shape(), 1, 1)? {
                Values::U8(values) => values,
                _ => return Err(types()),
            };
            project.mfcc = match rows(MFCC, mfcc.shape(), mfcc.n_segments(), 2)? {
                Values::F16(values) => values,
                _ => return Err(types()),
            };
        }
        if zip.index_for_name(WEIGHTS).is_some() {
            let weights = entry(&mut zip, WEIGHTS, MAX_WEIGHTS)?;
            Weights::read(&weights)?;
            project.weights = Some(weights);
        }
        project.check_sizes()?;
        Ok(project)
    }

    /// Serialises to the bytes of an archive.
    ///
    /// # Errors
    /// [`Error::Project`] if the project has no files, or serialisation fails.
    pub fn to_zip(&self) -> Result<Vec<u8>> {
        if self.manifest.files.is_empty() {
            return Err(Error::Project("the project has no files yet".into()));
        }
        let unwritable = |error: &dyn std::fmt::Display| {
            Error::Project(format!("the project cannot be archived: {error}"))
        };
        let manifest =
            serde_json::to_vec_pretty(&self.manifest).map_err(|error| unwritable(&error))?;
        let mut entries = vec![(MANIFEST, manifest)];
        if self.manifest.columns.is_some() {
            entries.push((TABLE, self.table()?.1.to_npz()?));
        } else {
            entries.push((MEL, self.patches()?.to_npz()?));
            entries.push((MFCC, self.mfcc_segments()?.to_npz()?));
        }
        if let Some(weights) = &self.weights {
            entries.push((WEIGHTS, weights.clone()));
        }
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // Stored without compression: the large entries are compressed already.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, bytes) in entries {
            zip.start_file(name, options)
                .map_err(|error| unwritable(&error))?;
            zip.write_all(&bytes).map_err(|error| unwritable(&error))?;
        }
        let cursor = zip.finish().map_err(|error| unwritable(&error))?;
        Ok(cursor.into_inner())
    }

    /// Checks that the number of features matches the number of windows or rows.
    fn check_sizes(&self) -> Result<()> {
        let invalid =
            |reason: &str| Error::Project(format!("the project cannot be read: {reason}"));
        let [mel, mfcc] = match &self.manifest.columns {
            Some(_) => [0, 0],
            None => super::window_lens(),
        };
        let columns = self.manifest.columns.as_ref().map_or(0, Vec::len);
        let n = self.manifest.n_windows()?;
        let fits = |len: usize, window: usize| n.checked_mul(window) == Some(len);
        let n_values = [self.mel.len(), self.mfcc.len(), self.table.len()];
        let all = n_values.into_iter().zip([mel, mfcc, columns]);
        if !all.into_iter().all(|(len, window)| fits(len, window))
            || !self.table.iter().all(|value| value.is_finite())
        {
            return Err(invalid("its features do not match its files"));
        }
        Ok(())
    }
}

impl Manifest {
    /// Total number of windows, or of rows of the table.
    ///
    /// # Errors
    /// [`Error::Project`] if the files and the manifest are inconsistent.
    fn n_windows(&self) -> Result<usize> {
        let invalid =
            |reason: &str| Error::Project(format!("the project cannot be read: {reason}"));
        if self.classes.len() > MAX_CLASSES {
            return Err(invalid(&format!("it has more than {MAX_CLASSES} classes")));
        }
        let mut n = 0_usize;
        for file in &self.files {
            if file.class >= self.classes.len() {
                return Err(invalid("a file has a class that does not exist"));
            }
            if file.windows == 0 || !file.seconds.is_finite() || file.seconds < 0.0 {
                return Err(invalid("a file has no windows or no valid duration"));
            }
            if self.columns.is_some() && file.windows != 1 {
                return Err(invalid("a row of its table must have exactly one window"));
            }
            n = n.saturating_add(file.windows);
        }
        Ok(n)
    }
}

fn read_manifest(json: &[u8]) -> Result<Manifest> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }

    let invalid = |error: serde_json::Error| {
        Error::Project(format!(
            "the project cannot be read: its manifest is not valid: {error}"
        ))
    };
    let Version { format_version } = serde_json::from_slice(json).map_err(invalid)?;
    if format_version != PROJECT_VERSION {
        return Err(Error::Project(format!(
            "the project has format {format_version}, but this version reads format \
             {PROJECT_VERSION}: update Tonearm"
        )));
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(invalid)?;
    if manifest.columns.is_none() && manifest.fingerprints != fingerprints() {
        return Err(Error::Project(
            "another version of Tonearm computed the project's features, and they differ from this \
             version's: add the files to a new project"
                .into(),
        ));
    }
    if let Some(settings) = &manifest.settings {
        settings.validate()?;
    }
    Ok(manifest)
}

/// Decompresses one entry, up to a size limit whatever its header claims.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, max_bytes: u64) -> Result<Vec<u8>> {
    let invalid = |reason: &dyn std::fmt::Display| {
        Error::Project(format!("the project cannot be read: {name}: {reason}"))
    };
    let entry = zip.by_name(name).map_err(|error| invalid(&error))?;
    let mut bytes = Vec::new();
    entry
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| invalid(&error))?;
    if bytes.len() as u64 > max_bytes {
        return Err(invalid(&"it is larger than its manifest allows"));
    }
    Ok(bytes)
}
