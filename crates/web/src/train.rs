//! Bindings for projects and training; only in the training module.

use std::cell::{RefCell, RefMut};

use half::f16;
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use tonearm::training::project::{Effort, File, FileFeatures, RecipeName, Settings};
use tonearm::weights::Weights;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::to_js::{snake_case, to_js};
use crate::{Runtime, backend, clip_from_channels};

/// Features of one file, passed as typed arrays.
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

/// Computes the features of a file, `{ mel, mfcc, windows, fingerprint }`.
///
/// `channels` have equal length and values in -1..1, at `sample_rate` Hz. Throws if they are empty,
/// too short, too long or silent.
#[wasm_bindgen]
pub fn features(channels: Vec<Float32Array>, sample_rate: u32) -> Result<JsValue> {
    let features =
        tonearm::training::project::features(clip_from_channels(channels, sample_rate)?)?;
    Ok(to_js(&Features::from(features))?)
}

/// Default settings of a training method, for the effort `quick` or `better`.
#[wasm_bindgen]
pub fn settings(recipe: JsValue, effort: JsValue) -> Result<JsValue> {
    let recipe: RecipeName = serde_wasm_bindgen::from_value(recipe)?;
    let effort: Effort = serde_wasm_bindgen::from_value(effort)?;
    Ok(to_js(&Settings::new(recipe, effort))?)
}

/// Converts settings with camelCase names. The core reads snake_case names, as in a project's archive.
fn settings_from_js(settings: &JsValue) -> Result<Settings> {
    let renamed = Object::new();
    for entry in Object::entries(settings.unchecked_ref()) {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        Reflect::set(&renamed, &snake_case(&name).into(), &entry.get(1))
            .map_err(serde_wasm_bindgen::Error::from)?;
    }
    Ok(serde_wasm_bindgen::from_value(renamed.into())?)
}

/// Classes and files, with the features of every file.
#[wasm_bindgen]
pub struct Project(tonearm::training::project::Project);

/// Description of a table row, from the page.
#[derive(Deserialize)]
struct RowInfo {
    name: String,
    class: usize,
    artist: Option<String>,
}

/// Description of an audio file, from the page.
#[derive(Deserialize)]
struct FileInfo {
    name: String,
    class: usize,
    artist: Option<String>,
    seconds: f64,
}

#[wasm_bindgen]
impl Project {
    /// Creates a project without files.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, classes: Vec<String>) -> Project {
        Project(tonearm::training::project::Project::new(name, classes))
    }

    /// Reads a project from its archive. Throws if the archive is damaged or newer than this
    /// version.
    #[wasm_bindgen(js_name = fromZip)]
    pub fn from_zip(bytes: &[u8]) -> Result<Project> {
        Ok(Project(tonearm::training::project::Project::from_zip(
            bytes,
        )?))
    }

    /// Adds a file, `{ name, class, artist, seconds }`, with its features. Throws if another
    /// version computed different features.
    pub fn add(
        &mut self,
        file: JsValue,
        mel: Vec<u8>,
        mfcc: Vec<u8>,
        fingerprint: String,
    ) -> Result<()> {
        let file: FileInfo = serde_wasm_bindgen::from_value(file)?;
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

    /// Creates a table project without rows.
    #[wasm_bindgen(js_name = ofTable)]
    pub fn of_table(name: &str, classes: Vec<String>, columns: Vec<String>) -> Result<Project> {
        let project = tonearm::training::project::Project::of_table(name, classes, columns)?;
        Ok(Project(project))
    }

    /// Adds rows to a table: `{ name, class, artist }` of each, and their `values` in row-major
    /// order.
    #[wasm_bindgen(js_name = addRows)]
    pub fn add_rows(&mut self, rows: JsValue, values: &[f32]) -> Result<()> {
        let rows: Vec<RowInfo> = serde_wasm_bindgen::from_value(rows)?;
        let width = self.0.manifest.columns.as_ref().map_or(1, Vec::len);
        if values.len() != rows.len() * width {
            return Err(Error::PartialRow {
                expected: width,
                got: values.len(),
            });
        }
        for (row, values) in rows.into_iter().zip(values.chunks_exact(width)) {
            self.0.add_row(row.name, row.class, row.artist, values)?;
        }
        Ok(())
    }

    /// Values of the table in row-major order; empty for audio.
    pub fn table(&self) -> Vec<f32> {
        self.0.values().to_vec()
    }

    /// Manifest of the project: `{ name, classes, files, settings }` and more.
    #[wasm_bindgen(getter)]
    pub fn manifest(&self) -> Result<JsValue> {
        Ok(to_js(&self.0.manifest)?)
    }

    /// Features of one file, `{ mel, mfcc, windows, fingerprint }`.
    pub fn features(&self, file: usize) -> Result<JsValue> {
        if file >= self.0.manifest.files.len() {
            return Err(Error::UnknownFile { got: file });
        }
        Ok(to_js(&Features::from(self.0.features(file)))?)
    }

    /// Bytes of the weights file trained on the project, if there is one.
    #[wasm_bindgen(getter)]
    pub fn weights(&self) -> Option<Vec<u8>> {
        self.0.weights.clone()
    }

    /// Serialises to an archive, with the training settings and the trained weights.
    pub fn zip(&mut self, settings: &JsValue, weights: Option<Vec<u8>>) -> Result<Vec<u8>> {
        self.0.manifest.settings = match settings.is_null() {
            true => None,
            false => Some(settings_from_js(settings)?),
        };
        self.0.weights = weights;
        Ok(self.0.to_zip()?)
    }
}

