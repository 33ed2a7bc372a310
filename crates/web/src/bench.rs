//! Single stages of the feature extraction; only in the benchmark's module.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};
use tonearm::Clip;
use tonearm::dsp::resample;
use tonearm::dsp::{Dct, mfcc};
use tonearm::dsp::{MelConfig, MelSpectrogram};
use wasm_bindgen::prelude::*;

use crate::error::Result;

/// A clip with the planned stages of its feature extraction.
///
/// Each stage computes all frames and returns one number that depends on the result, so that the
/// compiler cannot remove it.
#[wasm_bindgen]
pub struct Stages {
    samples: Vec<f32>,
    config: MelConfig,
    fft: Arc<dyn RealToComplex<f32>>,
    mel: MelSpectrogram,
    dct: Dct,
}

#[wasm_bindgen]
impl Stages {
    /// Plans the stages for a clip at `sample_rate` Hz: frames of 2048 samples with a hop of 512,
    /// `n_mels` bands and `n_mfcc` coefficients.
    #[wasm_bindgen(constructor)]
    pub fn new(
        samples: Vec<f32>,
        sample_rate: u32,
        n_mels: usize,
        n_mfcc: usize,
    ) -> Result<Stages> {
        let config = MelConfig {
            sample_rate,
            n_mels,
            f_max: f64::from(sample_rate) / 2.0,
            ..MelConfig::default()
        };
        Ok(Self {
            samples,
            fft: RealFftPlanner::new().plan_fft_forward(config.n_fft),
            mel: MelSpectrogram::new(&config).map_err(tonearm::Error::from)?,
            dct: Dct::new(n_mfcc, n_mels).map_err(tonearm::Error::from)?,
            config,
        })
    }

    /// Number of frames.
    #[wasm_bindgen(getter, js_name = nFrames)]
    pub fn n_frames(&self) -> usize {
        self.mel.n_frames(self.samples.len())
    }

    /// Computes only the FFTs of all frames, without windowing and power.
    pub fn ffts(&self) -> f32 {
        let mut frame = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let last_start = self.samples.len() - self.config.n_fft;
        let mut sum = 0.0;
        for index in 0..self.n_frames() {
            let start = (index * self.config.hop).min(last_start);
            frame.copy_from_slice(&self.samples[start..start + self.config.n_fft]);
            self.fft
                .process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                .expect("the buffers were made by this plan");
            sum += spectrum[1].re;
        }
        sum
    }

    /// Computes the mel power spectrogram.
    pub fn mel(&mut self) -> f32 {
        self.power().iter().sum()
    }

    /// Computes the MFCCs from the samples.
    pub fn mfcc(&mut self) -> f32 {
        let mut power = self.power();
        mfcc(&mut power, &self.dct, 80.0).iter().sum()
    }

    /// Resamples the clip to 22.05 kHz.
    pub fn resample(&self) -> Result<f32> {
        let clip = Clip::new(self.samples.clone(), self.config.sample_rate)?;
        Ok(resample(clip, 22_050)?.samples()[0])
    }

    /// Mel power spectrogram: `[n_frames][n_mels]`
    fn power(&mut self) -> Vec<f32> {
        let n_mels = self.config.n_mels;
        let mut power = vec![0.0; self.n_frames() * n_mels];
        for (index, out) in power.chunks_exact_mut(n_mels).enumerate() {
            self.mel.frame(&self.samples, index, out);
        }
        power
    }
}
