//! The saved progress of a run, in a folder beside its weights file, from which a stopped run resumes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tonearm::training::trainer::Checkpoint;

use crate::storage::files;
use crate::storage::records::Fit;

/// The fits of a run so far.
///
/// The folder `W.bpk.run` has one file per fit, so that several processes can train at once, and a
/// header that identifies the run.
pub struct Progress {
    /// `None` if nothing is saved.
    folder: Option<PathBuf>,
    header: Header,
    started: Instant,
    /// The finished fits.
    fits: Vec<Fit>,
}

/// Identifies a run.
#[derive(Default, Serialize, Deserialize)]
struct Header {
    /// Hash of data, network, recipe and options.
    key: String,
    /// Duration of the run before this process started, in seconds.
    seconds: f64,
}

/// Contents of the file of a fit. Postcard stores fields by position: do not reorder them.
#[derive(Serialize, Deserialize)]
enum Stage {
    Unfinished(Unfinished),
    Finished(Finished),
}

/// A fit after some of its epochs.
#[derive(Serialize, Deserialize)]
pub struct Unfinished {
    pub fit: Fit,
    pub checkpoint: Checkpoint,
}

/// A fit that has ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct Finished {
    pub fit: Fit,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Logits of the test rows, one vector per row.
    pub logits: Vec<Vec<f32>>,
}

impl Finished {
    /// Checks the number of epochs and the shape of the logits.
    ///
    /// # Errors
    /// The reason, as text.
    pub fn check(&self, n_rows: usize, n_labels: usize, n_epochs: usize) -> Result<(), String> {
        if !(1..=n_epochs).contains(&self.best_epoch) {
            return Err(format!(
                "its best epoch is {}, expected 1 to {n_epochs}",
                self.best_epoch
            ));
        }
        if self.logits.len() != n_rows {
            return Err(format!(
                "it has logits for {} rows, expected {n_rows}",
                self.logits.len()
            ));
        }
        let is_valid =
            |row: &Vec<f32>| row.len() == n_labels && row.iter().all(|logit| logit.is_finite());
        if !self.logits.iter().all(is_valid) {
            return Err(format!(
                "a row of logits in it is not {n_labels} finite numbers"
            ));
        }
        Ok(())
    }
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
        let header: Header = read(&header)?.with_context(|| {
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
            fits: Vec::new(),
        }
    }

    /// Whether progress is saved to disk, where worker processes can read it.
    pub fn is_saved(&self) -> bool {
        self.folder.is_some()
    }

    /// The saved state of a fit that was stopped.
    ///
    /// # Errors
    /// If its file is damaged or belongs to another fit.
    pub fn unfinished(&self, name: &str) -> Result<Option<Unfinished>> {
        Ok(match self.stage(name)? {
            Some(Stage::Unfinished(unfinished)) => Some(unfinished),
            _ => None,
        })
    }

    /// The result of a fit that has ended.
    ///
    /// # Errors
    /// If its file is damaged or belongs to another fit.
    pub fn finished(&self, name: &str) -> Result<Option<Finished>> {
        Ok(match self.stage(name)? {
            Some(Stage::Finished(finished)) => Some(finished),
            _ => None,
        })
    }

    fn stage(&self, name: &str) -> Result<Option<Stage>> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let stage: Option<Stage> = read(&folder.join(fit_file(name)))?;
        let fit = match &stage {
            Some(Stage::Unfinished(unfinished)) => &unfinished.fit,
            Some(Stage::Finished(finished)) => &finished.fit,
            None => return Ok(None),
        };
        ensure!(
            fit.name == name,
            "{}",
            self.damaged(name, &format!("it belongs to the fit {:?}", fit.name))
        );
        Ok(stage)
    }

    /// Error message for a fit's file that cannot be used.
    pub fn damaged(&self, name: &str, reason: &str) -> String {
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        damaged(&folder.join(fit_file(name)), reason)
    }

    /// Saves a fit after an epoch.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_checkpoint(
        &self,
        fit: &Fit,
        checkpoint: impl FnOnce() -> tonearm::Result<Checkpoint>,
    ) -> Result<()> {
        if self.folder.is_none() {
            return Ok(());
        }
        let unfinished = Unfinished {
            fit: fit.clone(),
            checkpoint: checkpoint()?,
        };
        self.write(&fit_file(&fit.name), &Stage::Unfinished(unfinished))
    }

    /// Saves the result of a fit.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_result(&self, finished: &Finished) -> Result<()> {
        let name = fit_file(&finished.fit.name);
        self.write(&name, &Stage::Finished(finished.clone()))
    }

    /// Writes the header, which worker processes read, with the duration so far.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_header(&self) -> Result<()> {
        self.write(
            HEADER,
            &Header {
                key: self.header.key.clone(),
                seconds: self.seconds(),
            },
        )
    }

    /// Adds a finished fit to the record.
    pub fn add(&mut self, fit: Fit) {
        self.fits.push(fit);
    }

    /// The finished fits in the order in which they were added, followed by `last`.
    pub fn fits(&self, last: Fit) -> Vec<Fit> {
        self.fits.iter().cloned().chain([last]).collect()
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

    fn write(&self, name: &str, content: &impl Serialize) -> Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let path = folder.join(name);
        let bytes = postcard::to_stdvec(content)?;
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

/// The contents of a file; `None` if it does not exist.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    match postcard::take_from_bytes(&files::read(path)?) {
        Ok((content, [])) => Ok(Some(content)),
        _ => bail!(damaged(path, "it is truncated or damaged")),
    }
}