/// A training run. The host yields between steps.
#[wasm_bindgen]
pub struct Session(RefCell<tonearm::training::session::Session>);

/// Value that `finish` resolves to.
#[derive(Serialize)]
struct Outcome {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    weights: Uint8Array,
    report: tonearm::training::session::Report,
}

#[wasm_bindgen]
impl Runtime {
    /// Plans a run on a project. `base` is the weights file whose CNN is the backbone.
    pub fn session(&self, project: &Project, settings: &JsValue, base: &[u8]) -> Result<Session> {
        let settings = settings_from_js(settings)?;
        let base = Weights::read(base)?;
        let session =
            tonearm::training::session::Session::new(&project.0, settings, &base, &self.0)?;
        Ok(Session(RefCell::new(session)))
    }
}

// The borrow of a step ends with its future, so that a dropped step leaves the session usable. Other
// calls meanwhile are refused with an error by `borrow`.
#[expect(clippy::await_holding_refcell_ref, reason = "every borrow is tried")]
#[wasm_bindgen]
impl Session {
    /// Does the next small step of work; resolves to its description.
    pub async fn step(&self) -> Result<JsValue> {
        Ok(to_js(&self.borrow()?.step().await?)?)
    }

    /// Stops the run after some more steps and keeps its best epoch. Returns false, without effect,
    /// if the current fit has no epoch that has ended.
    pub fn stop(&self) -> Result<bool> {
        Ok(self.borrow()?.stop())
    }

    /// Saves a checkpoint after an epoch, for `restore`.
    pub async fn state(&self) -> Result<Vec<u8>> {
        let session = self.borrow()?;
        Ok(session.checkpoint(backend::CHECKPOINT_CONTENTS).await?)
    }

    /// Restores a checkpoint of the same run; throws if it is damaged or of another run.
    pub fn restore(&self, checkpoint: &[u8]) -> Result<()> {
        Ok(self.borrow()?.restore(checkpoint)?)
    }

    /// Classifier and report of a finished run, `{ weights, report }`.
    pub async fn finish(&self, date: String, command: String) -> Result<JsValue> {
        let outcome = self.borrow()?.finish(&date, &command).await?;
        Ok(to_js(&Outcome {
            weights: Uint8Array::from(&outcome.weights.to_bytes()?[..]),
            report: outcome.report,
        })?)
    }

    /// Borrows the session, unless another call is still running.
    fn borrow(&self) -> Result<RefMut<'_, tonearm::training::session::Session>> {
        self.0.try_borrow_mut().map_err(|_| Error::Busy)
    }
}
