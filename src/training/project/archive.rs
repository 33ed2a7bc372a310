//! The archive of a project: a zip of a manifest, features and perhaps weights.

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

/// Largest manifest, in bytes: a line for each of 100 000 files.
const MAX_MANIFEST: u64 = 32 << 20;

/// Most features of a kind, in bytes.
const MAX_FEATURES: u64 = 1 << 30;

/// Largest classifier, in bytes.
const MAX_WEIGHTS: u64 = 64 << 20;

/// What an array may have beyond its numbers, in bytes: headers, and packing that did not help.
const MARGIN: u64 = 1 << 20;

impl Project {
    /// Reads a project's archive.
    ///
    /// # Errors
    /// [`Error::Project`] if the bytes are no such archive, contradict themselves, hold anything
    /// else, or were written by a newer version.
    pub fn from_zip(bytes: &[u8]) -> Result<Self> {
        let broken = |what: &str| Error::Project(format!("the project cannot be read: {what}"));
        let mut zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| broken("it is no zip, or cut short"))?;
        for name in zip.file_names() {
            let name = name.map_err(|_| broken("a name in it cannot be read"))?;
            if ![MANIFEST, MEL, MFCC, TABLE, WEIGHTS].contains(&&*name) {
                let name: String = name.chars().take(80).collect();
                return Err(broken(&format!("`{name}` has no place in a project")));
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
        // As many bytes as the manifest's windows make, and no more, whatever the headers claim.
        let mut rows = |name: &str, shape: [usize; 2], n_pieces: usize, n_bytes: usize| {
            let row = (shape[0] * shape[1] * n_pieces * n_bytes) as u64;
            let most = n_windows.saturating_mul(row).min(MAX_FEATURES) + MARGIN;
            let rows =
                Dataset::from_npz_within(Cursor::new(entry(&mut zip, name, 2 * most)?), most)?;
            match rows.shape == shape {
                true => Ok(rows.x),
                false => Err(broken("its features are of other shapes")),
            }
        };
        let types = || broken("its features are of other types");
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
            project.mfcc = match rows(MFCC, mfcc.shape(), mfcc.n_pieces(), 2)? {
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

    /// The bytes of its archive.
    ///
    /// # Errors
    /// [`Error::Project`] if it has no file, or cannot be packed.
    pub fn to_zip(&self) -> Result<Vec<u8>> {
        if self.manifest.files.is_empty() {
            return Err(Error::Project("there is no file in the project yet".into()));
        }
        let unwritable =
            |error: &dyn std::fmt::Display| Error::Project(format!("it cannot be packed: {error}"));
        let manifest =
            serde_json::to_vec_pretty(&self.manifest).map_err(|error| unwritable(&error))?;
        let mut entries = vec![(MANIFEST, manifest)];
        if self.manifest.columns.is_some() {
            entries.push((TABLE, self.table()?.1.to_npz()?));
        } else {
            entries.push((MEL, self.pictures()?.to_npz()?));
            entries.push((MFCC, self.pieces()?.to_npz()?));
        }
        if let Some(weights) = &self.weights {
            entries.push((WEIGHTS, weights.clone()));
        }
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // The larger ones are packed already.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, bytes) in entries {
            zip.start_file(name, options)
                .map_err(|error| unwritable(&error))?;
            zip.write_all(&bytes).map_err(|error| unwritable(&error))?;
        }
        let cursor = zip.finish().map_err(|error| unwritable(&error))?;
        Ok(cursor.into_inner())
    }

    /// Checks that the files have as many windows as there are features.
    fn check_sizes(&self) -> Result<()> {
        let broken = |what: &str| Error::Project(format!("the project cannot be read: {what}"));
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
            return Err(broken("its files and its features differ in number"));
        }
        Ok(())
    }
}

impl Manifest {
    /// Windows of all files, or rows of the table.
    ///
    /// # Errors
    /// [`Error::Project`] if the files contradict the manifest, or themselves.
    fn n_windows(&self) -> Result<usize> {
        let broken = |what: &str| Error::Project(format!("the project cannot be read: {what}"));
        if self.classes.len() > MAX_CLASSES {
            return Err(broken("it has more classes than can be told apart"));
        }
        let mut n = 0_usize;
        for file in &self.files {
            if file.class >= self.classes.len() {
                return Err(broken("a file is of a class that it lacks"));
            }
            if file.windows == 0 || !file.seconds.is_finite() || file.seconds < 0.0 {
                return Err(broken("a file has no length"));
            }
            if self.columns.is_some() && file.windows != 1 {
                return Err(broken("a row of its table is more than one"));
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

    let broken = |error: serde_json::Error| {
        Error::Project(format!("the project cannot be read: its manifest: {error}"))
    };
    let Version { format_version } = serde_json::from_slice(json).map_err(broken)?;
    if format_version != PROJECT_VERSION {
        return Err(Error::Project(format!(
            "the project has format {format_version}, and this version reads format \
             {PROJECT_VERSION}: update Tonearm"
        )));
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(broken)?;
    if manifest.columns.is_none() && manifest.fingerprints != fingerprints() {
        return Err(Error::Project(
            "another version of Tonearm listened to the project's files, and it hears otherwise: add them \
             to a new project"
                .into(),
        ));
    }
    if let Some(settings) = &manifest.settings {
        settings.validate()?;
    }
    Ok(manifest)
}

/// Unpacks one entry; what its header claims is not believed.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, most: u64) -> Result<Vec<u8>> {
    let broken = |what: &dyn std::fmt::Display| {
        Error::Project(format!("the project cannot be read: {name}: {what}"))
    };
    let entry = zip.by_name(name).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    entry
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| broken(&error))?;
    if bytes.len() as u64 > most {
        return Err(broken(&"it is larger than its manifest says"));
    }
    Ok(bytes)
}
