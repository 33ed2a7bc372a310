//! Analysis of one track.

use std::cell::RefCell;

use js_sys::Uint8Array;
use serde::Serialize;
use tonearm::features::Spectrogram;
use tonearm::{Clip, Prediction};
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::to_js::to_js;

/// Number of parts of the stored waveform outline; more than a screen can show.
const N_OUTLINE: usize = 8192;

/// Analysis of one track, a window at a time, or a batch on a GPU. The host yields between steps,
/// so that it can cancel and show progress.
#[wasm_bindgen]
pub struct Analysis {
    /// `None` while a step runs.
    inner: RefCell<Option<tonearm::Analysis>>,
    n_windows: usize,
    /// Peaks of the clip, so that the clip itself need not be kept for drawing the waveform.
    outline: Clip,
}

/// Return value of `finish`.
#[derive(Serialize)]
struct FinishedAnalysis {
    prediction: Prediction,
    /// `null` unless it was requested.
    spectrogram: Option<SpectrogramData>,
}

/// A `Spectrogram` whose data is passed as one typed array.
#[derive(Serialize)]
struct SpectrogramData {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: Uint8Array,
    n_columns: usize,
    n_mels: usize,
    edges_hz: Vec<f64>,
    seconds: f64,
}

impl Analysis {
    pub(crate) fn new(
        classifier: &tonearm::Classifier,
        clip: Clip,
        with_spectrogram: bool,
    ) -> Result<Self> {
        let outline = Clip::new(clip.peaks(N_OUTLINE), clip.sample_rate())?;
        let inner = match with_spectrogram {
            true => classifier.analysis_with_spectrogram(clip),
            false => classifier.analysis(clip),
        }?;
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
    #[wasm_bindgen(getter, js_name = nWindows)]
    pub fn n_windows(&self) -> usize {
        self.n_windows
    }

    /// Classifies the next batch of windows; resolves to the progress, in 0..=1.
    ///
    /// Rejects if the device fails, or if another step is still running.
    pub async fn step(&self) -> Result<f64> {
        let inner = self.inner.take();
        let mut inner = inner.ok_or(Error::Busy)?;
        let stepped = inner.step().await;
        let progress = inner.progress();
        self.inner.replace(Some(inner));
        stepped?;
        Ok(progress)
    }

    /// Largest magnitude in each of `n` equal parts of the track.
    pub fn peaks(&self, n: usize) -> Vec<f32> {
        self.outline.peaks(n)
    }

    /// Prediction from the windows done so far, `{ prediction, spectrogram }`.
    ///
    /// Consumes the analysis, so JavaScript has nothing to free.
    pub fn finish(self) -> Result<JsValue> {
        let inner = self.inner.into_inner();
        let inner = inner.ok_or(Error::Busy)?;
        let (prediction, spectrogram) = inner.finish();
        Ok(to_js(&FinishedAnalysis {
            prediction,
            spectrogram: spectrogram.map(SpectrogramData::from),
        })?)
    }
}

impl From<Spectrogram> for SpectrogramData {
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
