//! A person's own classes, the files of each, and what networks read of them; or a table of
//! numbers with a class a row.

mod archive;
mod group_split;
mod settings;

use std::ops::Range;

use half::f16;
use serde::{Deserialize, Serialize};

use crate::data::{Dataset, Values};
use crate::features::{Columns, Extractor, FeatureConfig, Input};
use crate::{Clip, Error, Result};
pub(crate) use group_split::{GroupSplit, Parts, Sample};
pub use settings::{Effort, RecipeName, Settings};

/// Version of the archive that is written, and the newest that is read.
pub const PROJECT_VERSION: u32 = 1;

/// Classes of a project: what a label of one byte tells apart.
const MAX_CLASSES: usize = 255;

/// Files that a class needs at least: one to learn from and one to be measured on.
const MIN_FILES: usize = 2;

/// Classes and files, with the features of every file.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// What it is and what is in it.
    pub manifest: Manifest,
    /// Mel pictures of each file, one window after the other.
    mel: Vec<u8>,
    /// MFCCs of each file, one window after the other.
    mfcc: Vec<f16>,
    /// The rows of a table, one after the other.
    table: Vec<f32>,
    /// A classifier that was trained on it, as the bytes of a weights file.
    pub weights: Option<Vec<u8>>,
}

/// What a project says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the archive.
    pub format_version: u32,
    /// Its name.
    pub name: String,
    /// Fingerprints of the features, mel and MFCC, as the version that wrote it computes them.
    pub fingerprints: [String; 2],
    /// Names of the classes, in the order of the labels.
    pub classes: Vec<String>,
    /// The files, in the order of their features.
    pub files: Vec<File>,
    /// Names of the columns, of a table; its files are its rows. None for files of audio.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// How it was trained; none before.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// A file of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Place of its class among the classes.
    pub class: usize,
    /// Who made it; none if it is not known.
    pub artist: Option<String>,
    /// Its length, in seconds.
    pub seconds: f64,
    /// Windows that its features are of; at least 1.
    pub windows: usize,
}

/// What networks read of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFeatures {
    /// Grey levels: `[n_windows][n_mels][n_columns]`
    pub mel: Vec<u8>,
    /// `[n_windows][n_pieces][piece_frames][n_mfcc]`
    pub mfcc: Vec<f16>,
    /// The [`fingerprint`] of the version that computed them.
    pub fingerprint: String,
}

impl FileFeatures {
    /// Number of windows that they are of.
    pub fn n_windows(&self) -> usize {
        self.mel.len() / window_lens()[0]
    }
}

impl Project {
    /// An empty project.
    pub fn new(name: &str, classes: Vec<String>) -> Self {
        Self {
            manifest: Manifest {
                format_version: PROJECT_VERSION,
                name: name.to_owned(),
                fingerprints: fingerprints(),
                classes,
                files: Vec::new(),
                columns: None,
                settings: None,
            },
            mel: Vec::new(),
            mfcc: Vec::new(),
            table: Vec::new(),
            weights: None,
        }
    }

    /// An empty table of these columns.
    pub fn of_table(name: &str, classes: Vec<String>, columns: Vec<String>) -> Self {
        let mut project = Self::new(name, classes);
        project.manifest.columns = Some(columns);
        project
    }

    /// Adds a row of a table: its name, its class, and what it is not to be parted from.
    ///
    /// # Errors
    /// [`Error::Project`] if this is no table, the class is none of the project's, or there is not one
    /// finite number for each column.
    pub fn add_row(
        &mut self,
        name: String,
        class: usize,
        group: Option<String>,
        values: &[f32],
    ) -> Result<()> {
        let n_columns = self.manifest.columns.as_ref().map_or(0, Vec::len);
        let fits = values.len() == n_columns && values.iter().all(|value| value.is_finite());
        if n_columns == 0 || !fits || class >= self.manifest.classes.len() {
            return Err(Error::Project(format!(
                "row {name} is not of the table's columns and classes"
            )));
        }
        self.table.extend(values);
        self.manifest.files.push(File {
            name,
            class,
            artist: group,
            seconds: 0.0,
            windows: 1,
        });
        Ok(())
    }

    /// The numbers of a table, one row after the other; none of audio.
    pub fn values(&self) -> &[f32] {
        &self.table
    }

    /// The rows of a table.
    ///
    /// # Errors
    /// [`Error::Project`] if the project is one of audio.
    pub fn table(&self) -> Result<(Columns, Dataset)> {
        let names = self.manifest.columns.clone();
        let names = names.ok_or_else(|| Error::Project("the project has no table".into()))?;
        let rows = self.rows(Values::F32(self.table.clone()), [1, names.len()], 1)?;
        Ok((Columns { names }, rows))
    }

    /// Adds a file.
    ///
    /// # Errors
    /// [`Error::Project`] if its class is none of the project's, its features are not of as many
    /// windows as it says, or a version computed them whose features are others.
    pub fn add(&mut self, file: File, features: &FileFeatures) -> Result<()> {
        if file.class >= self.manifest.classes.len() {
            return Err(Error::Project(format!("{} has no class", file.name)));
        }
        if self.manifest.columns.is_some() {
            return Err(Error::Project("a table holds rows and no files".into()));
        }
        if features.fingerprint != fingerprint() {
            return Err(Error::Project(format!(
                "another version of Tonearm listened to {}, and it hears otherwise: remove the file and \
                 add it again, or add all files to a new project",
                file.name
            )));
        }
        let [mel, mfcc] = window_lens();
        let fits = |len: usize, window: usize| Some(len) == file.windows.checked_mul(window);
        if file.windows == 0 || !fits(features.mel.len(), mel) || !fits(features.mfcc.len(), mfcc) {
            return Err(Error::Project(format!(
                "the features of {} are not of {} windows",
                file.name, file.windows
            )));
        }
        self.mel.extend(&features.mel);
        self.mfcc.extend(&features.mfcc);
        self.manifest.files.push(file);
        Ok(())
    }

