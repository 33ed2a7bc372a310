//! The saved progress of a run, in a folder beside its weights file, from which a stopped run resumes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use tonearm::Error;
use tonearm::training::checkpoint::{Checkpoint, FitProgress, SavedFit};

use crate::storage::files;

/// The saved fits of a run.
///
/// The folder `W.bpk.run` has one checkpoint per fit, so that several processes can train at once, and a
/// header that identifies the run.
pub struct Progress {
    /// `None` if nothing is saved.
    folder: Option<PathBuf>,
    header: Header,
    started: Instant,
}

/// Identifies a run.
#[derive(Default, Serialize, Deserialize)]
struct Header {
    /// Hash of data, network, recipe and options.
    key: String,
    /// Duration of the run before this process started, in seconds.
    seconds: f64,
}

/// Name of the file with the header.
const HEADER: &str = "run";

/// Extension of the files with fits.
const FIT: &str = "fit";

impl Progress {
    /// The progress of a new run.
    ///
    /// # Errors
    /// If the folder has the fits of a stopped run, which would be overwritten.
    pub fn create(out: &Path, key: String) -> Result<Self> {
        let folder = folder_of(out);
        let mut saved = fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_fit =
            |entry: fs::DirEntry| Path::new(&entry.file_name()).extension() == Some(FIT.as_ref());
        ensure!(
            !saved.any(is_fit),
            "{} holds a stopped run; continue it with --resume, or delete the folder to start over",
            folder.display()
        );
        Ok(Self::new(Some(folder), Header { key, seconds: 0.0 }))
    }

    /// The progress of a run that has started, to resume it or to train one of its folds.
    ///
    /// # Errors
    /// If there is no such run, or its key differs.
    pub fn open(out: &Path, key: &str) -> Result<Self> {
        let folder = folder_of(out);
        let (name, header) = (folder.display(), folder.join(HEADER));
        let header = read_header(&header)?.with_context(|| {
            format!(
                "there is no stopped run to resume: {} does not exist",
                header.display()
            )
        })?;
        ensure!(
            header.key == key,
            "{name} belongs to a different run: data, network, recipe or options have changed; \
             repeat the command of that run, or delete the folder to start over"
        );
        ensure!(
            header.seconds.is_finite() && header.seconds >= 0.0,
            "{}",
            damaged(
                &folder.join(HEADER),
                &format!("{} is not a duration in seconds", header.seconds)
            )
        );
        Ok(Self::new(Some(folder), header))
    }

    /// Progress that is not saved.
    pub fn unsaved() -> Self {
        Self::new(None, Header::default())
    }

    fn new(folder: Option<PathBuf>, header: Header) -> Self {
        Self {
            folder,
            header,
            started: Instant::now(),
        }
    }

    /// Whether progress is saved to disk, where worker processes can read it.
    pub fn is_saved(&self) -> bool {
        self.folder.is_some()
    }

    /// The saved progress of a fit.
    ///
    /// # Errors
    /// If its file is damaged or belongs to another fit or run.
    pub fn saved(&self, name: &str) -> Result<Option<FitProgress>> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let path = folder.join(fit_file(name));
        if !path.exists() {
            return Ok(None);
        }
        let fits = Checkpoint::from_bytes(&files::read(&path)?, &self.header.key);
        let fits = fits.map_err(|error| self.explain(name, error))?;
        match <[SavedFit; 1]>::try_from(fits) {
            Ok([fit]) if fit.name == name => Ok(Some(fit.progress)),
            Ok([fit]) => bail!(damaged(
                &path,
                &format!("it belongs to the fit {:?}", fit.name)
            )),
            Err(_) => bail!(damaged(&path, "it does not hold exactly one fit")),
        }
    }

    /// Adds the file of a fit and advice to an error about its checkpoint.
    pub fn explain(&self, name: &str, error: Error) -> anyhow::Error {
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        match error {
            Error::Checkpoint { defect, .. } => {
                anyhow!(damaged(&folder.join(fit_file(name)), &defect.to_string()))
            }
            other => other.into(),
        }
    }

    /// Saves the progress of a fit.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(
        &self,
        name: &str,
        progress: impl FnOnce() -> tonearm::Result<FitProgress>,
    ) -> Result<()> {
        if self.folder.is_none() {
            return Ok(());
        }
        let fit = SavedFit {
            name: name.to_owned(),
            progress: progress()?,
        };
        let checkpoint = Checkpoint::new(&self.header.key, vec![fit]);
        self.write(&fit_file(name), checkpoint.to_bytes()?)
    }

    /// Writes the header, which worker processes read, with the duration so far.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_header(&self) -> Result<()> {
        let header = Header {
            key: self.header.key.clone(),
            seconds: self.seconds(),
        };
        self.write(HEADER, postcard::to_stdvec(&header)?)
    }

    /// Duration of the run in seconds, including the time before it was stopped.
    pub fn seconds(&self) -> f64 {
        self.header.seconds + self.started.elapsed().as_secs_f64()
    }

    /// Deletes the folder.
    ///
    /// # Errors
    /// If the folder cannot be deleted.
    pub fn delete(&self) -> Result<()> {
        match &self.folder {
            Some(folder) if folder.exists() => fs::remove_dir_all(folder)
                .with_context(|| format!("cannot delete {}", folder.display())),
            _ => Ok(()),
        }
    }

    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let path = folder.join(name);
        // Written to a temporary file and renamed, so that an interruption keeps the previous epoch.
        let temporary = path.with_added_extension("new");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&temporary, bytes))
            .and_then(|()| fs::rename(&temporary, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The folder beside a weights file.
fn folder_of(out: &Path) -> PathBuf {
    out.with_added_extension("run")
}

/// Name of the file of a fit: `fold 1 of 2` becomes `fold-1-of-2.fit`.
fn fit_file(fit: &str) -> String {
    let safe = |letter: char| match letter.is_ascii_alphanumeric() {
        true => letter,
        false => '-',
    };
    format!("{}.{FIT}", fit.chars().map(safe).collect::<String>())
}

/// Error message for a file of the folder that cannot be used.
fn damaged(path: &Path, reason: &str) -> String {
    let folder = path.parent().unwrap_or(path).display();
    format!(
        "{} is damaged: {reason}; delete {folder} to start the training over",
        path.display()
    )
}

/// The header in a file; `None` if it does not exist.
fn read_header(path: &Path) -> Result<Option<Header>> {
    if !path.exists() {
        return Ok(None);
    }
    match postcard::take_from_bytes(&files::read(path)?) {
        Ok((header, [])) => Ok(Some(header)),
        _ => bail!(damaged(path, "it is truncated or damaged")),
    }
}
