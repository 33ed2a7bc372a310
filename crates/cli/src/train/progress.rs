//! What a run has done so far, kept beside its weights file so that a stopped run can go on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tonearm::training::trainer::Checkpoint;

use super::record::Fit;

/// The fits of a run, as far as they are.
///
/// They are kept in the folder `W.bpk.run`, each in a file of its own, so that several processes can
/// train at once; another file names the run.
pub struct Progress {
    /// None for fits that are not kept.
    folder: Option<PathBuf>,
    header: Header,
    started: Instant,
    /// The epochs of the fits that have ended.
    fits: Vec<Fit>,
}

/// What names a run.
#[derive(Default, Serialize, Deserialize)]
struct Header {
    /// Its data, network and recipe.
    key: String,
    /// Seconds that have gone into it.
    seconds: f64,
}

/// How far a fit is.
#[derive(Serialize, Deserialize)]
enum Stage {
    Current(Current),
    Done(Done),
}

/// A fit between two epochs.
#[derive(Serialize, Deserialize)]
pub struct Current {
    pub fit: Fit,
    pub state: Checkpoint,
}

/// A fit that has ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct Done {
    pub fit: Fit,
    /// The epoch that was kept.
    pub best_epoch: usize,
    /// What it said of the rows that it did not see.
    pub logits: Vec<Vec<f32>>,
}

impl Done {
    /// Checks that a fit of at most `n_epochs` answered for so many rows.
    ///
    /// # Errors
    /// A reason why not.
    pub fn check(&self, n_rows: usize, n_labels: usize, n_epochs: usize) -> Result<(), String> {
        if !(1..=n_epochs).contains(&self.best_epoch) {
            return Err(format!(
                "it kept epoch {}, and there are {n_epochs}",
                self.best_epoch
            ));
        }
        if self.logits.len() != n_rows {
            return Err(format!(
                "it answers for {} rows, and {n_rows} were held out",
                self.logits.len()
            ));
        }
        let sound =
            |row: &Vec<f32>| row.len() == n_labels && row.iter().all(|logit| logit.is_finite());
        if !self.logits.iter().all(sound) {
            return Err(format!("an answer in it is not {n_labels} finite numbers"));
        }
        Ok(())
    }
}

/// Name of the file that names the run.
const HEADER: &str = "run";

/// What ends the names of the files of fits.
const FIT: &str = "fit";

impl Progress {
    /// Begins a run.
    ///
    /// # Errors
    /// If one was stopped, which would be lost.
    pub fn begin(out: &Path, key: String) -> Result<Self> {
        let folder = folder(out);
        // Hours may be in it, if an epoch has ended.
        let mut kept = fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_fit =
            |entry: fs::DirEntry| Path::new(&entry.file_name()).extension() == Some(FIT.as_ref());
        ensure!(
            !kept.any(is_fit),
            "a run of these weights was stopped: --resume goes on with it, or delete {}",
            folder.display()
        );
        Ok(Self::new(Some(folder), Header { key, seconds: 0.0 }))
    }

    /// Goes on with a run that was stopped, or takes part in one.
    ///
    /// # Errors
    /// If there is no such run, or it is another.
    pub fn join(out: &Path, key: &str) -> Result<Self> {
        let folder = folder(out);
        let (shown, header) = (folder.display(), folder.join(HEADER));
        let header: Header = read(&header)?.with_context(|| {
            format!(
                "there is no stopped run to go on with: {} is missing",
                header.display()
            )
        })?;
        ensure!(
            header.key == key,
            "{shown} is of another run: its data, network or recipe are others"
        );
        ensure!(
            header.seconds.is_finite() && header.seconds >= 0.0,
            "{shown}/{HEADER} is broken: {} s cannot have passed; delete {shown} to start the training anew",
            header.seconds
        );
        Ok(Self::new(Some(folder), header))
    }