    /// The features of one file.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn features(&self, file: usize) -> FileFeatures {
        let windows = &self.manifest.windows()[file];
        let [mel, mfcc] = window_lens();
        FileFeatures {
            mel: self.mel[windows.start * mel..windows.end * mel].to_vec(),
            mfcc: self.mfcc[windows.start * mfcc..windows.end * mfcc].to_vec(),
            // Those of others were never taken.
            fingerprint: fingerprint(),
        }
    }

    /// The mel pictures of all windows; each row's track is its file.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there are not as many as the files have windows.
    pub fn pictures(&self) -> Result<Dataset> {
        let kind = FeatureConfig::mel();
        self.rows(Values::U8(self.mel.clone()), kind.shape(), 1)
    }

    /// The MFCC pieces of all windows; each row's track is its file.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there are not as many as the files have windows.
    pub fn pieces(&self) -> Result<Dataset> {
        let kind = FeatureConfig::mfcc();
        let values = Values::F16(self.mfcc.clone());
        self.rows(values, kind.shape(), kind.n_pieces())
    }

    fn rows(&self, values: Values, shape: [usize; 2], n_pieces: usize) -> Result<Dataset> {
        let files = &self.manifest.files;
        let of = |value: fn(usize, &File) -> i32| -> Vec<i32> {
            let files = files.iter().enumerate();
            files
                .flat_map(|(index, file)| {
                    std::iter::repeat_n(value(index, file), file.windows * n_pieces)
                })
                .collect()
        };
        let labels = of(|_, file| file.class as i32);
        let labels = labels.into_iter().map(|label| label as u8).collect();
        let tracks = of(|index, _| index as i32);
        Dataset::new(values, shape, labels, tracks.clone(), tracks)
    }

    /// Checks that there is enough to train on, and that classes can be told by their names.
    ///
    /// # Errors
    /// [`Error::Project`], in words that say what to do.
    pub fn check_trainable(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::Project(message));
        let classes = &self.manifest.classes;
        if !(2..=MAX_CLASSES).contains(&classes.len()) {
            let n = classes.len();
            return wrong(format!(
                "there must be 2 to {MAX_CLASSES} classes to tell apart, and there are {n}"
            ));
        }
        for (class, name) in classes.iter().enumerate() {
            if name.trim().is_empty() {
                return wrong(format!("class {} has no name", class + 1));
            }
            if classes[..class].contains(name) {
                return wrong(format!("two classes are called {name}"));
            }
            let files = self.manifest.files.iter();
            let n = files.filter(|file| file.class == class).count();
            if n < MIN_FILES {
                return wrong(format!(
                    "{name} has {} and needs at least {MIN_FILES}: one to learn from, one to be measured on",
                    if n == 1 {
                        "1 file".into()
                    } else {
                        format!("{n} files")
                    }
                ));
            }
        }
        Ok(())
    }
}

impl Manifest {
    /// The rows of each file among those of all.
    pub fn windows(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let files = self.files.iter();
        files
            .map(|file| {
                let rows = start..start + file.windows;
                start = rows.end;
                rows
            })
            .collect()
    }
}

/// Computes the features of a clip: of every window that is not silent.
///
/// # Errors
/// [`Error::ClipTooShort`] under one second, [`Error::Project`] if all of it is silent.
pub fn features(clip: Clip) -> Result<FileFeatures> {
    let [mel, mfcc] = kinds();
    let (mut mel, mut mfcc) = (Extractor::new(&mel)?, Extractor::new(&mfcc)?);
    let mut pieces = mfcc.open(clip.clone())?;
    let mut pictures = mel.open(clip)?;
    let mut features = FileFeatures {
        mel: Vec::new(),
        mfcc: Vec::new(),
        fingerprint: fingerprint(),
    };
    for index in 0..pictures.windows().len() {
        let picture = mel.window(&mut pictures, index);
        let piece = mfcc.window(&mut pieces, index);
        if picture.silent || piece.silent {
            continue;
        }
        let grey = picture.features.iter();
        features
            .mel
            .extend(grey.map(|level| (level * 255.0).round() as u8));
        let half = piece.features.iter();
        features
            .mfcc
            .extend(half.map(|value| f16::from_f32(*value)));
    }
    if features.mel.is_empty() {
        return Err(Error::Project("the file is silent".into()));
    }
    Ok(features)
}

/// A short text that differs wherever this version's features of a file differ from another's.
pub fn fingerprint() -> String {
    fingerprints().join("-")
}

/// Those of its kinds, mel and MFCC.
fn fingerprints() -> [String; 2] {
    kinds().map(|kind| kind.fingerprint())
}

/// The features that are kept of each file.
fn kinds() -> [FeatureConfig; 2] {
    [FeatureConfig::mel(), FeatureConfig::mfcc()]
}

/// Numbers of a window, of each kind.
fn window_lens() -> [usize; 2] {
    kinds().map(|kind| {
        let input = Input::Audio(kind);
        input.n_pieces() * input.layout().n_values()
    })
}
