//! Archive of a project: a zip with a manifest, features and optionally weights.

use std::io::{Cursor, Read, Write};

use serde::Deserialize;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{MAX_CLASSES, Manifest, PROJECT_VERSION, Project, fingerprint, fingerprints, kinds};
use crate::data::{Dataset, Values};
use crate::error::{Cause, Defect};
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
const MAX_FEATURES: u64 = 512 << 20;

/// Maximum size of the weights file, in bytes.
const MAX_WEIGHTS: u64 = 64 << 20;

/// Allowance for the headers and incompressible data of an array, in bytes.
const MARGIN: u64 = 1 << 20;

impl Project {
    /// Reads a project from its archive. Weights of another version are left out.
    ///
    /// # Errors
    /// - [`Error::Project`] if the bytes are not such an archive, are inconsistent, or hold any other
    ///   entry
    /// - [`Error::NewerProject`], [`Error::OutdatedProject`] if another version wrote them
    /// - [`Error::Dataset`], [`Error::Weights`], [`Error::Config`] if the features, the weights or
    ///   the settings in it are damaged
    pub fn from_zip(bytes: &[u8]) -> Result<Self> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            let expected = "a zip archive";
            Error::project(Defect::Format { expected }).caused_by(error)
        })?;
        for name in zip.file_names() {
            let name = name.map_err(|error| damaged("the name of an entry", error))?;
            if ![MANIFEST, MEL, MFCC, TABLE, WEIGHTS].contains(&&*name) {
                let name: String = name.chars().take(80).collect();
                let part = format!("`{name}`");
                return Err(Error::project(Defect::Unexpected { part }));
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
                false => {
                    let (expected, got) = (format!("have the shape {shape:?}"), rows.shape);
                    Err(mismatch(name, expected, format!("{got:?}")))
                }
            }
        };
        let other_type = |name, expected| Err(mismatch(name, expected, "another type"));
        if let Some(columns) = &project.manifest.columns {
            project.table = match rows(TABLE, [1, columns.len()], 1, 4)? {
                Values::F32(values) => values,
                _ => return other_type(TABLE, "hold 32 bit floats"),
            };
        } else {
            let [mel, mfcc] = kinds();
            project.mel = match rows(MEL, mel.shape(), 1, 1)? {
                Values::U8(values) => values,
                _ => return other_type(MEL, "hold bytes"),
            };
            project.mfcc = match rows(MFCC, mfcc.shape(), mfcc.n_segments(), 2)? {
                Values::F16(values) => values,
                _ => return other_type(MFCC, "hold 16 bit floats"),
            };
        }
        if zip.index_for_name(WEIGHTS).is_some() {
            let weights = entry(&mut zip, WEIGHTS, MAX_WEIGHTS)?;
            project.weights = match Weights::read(&weights) {
                Ok(_) => Some(weights),
                // The project can be opened, and trained again.
                Err(
                    Error::OlderWeights { .. }
                    | Error::NewerWeights { .. }
                    | Error::FeatureMismatch { .. },
                ) => None,
                Err(error) => return Err(error),
            };
        }
        project.check_sizes()?;
        Ok(project)
    }

    /// Serialises to the bytes of an archive.
    ///
    /// # Errors
    /// [`Error::EmptyProject`] if the project has no files, [`Error::Unwritable`] if serialisation
    /// fails.
    pub fn to_zip(&self) -> Result<Vec<u8>> {
        if self.manifest.files.is_empty() {
            return Err(Error::EmptyProject);
        }
        let manifest =
            serde_json::to_vec_pretty(&self.manifest).map_err(Error::unwritable("project"))?;
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
                .map_err(Error::unwritable("project"))?;
            zip.write_all(&bytes)
                .map_err(Error::unwritable("project"))?;
        }
        let cursor = zip.finish().map_err(Error::unwritable("project"))?;
        Ok(cursor.into_inner())
    }

    /// Checks that the number of features matches the number of windows or rows.
    fn check_sizes(&self) -> Result<()> {
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
            || !self.mfcc.iter().all(|value| value.is_finite())
        {
            let expected = format!("be finite and match its files, which have {n} windows");
            let got = format!("{n_values:?} values");
            return Err(mismatch("its features", expected, got));
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
        let n_classes = self.classes.len();
        if n_classes > MAX_CLASSES {
            let expected = format!("have at most {MAX_CLASSES} classes");
            return Err(mismatch("it", expected, n_classes));
        }
        let mut n = 0_usize;
        for file in &self.files {
            if file.class >= n_classes {
                let expected = format!("be below {n_classes}, the number of classes");
                return Err(mismatch("the class of a file", expected, file.class));
            }
            if !file.seconds.is_finite() || file.seconds < 0.0 {
                return Err(mismatch(
                    "the seconds of a file",
                    "be at least 0",
                    file.seconds,
                ));
            }
            let (valid, expected) = match self.columns {
                Some(_) => (file.windows == 1, "be 1 for a row of a table"),
                None => (file.windows > 0, "be at least 1"),
            };
            if !valid {
                return Err(mismatch(
                    "the number of windows of a file",
                    expected,
                    file.windows,
                ));
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

    let invalid = |error: serde_json::Error| damaged("its manifest", error);
    let Version { format_version } = serde_json::from_slice(json).map_err(invalid)?;
    if format_version != PROJECT_VERSION {
        return Err(Error::NewerProject {
            got: format_version,
            supported: PROJECT_VERSION,
        });
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(invalid)?;
    if manifest.columns.is_none() && manifest.fingerprints != fingerprints() {
        return Err(Error::OutdatedProject {
            expected: fingerprint(),
            got: manifest.fingerprints.join("-"),
        });
    }
    if let Some(settings) = &manifest.settings {
        settings.validate()?;
    }
    Ok(manifest)
}

/// Decompresses one entry, up to a size limit whatever its header claims.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, max_bytes: u64) -> Result<Vec<u8>> {
    let entry = zip.by_name(name).map_err(|error| match error {
        ZipError::FileNotFound => Error::project(Defect::missing(format!("`{name}`"))),
        error => damaged(name, error),
    })?;
    let mut bytes = Vec::new();
    entry
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(name, error))?;
    if bytes.len() as u64 > max_bytes {
        let expected = format!("have at most {max_bytes} bytes, by its manifest");
        return Err(mismatch(name, expected, "more"));
    }
    Ok(bytes)
}

fn damaged(part: &str, cause: impl Into<Cause>) -> Error {
    Error::project(Defect::damaged(part)).caused_by(cause)
}

fn mismatch(part: &str, expected: impl Into<String>, got: impl ToString) -> Error {
    Error::project(Defect::mismatch(part, expected, got))
}
