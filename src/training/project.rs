//! Projects: a user's own classes and audio files with their features, or a labelled table.

mod archive;
mod group_split;
mod settings;

use std::ops::Range;
use std::sync::LazyLock;

use half::f16;
use serde::{Deserialize, Serialize};

use crate::data::{Dataset, Values};
use crate::error::{Content, Defect};
use crate::features::{Columns, Extractor, FeatureConfig, Input, fnv1a};
use crate::{Clip, Error, Result};
pub(crate) use group_split::GroupSplit;
pub use settings::{Effort, RecipeName, Settings};

/// Version of the written archive format, and the newest that can be read.
pub const PROJECT_VERSION: u32 = 1;

/// Maximum number of classes, limited by labels of one byte.
const MAX_CLASSES: usize = 255;

const NOT_A_TABLE: Error = Error::ProjectKind {
    expected: Content::Table,
    got: Content::Audio,
};

/// Minimum number of files per class: one to train on and one to validate on.
const MIN_FILES: usize = 2;

/// Classes and files, with the features of every file.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Names, classes, files and settings.
    pub manifest: Manifest,
    /// Log-mel patches of all files, one window after the other.
    mel: Vec<u8>,
    /// MFCCs of all files, one window after the other.
    mfcc: Vec<f16>,
    /// Values of a table in row-major order; empty for audio.
    table: Vec<f32>,
    /// Bytes of the weights file trained on the project, if there is one.
    pub weights: Option<Vec<u8>>,
}

/// Description of a project; the JSON in its archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the archive format.
    pub format_version: u32,
    /// Name of the project.
    pub name: String,
    /// Fingerprints of the log-mel and MFCC features, as computed by the version that wrote it.
    pub fingerprints: [String; 2],
    /// Names of the classes, in the order of the labels.
    pub classes: Vec<String>,
    /// Files, in the order of their features.
    pub files: Vec<File>,
    /// Column names if the project is a table, whose rows `files` lists; `None` for audio.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// Settings of the last training run; `None` before the first.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// An audio file of a project, or a row of its table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Name of the file.
    pub name: String,
    /// Index of its class.
    pub class: usize,
    /// Artist; `None` if unknown.
    pub artist: Option<String>,
    /// Duration, in seconds.
    pub seconds: f64,
    /// Number of windows with features; at least 1.
    pub windows: usize,
}

/// Features of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFeatures {
    /// Log-mel patches, quantised to 0..=255: `[n_windows][n_mels][n_columns]`
    pub mel: Vec<u8>,
    /// MFCCs: `[n_windows][n_segments][segment_frames][n_mfcc]`
    pub mfcc: Vec<f16>,
    /// [`fingerprint`] of the version that computed the features.
    pub fingerprint: String,
}

impl FileFeatures {
    /// Number of windows.
    pub fn n_windows(&self) -> usize {
        self.mel.len() / window_lens()[0]
    }
}

impl Project {
    /// Creates a project without files.
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

    /// Creates a table project without rows.
    ///
    /// # Errors
    /// [`Error::Config`] if there are no columns, or more than a network can read.
    pub fn of_table(name: &str, classes: Vec<String>, columns: Vec<String>) -> Result<Self> {
        let columns = Columns { names: columns };
        columns.validate()?;
        let mut project = Self::new(name, classes);
        project.manifest.columns = Some(columns.names);
        Ok(project)
    }

