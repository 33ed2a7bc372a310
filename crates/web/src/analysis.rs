//! One track on its way through the network.

use std::cell::RefCell;

use js_sys::Uint8Array;
use serde::Serialize;
use tonearm::features::Spectrogram;
use tonearm::{Clip, Prediction};
use wasm_bindgen::prelude::*;

use crate::to_js;

/// Parts of the waveform's outline: finer than a screen can show.
const N_OUTLINE: usize = 8192;

/// The analysis of one track, a window at a time, or a few on a graphics card: the host yields between
/// steps, so that it can cancel and show progress.
#[wasm_bindgen]
pub struct Analysis {
    /// None while a step runs.
    inner: RefCell<Option<tonearm::Analysis>>,
    n_windows: usize,
    /// The clip's peaks, so that the clip itself need not be kept for its picture.
    outline: Clip,
}

/// What `finish` returns.
#[derive(Serialize)]
struct Answer {
    prediction: Prediction,
    spectrogram: Picture,
}

/// A `Spectrogram` whose data crosses as one typed array.
#[derive(Serialize)]
struct Picture {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: Uint8Array,
    n_columns: usize,
    n_mels: usize,
    edges_hz: Vec<f64>,
    seconds: f64,
}

impl Analysis {
    pub(crate) fn new(classifier: &tonearm::Classifier, clip: Clip) -> Result<Self, JsError> {
        let outline = Clip::new(clip.peaks(N_OUTLINE), clip.sample_rate())?;
        let inner = classifier.analysis(clip)?;
        Ok(Self {
            n_windows: inner.n_windows(),
            inner: RefCell::new(Some(inner)),
            outline,
        })
    }
}

#[wasm_bindgen]
impl Analysis {
    /// Number of windows.
    #[wasm_bindgen(getter)]
    pub fn n_windows(&self) -> usize {
        self.n_windows
    }

    /// Classifies the next windows; resolves to the part done, 0 to 1.
    ///
    /// Rejects if the device fails, or if a step is still running.
    pub async fn step(&self) -> Result<f64, JsError> {
        let inner = self.inner.take();
        let mut inner =
            inner.ok_or_else(|| JsError::new("a step of this track is still running"))?;
        let stepped = inner.step().await;
        let progress = inner.progress();
        self.inner.replace(Some(inner));
        stepped?;
        Ok(progress)
    }

    /// The largest magnitude in each of `n` equal parts of the track.
    pub fn peaks(&self, n: usize) -> Vec<f32> {
        self.outline.peaks(n)
    }

    /// The answer from the windows done so far, `{ prediction, spectrogram }`.
    ///
    /// Takes the analysis: JavaScript has nothing left to free.
    pub fn finish(self) -> Result<JsValue, JsError> {
        let inner = self.inner.into_inner();
        let inner = inner.ok_or_else(|| JsError::new("a step of this track is still running"))?;
        let (prediction, spectrogram) = inner.finish();
        let spectrogram = Picture::from(spectrogram);
        to_js(&Answer {
            prediction,
            spectrogram,
        })
    }
}

impl From<Spectrogram> for Picture {
    fn from(spectrogram: Spectrogram) -> Self {
        let Spectrogram {
            n_columns,
            n_mels,
            data,
            edges_hz,
            seconds,
        } = spectrogram;
        Self {
            data: Uint8Array::from(&data[..]),
            n_columns,
            n_mels,
            edges_hz,
            seconds,
        }
    }
}
