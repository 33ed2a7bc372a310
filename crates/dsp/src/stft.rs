//! Short-time Fourier transform.

use std::f64::consts::TAU;
use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use serde::{Deserialize, Serialize};

use crate::{ConfigError, Result};

/// Maximum FFT and hop length, in samples; it bounds the memory that a configuration can claim.
const MAX_N_FFT: usize = 65_536;

/// Settings of a short-time Fourier transform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StftConfig {
    /// Window and FFT length, in samples; even, 2 to 65 536. Default: 2048.
    pub n_fft: usize,
    /// Hop length, in samples; 1 to 65 536. Default: 512.
    pub hop: usize,
}

impl Default for StftConfig {
    fn default() -> Self {
        Self {
            n_fft: 2048,
            hop: 512,
        }
    }
}

impl StftConfig {
    /// Returns the number of FFT bins of a real signal: `n_fft / 2 + 1`.
    pub fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Returns the number of centred frames of a signal: `1 + n_samples / hop`.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        1 + n_samples / self.hop
    }

    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`ConfigError`], naming the first field out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let fail = |field, rule, got: usize| {
            let got = got as f64;
            Err(ConfigError { field, rule, got })
        };
        if !(2..=MAX_N_FFT).contains(&self.n_fft) || !self.n_fft.is_multiple_of(2) {
            return fail("n_fft", "even and in 2..=65536", self.n_fft);
        }
        if !(1..=MAX_N_FFT).contains(&self.hop) {
            return fail("hop", "in 1..=65536", self.hop);
        }
        Ok(())
    }
}

/// A planned short-time Fourier transform that computes frames without allocating.
///
/// Clones share the plan and the window.
#[derive(Clone)]
pub struct Stft {
    config: StftConfig,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Arc<[f32]>,          // [n_fft]
    frame: Vec<f32>,             // [n_fft]
    spectrum: Vec<Complex<f32>>, // [n_bins]
    scratch: Vec<Complex<f32>>,
}

impl Stft {
    /// Plans the FFT and computes the window.
    ///
    /// # Errors
    /// [`ConfigError`] if `config` is out of range.
    pub fn new(config: &StftConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let fft = RealFftPlanner::new().plan_fft_forward(config.n_fft);
        Ok(Self {
            window: hann(config.n_fft).into(),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            config: config.clone(),
        })
    }

    /// Returns the number of FFT bins of a real signal: `n_fft / 2 + 1`.
    pub fn n_bins(&self) -> usize {
        self.config.n_bins()
    }

    /// Returns the number of centred frames of a signal: `1 + n_samples / hop`.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        self.config.n_frames(n_samples)
    }

    /// Writes the power spectrum of one frame, `|X|^2`.
    ///
    /// Frame `t` is centred on sample `t * hop`; the signal is zero-padded on both sides.
    ///
    /// # Shapes
    /// - `samples`: `[n_samples]`, the whole signal
    /// - `out`: `[n_bins]`
    ///
    /// # Source
    /// Equal to `abs(librosa.stft(y, n_fft, hop_length))**2` (librosa 0.11: periodic Hann window,
    /// centred, zero-padded); the golden test allows an error of 1e-6 of the largest power among the
    /// frames of a signal.
    ///
    /// # Panics
    /// If `out` does not have `n_bins` elements.
    pub fn power(&mut self, samples: &[f32], frame: usize, out: &mut [f32]) {
        assert_eq!(out.len(), self.n_bins(), "`out` must have n_bins elements");
        self.fill_frame(samples, frame);
        self.fft
            .process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch)
            .expect("the buffers were made by this plan");
        for (power, bin) in out.iter_mut().zip(&self.spectrum) {
            *power = bin.re * bin.re + bin.im * bin.im;
        }
    }

    /// Fills `self.frame` with the windowed samples around the frame's centre.
    fn fill_frame(&mut self, samples: &[f32], frame: usize) {
        let (n_fft, half) = (self.config.n_fft, self.config.n_fft / 2);
        let centre = frame.saturating_mul(self.config.hop);
        // `first..end` are the positions inside the signal; the others are padding.
        let first = half.saturating_sub(centre);
        let start = centre.saturating_sub(half).min(samples.len());
        let covered = &samples[start..samples.len().min(start + n_fft - first)];
        let end = first + covered.len();

        self.frame[..first].fill(0.0);
        self.frame[end..].fill(0.0);
        let inside = self.frame[first..end].iter_mut();
        for ((x, sample), weight) in inside.zip(covered).zip(&self.window[first..end]) {
            *x = sample * weight;
        }
    }
}

impl fmt::Debug for Stft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stft")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Returns the periodic Hann window of `n` samples.
///
/// # Source
/// Equal to `scipy.signal.get_window("hann", n, fftbins=True)`; the golden test allows an error of
/// 1e-7.
pub fn hann(n: usize) -> Vec<f32> {
    (0..n)
        .map(|i| (0.5 - 0.5 * (TAU * i as f64 / n as f64).cos()) as f32)
        .collect()
}
