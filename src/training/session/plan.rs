//! What a run is planned from, which does not change while it runs.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::Device;

use super::task::TrainingTask;
use crate::Result;
use crate::data::Dataset;
use crate::data::split::Split;
use crate::features::fingerprint;
use crate::training::cross_validation::{CrossValidation, Fit};
use crate::training::project::{File, GroupSplit, Manifest, Project, Settings};
use crate::training::trainer::{Trainer, TrainingData};
use crate::weights::Weights;

/// What a run is planned from.
pub(super) struct Plan {
    pub(super) manifest: Manifest,
    pub(super) settings: Settings,
    pub(super) task: TrainingTask,
    /// Windows of each file: `[n_files]`
    pub(super) windows: Vec<Range<usize>>,
    /// Artist id of each file; a file with an unknown artist has its own id.
    pub(super) artists: Vec<i32>,
    /// Classes with files of an artist who is on both sides of a split.
    pub(super) classes_with_leakage: Vec<usize>,
    /// Identifies the run: changes with the settings, the classes, the files, their features and the
    /// backbone.
    pub(super) fingerprint: String,
    pub(super) device: Device,
}

impl Plan {
    /// Checks project and settings, and plans the fits over the project's windows.
    pub(super) fn new(
        project: &Project,
        settings: Settings,
        base: &Weights,
        device: &Device,
    ) -> Result<(Self, CrossValidation)> {
        project.check_trainable()?;
        settings.validate()?;
        let manifest = project.manifest.clone();
        let windows = manifest.windows();
        let files = GroupSplit::new(&manifest.files, manifest.classes.len(), settings.seed);
        let in_windows = |split: Split| split.map(|file| windows[file].clone());
        let seed = settings.seed;
        let fits = match settings.folds {
            0 => CrossValidation::single(seed, in_windows(files.hold_out(settings.validation))),
            k => {
                let folds = files.folds(k).into_iter().map(in_windows).collect();
                let all = Split {
                    train: (0..windows.last().map_or(0, |last| last.end)).collect(),
                    ..Split::default()
                };
                CrossValidation::of_folds(vec![(seed, folds)], all)
            }
        };
        let task = TrainingTask::new(&settings, project, base, device)?;
        let described = manifest.files.iter();
        let described = described.map(|file| (file.class, &file.artist, file.windows));
        let plan = Self {
            fingerprint: fingerprint(&(
                &settings,
                &manifest.classes,
                described.collect::<Vec<_>>(),
                project.features_hash(),
                task.backbone().map(|backbone| backbone.metadata()),
            )),
            artists: artists(&manifest.files),
            classes_with_leakage: files.classes_with_leakage,
            manifest,
            settings,
            task,
            windows,
            device: device.clone(),
        };
        Ok((plan, fits))
    }

    /// Trainer of a fit on these rows.
    pub(super) fn trainer(
        &self,
        fit: &Fit,
        fits: &CrossValidation,
        rows: &Dataset,
    ) -> Result<Trainer> {
        let recipe = self.settings.recipe(!fit.split.validation.is_empty());
        let data = TrainingData {
            rows,
            teacher: None,
        };
        self.task.begin(
            fits.recipe(fit, &recipe),
            data,
            self.rows_of(&fit.split.train),
            self.manifest.classes.len(),
            &self.device,
        )
    }

    /// Rows of windows: their segments.
    pub(super) fn rows_of(&self, windows: &[usize]) -> Vec<usize> {
        let n = self.task.n_segments();
        let rows = |&window: &usize| window * n..(window + 1) * n;
        windows.iter().flat_map(rows).collect()
    }

    /// Files of windows, both ascending.
    pub(super) fn files_of(&self, windows: &[usize]) -> Vec<usize> {
        let files = 0..self.windows.len();
        let is_among = |&file: &usize| windows.binary_search(&self.windows[file].start).is_ok();
        files.filter(is_among).collect()
    }
}

/// Artist id of each file; a file with an unknown artist gets its own id.
fn artists(files: &[File]) -> Vec<i32> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut artists = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        artists.push(match &file.artist {
            Some(artist) => *first.entry(artist).or_insert(index) as i32,
            None => index as i32,
        });
    }
    artists
}