    /// Adds a row to a table; rows with the same `group` stay on one side of a split.
    ///
    /// # Errors
    /// [`Error::ProjectKind`] if the project is not a table, [`Error::UnknownClass`] if the class does
    /// not exist, [`Error::Dataset`] if there is not one finite value for each column.
    pub fn add_row(
        &mut self,
        name: String,
        class: usize,
        group: Option<String>,
        values: &[f32],
    ) -> Result<()> {
        let columns = self.manifest.columns.as_ref();
        let n_columns = columns.ok_or(NOT_A_TABLE)?.len();
        if class >= self.manifest.classes.len() {
            return Err(Error::UnknownClass { file: name });
        }
        if values.len() != n_columns || !values.iter().all(|value| value.is_finite()) {
            let (part, expected) = (
                format!("row {name}"),
                format!("have {n_columns} finite values"),
            );
            let got = format!("{values:?}");
            return Err(Error::dataset(Defect::mismatch(part, expected, got)));
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

    /// Values of a table in row-major order; empty for audio.
    pub fn values(&self) -> &[f32] {
        &self.table
    }

    /// Columns and rows of a table.
    ///
    /// # Errors
    /// [`Error::ProjectKind`] if the project holds audio.
    pub fn table(&self) -> Result<(Columns, Dataset)> {
        let names = self.manifest.columns.clone();
        let names = names.ok_or(NOT_A_TABLE)?;
        let rows = self.rows(Values::F32(self.table.clone()), [1, names.len()], 1)?;
        Ok((Columns { names }, rows))
    }

    /// Adds an audio file.
    ///
    /// # Errors
    /// - [`Error::UnknownClass`] if the class does not exist
    /// - [`Error::ProjectKind`] if the project is a table
    /// - [`Error::OutdatedFile`] if another version computed different features
    /// - [`Error::Dataset`] if the features do not match the file's number of windows, or are not
    ///   finite
    pub fn add(&mut self, file: File, features: &FileFeatures) -> Result<()> {
        if file.class >= self.manifest.classes.len() {
            return Err(Error::UnknownClass { file: file.name });
        }
        if self.manifest.columns.is_some() {
            return Err(Error::ProjectKind {
                expected: Content::Audio,
                got: Content::Table,
            });
        }
        if features.fingerprint != fingerprint() {
            return Err(Error::OutdatedFile {
                file: file.name,
                expected: fingerprint(),
                got: features.fingerprint.clone(),
            });
        }
        let [mel, mfcc] = window_lens();
        let fits = |len: usize, window: usize| Some(len) == file.windows.checked_mul(window);
        if file.windows == 0 || !fits(features.mel.len(), mel) || !fits(features.mfcc.len(), mfcc) {
            let part = format!("the features of {}", file.name);
            let expected = format!("have {} windows", file.windows);
            let got = features.n_windows();
            return Err(Error::dataset(Defect::mismatch(part, expected, got)));
        }
        if let Some(value) = features.mfcc.iter().find(|value| !value.is_finite()) {
            let part = format!("the features of {}", file.name);
            return Err(Error::dataset(Defect::mismatch(part, "be finite", value)));
        }
        self.mel.extend(&features.mel);
        self.mfcc.extend(&features.mfcc);
        self.manifest.files.push(file);
        Ok(())
    }

    /// Hash of the features of all files, or of the values of a table.
    pub(crate) fn features_hash(&self) -> u64 {
        let mfcc = self.mfcc.iter().flat_map(|value| value.to_le_bytes());
        let table = self.table.iter().flat_map(|value| value.to_le_bytes());
        fnv1a(self.mel.iter().copied().chain(mfcc).chain(table))
    }

    /// Features of one file.
    ///
    /// # Panics
    /// Panics if there is no such file.
    pub fn features(&self, file: usize) -> FileFeatures {
        let windows = &self.manifest.windows()[file];
        let [mel, mfcc] = window_lens();
        FileFeatures {
            mel: self.mel[windows.start * mel..windows.end * mel].to_vec(),
            mfcc: self.mfcc[windows.start * mfcc..windows.end * mfcc].to_vec(),
            // Files with features of another version cannot be added.
            fingerprint: fingerprint(),
        }
    }

    /// Log-mel patches of all windows; the track id of a row is the index of its file.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the number of patches differs from the number of windows.
    pub fn patches(&self) -> Result<Dataset> {
        let kind = FeatureConfig::mel();
        self.rows(Values::U8(self.mel.clone()), kind.shape(), 1)
    }

    /// MFCC segments of all windows; the track id of a row is the index of its file.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the number of segments does not match the number of windows.
    pub fn mfcc_segments(&self) -> Result<Dataset> {
        let kind = FeatureConfig::mfcc();
        let values = Values::F16(self.mfcc.clone());
        self.rows(values, kind.shape(), kind.n_segments())
    }

    fn rows(&self, values: Values, shape: [usize; 2], n_segments: usize) -> Result<Dataset> {
        let files = &self.manifest.files;
        let of = |value: fn(usize, &File) -> i32| -> Vec<i32> {
            let files = files.iter().enumerate();
            files
                .flat_map(|(index, file)| {
                    std::iter::repeat_n(value(index, file), file.windows * n_segments)
                })
                .collect()
        };
        let labels = of(|_, file| file.class as i32);
        let labels = labels.into_iter().map(|label| label as u8).collect();
        let tracks = of(|index, _| index as i32);
        Dataset::new(values, shape, labels, tracks.clone(), tracks)
    }

    /// Checks that there are enough classes and files, and that class names are unique.
    ///
    /// # Errors
    /// [`Error::ClassCount`], [`Error::UnnamedClass`], [`Error::DuplicateClass`] or
    /// [`Error::TooFewFiles`].
    pub fn check_trainable(&self) -> Result<()> {
        let classes = &self.manifest.classes;
        if !(2..=MAX_CLASSES).contains(&classes.len()) {
            return Err(Error::ClassCount {
                max: MAX_CLASSES,
                got: classes.len(),
            });
        }
        for (class, name) in classes.iter().enumerate() {
            if name.trim().is_empty() {
                return Err(Error::UnnamedClass { number: class + 1 });
            }
            if classes[..class].contains(name) {
                return Err(Error::DuplicateClass { name: name.clone() });
            }
            let files = self.manifest.files.iter();
            let n = files.filter(|file| file.class == class).count();
            if n < MIN_FILES {
                return Err(Error::TooFewFiles {
                    class: name.clone(),
                    needed: MIN_FILES,
                    got: n,
                });
            }
        }
        Ok(())
    }
}

impl Manifest {
    /// Whether the project holds audio or a table.
    pub(crate) fn content(&self) -> Content {
        match self.columns {
            Some(_) => Content::Table,
            None => Content::Audio,
        }
    }

    /// Range of windows of each file.
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

/// The extractors of the project features, planned once for all files.
static EXTRACTORS: LazyLock<[Extractor; 2]> = LazyLock::new(|| {
    kinds().map(|config| Extractor::new(&config).expect("the default settings are valid"))
});

/// Computes the features of every window of a clip that is not silent.
///
/// # Errors
/// [`Error::ClipTooShort`] if the clip is shorter than one second, [`Error::Silent`] if all of it is
/// silent.
pub fn features(clip: Clip) -> Result<FileFeatures> {
    let [mut mel, mut mfcc] = EXTRACTORS.clone();
    let mut segments = mfcc.open(clip.clone())?;
    let mut patches = mel.open(clip)?;
    let mut features = FileFeatures {
        mel: Vec::new(),
        mfcc: Vec::new(),
        fingerprint: fingerprint(),
    };
    for index in 0..patches.windows().len() {
        let patch = mel.window(&mut patches, index);
        let segment = mfcc.window(&mut segments, index);
        if patch.silent || segment.silent {
            continue;
        }
        let values = patch.features.iter();
        features
            .mel
            .extend(values.map(|value| (value * 255.0).round() as u8));
        let half = segment.features.iter();
        features
            .mfcc
            .extend(half.map(|value| f16::from_f32(*value)));
    }
    if features.mel.is_empty() {
        return Err(Error::Silent);
    }
    Ok(features)
}

/// Fingerprint of the project features; it changes whenever their computation does.
pub fn fingerprint() -> String {
    fingerprints().join("-")
}

/// Fingerprints of the log-mel and MFCC features.
fn fingerprints() -> [String; 2] {
    kinds().map(|kind| kind.fingerprint())
}

/// Kinds of features stored for each file.
fn kinds() -> [FeatureConfig; 2] {
    [FeatureConfig::mel(), FeatureConfig::mfcc()]
}

/// Number of values per window, for each kind of features.
fn window_lens() -> [usize; 2] {
    kinds().map(|kind| {
        let input = Input::Audio(kind);
        input.n_segments() * input.layout().n_values()
    })
}
