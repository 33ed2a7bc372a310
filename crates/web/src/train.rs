//! Projects and training runs; only the module that trains has them.

use std::cell::RefCell;

use half::f16;
use js_sys::{Float32Array, Uint8Array};
use serde::{Deserialize, Serialize};
use tonearm::training::project::{Effort, File, FileFeatures, RecipeName, Settings};
use tonearm::weights::Weights;
use wasm_bindgen::prelude::*;

use crate::{Runtime, backend, clip_of, to_js};

/// What is kept of one file, as it crosses.
#[derive(Serialize)]
struct Features {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    mel: Uint8Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    mfcc: Uint8Array,
    windows: usize,
    fingerprint: String,
}

impl From<FileFeatures> for Features {
    fn from(features: FileFeatures) -> Self {
        let mfcc = features.mfcc.iter().flat_map(|value| value.to_le_bytes());
        Self {
            windows: features.n_windows(),
            mel: Uint8Array::from(&features.mel[..]),
            mfcc: Uint8Array::from(&mfcc.collect::<Vec<u8>>()[..]),
            fingerprint: features.fingerprint,
        }
    }
}

/// Computes what is kept of a file, `{ mel, mfcc, windows, fingerprint }`.
///
/// `channels` are of one length and in -1..1, at `sample_rate` Hz. Throws if they are empty, too
/// short, too long or silent.
#[wasm_bindgen]
pub fn features(channels: Vec<Float32Array>, sample_rate: u32) -> Result<JsValue, JsError> {
    let features = tonearm::training::project::features(clip_of(channels, sample_rate)?)?;
    to_js(&Features::from(features))
}

/// The settings of a recipe that need no touching, for the effort `quick` or `better`.
#[wasm_bindgen]
pub fn settings(recipe: JsValue, effort: JsValue) -> Result<JsValue, JsError> {
    let recipe: RecipeName = serde_wasm_bindgen::from_value(recipe)?;
    let effort: Effort = serde_wasm_bindgen::from_value(effort)?;
    to_js(&Settings::new(recipe, effort))
}

/// Classes and files, with the features of each.
#[wasm_bindgen]
pub struct Project(tonearm::training::project::Project);

/// A row of a table as the page describes it.
#[derive(Deserialize)]
struct RowOf {
    name: String,
    class: usize,
    artist: Option<String>,
}

/// A file as the page describes it.
#[derive(Deserialize)]
struct FileOf {
    name: String,
    class: usize,
    artist: Option<String>,
    seconds: f64,
}

#[wasm_bindgen]
impl Project {
    /// A project without files.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, classes: Vec<String>) -> Project {
        Project(tonearm::training::project::Project::new(name, classes))
    }

    /// Reads a project's zip; throws if it is broken or newer.
    pub fn from_zip(bytes: &[u8]) -> Result<Project, JsError> {
        Ok(Project(tonearm::training::project::Project::from_zip(
            bytes,
        )?))
    }

    /// Adds a file, `{ name, class, artist, seconds }`, with what was kept of it; throws if that was
    /// computed by a version whose features are others.
    pub fn add(
        &mut self,
        file: JsValue,
        mel: Vec<u8>,
        mfcc: Vec<u8>,
        fingerprint: String,
    ) -> Result<(), JsError> {
        let file: FileOf = serde_wasm_bindgen::from_value(file)?;
        let (pairs, _) = mfcc.as_chunks();
        let features = FileFeatures {
            mel,
            mfcc: pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect(),
            fingerprint,
        };
        let file = File {
            name: file.name,
            class: file.class,
            artist: file.artist,
            seconds: file.seconds,
            windows: features.n_windows(),
        };
        Ok(self.0.add(file, &features)?)
    }

    /// A table of these columns, without rows.
    pub fn of_table(name: &str, classes: Vec<String>, columns: Vec<String>) -> Project {
        Project(tonearm::training::project::Project::of_table(
            name, classes, columns,
        ))
    }

    /// Adds rows to a table: their `values` one after the other, and `{ name, class, artist }` of each.
    pub fn add_rows(&mut self, rows: JsValue, values: &[f32]) -> Result<(), JsError> {
        let rows: Vec<RowOf> = serde_wasm_bindgen::from_value(rows)?;
        let width = self.0.manifest.columns.as_ref().map_or(1, Vec::len);
        if values.len() != rows.len() * width {
            return Err(JsError::new(
                "there is not one number for each column of each row",
            ));
        }
        for (row, values) in rows.into_iter().zip(values.chunks_exact(width)) {
            self.0.add_row(row.name, row.class, row.artist, values)?;
        }
        Ok(())
    }

    /// The numbers of a table, one row after the other.
    pub fn table(&self) -> Vec<f32> {
        self.0.values().to_vec()
    }

    /// What the project says of itself: `{ name, classes, files, settings }` and more.
    #[wasm_bindgen(getter)]
    pub fn manifest(&self) -> Result<JsValue, JsError> {
        to_js(&self.0.manifest)
    }

    /// What is kept of one file, `{ mel, mfcc, windows, fingerprint }`.
    pub fn features(&self, file: usize) -> Result<JsValue, JsError> {
        if file >= self.0.manifest.files.len() {
            return Err(JsError::new("there is no such file"));
        }
        to_js(&Features::from(self.0.features(file)))
    }

    /// The classifier that was trained on it, as the bytes of a weights file, if there is one.
    #[wasm_bindgen(getter)]
    pub fn weights(&self) -> Option<Vec<u8>> {
        self.0.weights.clone()
    }

    /// The bytes of its zip, with the settings that it is trained with and what they made.
    pub fn zip(&mut self, settings: JsValue, weights: Option<Vec<u8>>) -> Result<Vec<u8>, JsError> {
        self.0.manifest.settings = serde_wasm_bindgen::from_value(settings)?;
        self.0.weights = weights;
        Ok(self.0.to_zip()?)
    }
}

