//! What a run has done so far, kept beside its weights file so that a stopped run can go on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tonearm::trainer::State;

use super::record::Fit;

/// The fits of a run, as far as they are.
pub struct Progress {
    /// `W.bpk.run`; none for fits that are not kept.
    path: Option<PathBuf>,
    kept: Kept,
    started: Instant,
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Names the run: its data, network and recipe.
    key: String,
    /// Seconds that went into it before this start.
    seconds: f64,
    done: Vec<Done>,
    /// The fit that has not ended.
    current: Option<Current>,
}

/// A fit that has ended.
#[derive(Serialize, Deserialize)]
pub struct Done {
    pub fit: Fit,
    /// The epoch that was kept.
    pub best_epoch: usize,
    /// What it said of the rows that it did not see.
    pub logits: Vec<Vec<f32>>,
}

/// A fit between two epochs.
#[derive(Serialize, Deserialize)]
pub struct Current {
    pub fit: Fit,
    pub state: State,
}

impl Progress {
    /// Begins a run, or goes on with the one that was stopped.
    ///
    /// # Errors
    /// If there is no stopped run to go on with, or it is another; or there is one, and it would be
    /// lost.
    pub fn begin(out: &Path, key: String, resume: bool) -> Result<Self> {
        let mut path = out.as_os_str().to_owned();
        path.push(".run");
        let path = PathBuf::from(path);
        let kept = match resume {
            true => read(&path, &key)?,
            false => {
                // Hours may be in it.
                ensure!(
                    !path.exists(),
                    "a run of these weights was stopped: --resume goes on with it, or delete {}",
                    path.display()
                );
                Kept::new(key)
            }
        };
        Ok(Self {
            path: Some(path),
            kept,
            started: Instant::now(),
        })
    }

    /// Begins fits that are not kept.
    pub fn aside() -> Self {
        Self {
            path: None,
            kept: Kept::new(String::new()),
            started: Instant::now(),
        }
    }

    /// A fit that has ended.
    pub fn done(&self, name: &str) -> Option<&Done> {
        self.kept.done.iter().find(|done| done.fit.name == name)
    }

    /// The fit that was stopped, if it has this name.
    pub fn take_current(&mut self, name: &str) -> Option<Current> {
        self.kept
            .current
            .take_if(|current| current.fit.name == name)
    }

    /// Keeps a fit as it is after an epoch.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(
        &mut self,
        fit: &Fit,
        state: impl FnOnce() -> tonearm::Result<State>,
    ) -> Result<()> {
        if self.path.is_some() {
            self.kept.current = Some(Current {
                fit: fit.clone(),
                state: state()?,
            });
        }
        self.write()
    }

    /// Keeps a fit that has ended.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(&mut self, done: Done) -> Result<()> {
        self.kept.current = None;
        self.kept.done.push(done);
        self.write()
    }

    /// The epochs of all fits, in order, `last` the one that made the weights.
    pub fn fits(&self, last: Fit) -> Vec<Fit> {
        let done = self.kept.done.iter().map(|done| done.fit.clone());
        done.chain([last]).collect()
    }

    /// Seconds of work so far, those before a stop included.
    pub fn seconds(&self) -> f64 {
        self.kept.seconds + self.started.elapsed().as_secs_f64()
    }

    /// Deletes the file, once the weights are written.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub fn remove(&self) -> Result<()> {
        match &self.path {
            Some(path) if path.exists() => fs::remove_file(path)
                .with_context(|| format!("{} cannot be deleted", path.display())),
            _ => Ok(()),
        }
    }

    fn write(&mut self) -> Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let (before, now) = (self.kept.seconds, self.seconds());
        self.kept.seconds = now;
        let bytes = postcard::to_stdvec(&self.kept);
        self.kept.seconds = before;
        // Written beside and moved: a stop in the middle leaves the epoch before.
        let unfinished = path.with_extension("run.new");
        fs::write(&unfinished, bytes?)
            .and_then(|()| fs::rename(&unfinished, path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

impl Kept {
    fn new(key: String) -> Self {
        Self {
            key,
            seconds: 0.0,
            done: Vec::new(),
            current: None,
        }
    }
}

fn read(path: &Path, key: &str) -> Result<Kept> {
    let shown = path.display();
    let bytes = fs::read(path).with_context(|| {
        format!("there is no stopped run to go on with: {shown} cannot be read")
    })?;
    let kept: Kept = postcard::from_bytes(&bytes).with_context(|| format!("{shown} is broken"))?;
    ensure!(
        kept.key == key,
        "{shown} is of another run: its data, network or recipe are others"
    );
    let n_epochs = kept
        .current
        .as_ref()
        .map_or(0, |current| current.fit.epochs.len());
    eprintln!(
        "Going on: {} fits are done, and {n_epochs} epochs of the next.",
        kept.done.len()
    );
    Ok(kept)
}