    /// Begins fits that are not kept.
    pub fn aside() -> Self {
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

    /// Whether fits are kept, so that other processes can take part.
    pub fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// A fit that was stopped.
    ///
    /// # Errors
    /// If its file is broken or of another fit.
    pub fn current(&self, name: &str) -> Result<Option<Current>> {
        Ok(match self.stage(name)? {
            Some(Stage::Current(current)) => Some(current),
            _ => None,
        })
    }

    /// A fit that has ended.
    ///
    /// # Errors
    /// If its file is broken or of another fit.
    pub fn done(&self, name: &str) -> Result<Option<Done>> {
        Ok(match self.stage(name)? {
            Some(Stage::Done(done)) => Some(done),
            _ => None,
        })
    }

    fn stage(&self, name: &str) -> Result<Option<Stage>> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let stage: Option<Stage> = read(&folder.join(file_of(name)))?;
        let fit = match &stage {
            Some(Stage::Current(current)) => &current.fit,
            Some(Stage::Done(done)) => &done.fit,
            None => return Ok(None),
        };
        ensure!(
            fit.name == name,
            "{}",
            self.broken(name, &format!("it is of the fit {:?}", fit.name))
        );
        Ok(stage)
    }

    /// Says that the file of a fit cannot be used, and what to do.
    pub fn broken(&self, name: &str, reason: &str) -> String {
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        broken(&folder.join(file_of(name)), reason)
    }

    /// Keeps a fit as it is after an epoch.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(
        &self,
        fit: &Fit,
        state: impl FnOnce() -> tonearm::Result<Checkpoint>,
    ) -> Result<()> {
        if self.folder.is_none() {
            return Ok(());
        }
        let current = Current {
            fit: fit.clone(),
            state: state()?,
        };
        self.write(&file_of(&fit.name), &Stage::Current(current))
    }

    /// Keeps a fit that has ended.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(&self, done: &Done) -> Result<()> {
        self.write(&file_of(&done.fit.name), &Stage::Done(done.clone()))
    }

    /// Makes the run known to processes that take part in it, with the seconds so far.
    ///
    /// # Errors
    /// If the file that names it cannot be written.
    pub fn publish(&self) -> Result<()> {
        self.write(
            HEADER,
            &Header {
                key: self.header.key.clone(),
                seconds: self.seconds(),
            },
        )
    }

    /// Takes the epochs of a fit that has ended into the record.
    pub fn add(&mut self, fit: Fit) {
        self.fits.push(fit);
    }

    /// The epochs of all fits, in the order in which they were added, `last` the one that made the
    /// weights.
    pub fn fits(&self, last: Fit) -> Vec<Fit> {
        self.fits.iter().cloned().chain([last]).collect()
    }

    /// Seconds so far, those before a stop included.
    pub fn seconds(&self) -> f64 {
        self.header.seconds + self.started.elapsed().as_secs_f64()
    }

    /// Deletes what was kept, once the weights are written.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub fn remove(&self) -> Result<()> {
        match &self.folder {
            Some(folder) if folder.exists() => fs::remove_dir_all(folder)
                .with_context(|| format!("{} cannot be deleted", folder.display())),
            _ => Ok(()),
        }
    }

    /// Writes a file of the folder.
    fn write(&self, name: &str, content: &impl Serialize) -> Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let path = folder.join(name);
        let bytes = postcard::to_stdvec(content)?;
        // Written beside and moved: a stop in the middle leaves what was there.
        let unfinished = path.with_added_extension("new");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&unfinished, bytes))
            .and_then(|()| fs::rename(&unfinished, &path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// The folder beside a weights file.
fn folder(out: &Path) -> PathBuf {
    out.with_added_extension("run")
}

/// Name of the file of a fit.
fn file_of(fit: &str) -> String {
    let plain = |letter: char| match letter.is_ascii_alphanumeric() {
        true => letter,
        false => '-',
    };
    format!("{}.{FIT}", fit.chars().map(plain).collect::<String>())
}

/// Says that a file of the folder cannot be used, and what to do.
fn broken(path: &Path, reason: &str) -> String {
    let folder = path.parent().unwrap_or(path).display();
    format!(
        "{} is broken: {reason}; delete {folder} to start the training anew",
        path.display()
    )
}

/// What a file holds; none if it is not there.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let shown = path.display();
    let bytes = fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    match postcard::take_from_bytes(&bytes) {
        Ok((content, [])) => Ok(Some(content)),
        _ => bail!(broken(path, "it is cut short or damaged")),
    }
}