/// A training run, a piece of work at a time: the host yields between steps.
#[wasm_bindgen]
pub struct Session(RefCell<Option<tonearm::training::session::Session>>);

/// What `finish` resolves to.
#[derive(Serialize)]
struct Outcome {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    weights: Uint8Array,
    report: tonearm::training::session::Report,
}

#[wasm_bindgen]
impl Runtime {
    /// Plans a run on a project; `base` are the weights whose CNN it learns from.
    pub fn session(
        &self,
        project: &Project,
        settings: JsValue,
        base: &[u8],
    ) -> Result<Session, JsError> {
        let settings: Settings = serde_wasm_bindgen::from_value(settings)?;
        let base = Weights::read(base)?;
        let session =
            tonearm::training::session::Session::new(&project.0, settings, &base, &self.0)?;
        Ok(Session(RefCell::new(Some(session))))
    }
}

#[wasm_bindgen]
impl Session {
    /// Does one piece of work; resolves to what it was.
    pub async fn step(&self) -> Result<JsValue, JsError> {
        let mut session = self.take()?;
        let stepped = session.step().await;
        self.0.replace(Some(session));
        to_js(&stepped?)
    }

    /// Asks the run to end with its best epoch: it is over after some more steps. False if no epoch has
    /// ended yet, so that there is nothing to keep.
    pub fn stop(&self) -> Result<bool, JsError> {
        let mut session = self.take()?;
        let asked = session.stop();
        self.0.replace(Some(session));
        Ok(asked)
    }

    /// The run as it is after an epoch, for `restore`.
    pub async fn state(&self) -> Result<Vec<u8>, JsError> {
        let session = self.take()?;
        let state = session.state(backend::CHECKPOINT_CONTENTS).await;
        self.0.replace(Some(session));
        Ok(state?)
    }

    /// Goes on from a state of the same run; throws if it is of another.
    pub fn restore(&self, state: &[u8]) -> Result<(), JsError> {
        let mut session = self.take()?;
        let restored = session.restore(state);
        self.0.replace(Some(session));
        Ok(restored?)
    }

    /// The classifier and the report, `{ weights, report }`, once the run is over.
    pub async fn finish(&self, date: String, command: String) -> Result<JsValue, JsError> {
        let session = self.take()?;
        let outcome = session.finish(&date, &command).await;
        self.0.replace(Some(session));
        let outcome = outcome?;
        to_js(&Outcome {
            weights: Uint8Array::from(&outcome.weights.to_bytes()?[..]),
            report: outcome.report,
        })
    }

    /// The session, which is away while a step runs.
    fn take(&self) -> Result<tonearm::training::session::Session, JsError> {
        let session = self.0.take();
        session.ok_or_else(|| JsError::new("a step of this run is still running"))
    }
}
