//! Mel filter bank, mel spectrograms and decibels.

use std::f32::consts::LOG10_E;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wide::f32x8;

use crate::clip::SAMPLE_RATES;
use crate::simd::{self, dot, largest};
use crate::stft::{Stft, StftConfig};
use crate::{ConfigError, Result};

/// Smallest power that is distinguished from silence: -100 dB.
const MIN_POWER: f32 = 1e-10;

/// Settings of a mel spectrogram.
///
/// The defaults give the same bands as
/// `librosa.filters.mel(sr=22050, n_fft=2048, n_mels=128)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MelConfig {
    /// Sample rate of the clip, in Hz; 1 000 to 768 000. Default: 22 050.
    pub sample_rate: u32,
    /// Window and FFT length, in samples; even, 2 to 65 536. Default: 2048 (93 ms).
    pub n_fft: usize,
    /// Hop length, in samples; 1 to 65 536. Default: 512 (23 ms).
    pub hop: usize,
    /// Number of mel bands; 1 to 1024. Default: 128.
    pub n_mels: usize,
    /// Lower edge of the lowest band, in Hz. Default: 0.
    pub f_min: f64,
    /// Upper edge of the highest band, in Hz; at least 1 Hz above `f_min`, at most half of
    /// `sample_rate`. Default: 11 025.
    pub f_max: f64,
}

impl Default for MelConfig {
    fn default() -> Self {
        Self {
            sample_rate: 22_050,
            n_fft: 2048,
            hop: 512,
            n_mels: 128,
            f_min: 0.0,
            f_max: 11_025.0,
        }
    }
}

impl MelConfig {
    /// Returns the number of FFT bins of a real signal: `n_fft / 2 + 1`.
    pub fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Returns the settings of the STFT.
    pub fn stft(&self) -> StftConfig {
        StftConfig {
            n_fft: self.n_fft,
            hop: self.hop,
        }
    }

    /// Checks every field against its documented range.
    ///
    /// # Errors
    /// [`ConfigError`], naming the first field out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let nyquist = f64::from(self.sample_rate) / 2.0;
        let fail = |field, rule, got| Err(ConfigError { field, rule, got });

        if !SAMPLE_RATES.contains(&self.sample_rate) {
            let got = f64::from(self.sample_rate);
            return fail("sample_rate", "in 1000..=768000", got);
        }
        self.stft().validate()?;
        if !(1..=1024).contains(&self.n_mels) {
            return fail("n_mels", "in 1..=1024", self.n_mels as f64);
        }
        if !(0.0..nyquist).contains(&self.f_min) {
            return fail("f_min", "in 0..sample_rate/2", self.f_min);
        }
        if !(self.f_max >= self.f_min + 1.0 && self.f_max <= nyquist) {
            let rule = "at least 1 above f_min and at most sample_rate/2";
            return fail("f_max", rule, self.f_max);
        }
        Ok(())
    }
}

/// Computes the weights that sum a power spectrum into mel bands.
///
/// The triangular filters are evenly spaced on the Slaney mel scale and scaled to unit area, so that
/// a band's value does not grow with its width.
///
/// # Shapes
/// - returns `[n_mels][n_bins]`, row-major, one row per band
///
/// # Units
/// Band edges are in Hz; the weights are in 1/Hz.
///
/// # Errors
/// [`ConfigError`] if `config` is out of range.
///
/// # Source
/// Slaney, *Auditory Toolbox*, Interval Research TR 1998-010. Equal to
/// `librosa.filters.mel(htk=False, norm="slaney")` (librosa 0.11); the golden test allows an error of
/// 1e-9 per weight.
pub fn mel_filter_bank(config: &MelConfig) -> Result<Vec<f32>, ConfigError> {
    config.validate()?;

    let bin_hz = f64::from(config.sample_rate) / config.n_fft as f64;
    let edges = mel_edges(config);

    let mut weights = Vec::with_capacity(config.n_mels * config.n_bins());
    for band in edges.windows(3) {
        let (low, centre, high) = (band[0], band[1], band[2]);
        let area = 2.0 / (high - low);
        for bin in 0..config.n_bins() {
            let hz = bin as f64 * bin_hz;
            let rise = (hz - low) / (centre - low);
            let fall = (high - hz) / (high - centre);
            weights.push((rise.min(fall).max(0.0) * area) as f32);
        }
    }
    Ok(weights)
}

/// Returns the band edges in Hz, in ascending order.
///
/// Band `i` spans `edges[i]..edges[i + 2]` and peaks at `edges[i + 1]`.
///
/// # Shapes
/// - returns `[n_mels + 2]`
pub fn mel_edges(config: &MelConfig) -> Vec<f64> {
    let (low, high) = (hz_to_mel(config.f_min), hz_to_mel(config.f_max));
    let step = (high - low) / (config.n_mels + 1) as f64;
    (0..config.n_mels + 2)
        .map(|i| mel_to_hz(low + step * i as f64))
        .collect()
}

/// Slope of the linear part of the Slaney scale, below 1 kHz, in Hz per mel.
const HZ_PER_MEL: f64 = 200.0 / 3.0;

/// Start of the logarithmic part of the scale, in Hz.
const LOG_START_HZ: f64 = 1000.0;

/// Increase of the natural logarithm of the frequency per mel, above 1 kHz: 27 mels are a factor of 6.4.
fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < LOG_START_HZ {
        hz / HZ_PER_MEL
    } else {
        LOG_START_HZ / HZ_PER_MEL + (hz / LOG_START_HZ).ln() / log_step()
    }
}

fn mel_to_hz(mel: f64) -> f64 {
    let log_start = LOG_START_HZ / HZ_PER_MEL;
    if mel < log_start {
        mel * HZ_PER_MEL
    } else {
        LOG_START_HZ * ((mel - log_start) * log_step()).exp()
    }
}

/// A sparse [`mel_filter_bank`]: with the default settings, 98 % of the weights are zero.
///
/// Clones share the weights.
#[derive(Clone, Debug)]
pub struct MelBank {
    bands: Arc<[Band]>, // [n_mels]
}

/// One triangular filter: the bins that it covers, and their weights.
#[derive(Debug)]
struct Band {
    first_bin: usize,
    weights: Vec<f32>,
}

impl MelBank {
    /// Computes the filter bank.
    ///
    /// # Errors
    /// [`ConfigError`] if `config` is out of range.
    pub fn new(config: &MelConfig) -> Result<Self, ConfigError> {
        let dense = mel_filter_bank(config)?;
        let bands = dense.chunks_exact(config.n_bins()).map(Band::new).collect();
        Ok(Self { bands })
    }

    /// Sums one power spectrum into bands.
    ///
    /// # Shapes
    /// - `power`: `[n_bins]`
    /// - `out`: `[n_mels]`
    ///
    /// # Panics
    /// If `power` has fewer than `n_bins` elements, or `out` fewer than `n_mels`.
    pub fn apply(&self, power: &[f32], out: &mut [f32]) {
        for (out, band) in out[..self.bands.len()].iter_mut().zip(&*self.bands) {
            let bins = band.first_bin..band.first_bin + band.weights.len();
            *out = dot(&power[bins], &band.weights);
        }
    }
}

impl Band {
    /// Trims the zeros on both sides of a row of the filter bank.
    fn new(row: &[f32]) -> Self {
        let first_bin = row.iter().position(|w| *w > 0.0).unwrap_or(0);
        let end = row
            .iter()
            .rposition(|w| *w > 0.0)
            .map_or(0, |last| last + 1);
        Self {
            first_bin,
            weights: row[first_bin..end].to_vec(),
        }
    }
}

/// A mel power spectrogram, computed frame by frame without allocating.
///
/// Clones share the FFT plan and the filter bank.
#[derive(Clone, Debug)]
pub struct MelSpectrogram {
    stft: Stft,
    bank: MelBank,
    power: Vec<f32>, // [n_bins]
}

impl MelSpectrogram {
    /// Plans the FFT and computes the filter bank.
    ///
    /// # Errors
    /// [`ConfigError`] if `config` is out of range.
    pub fn new(config: &MelConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            bank: MelBank::new(config)?,
            stft: Stft::new(&config.stft())?,
            power: vec![0.0; config.n_bins()],
        })
    }

    /// Returns the number of frames of a signal: `1 + n_samples / hop`.
    pub fn n_frames(&self, n_samples: usize) -> usize {
        self.stft.n_frames(n_samples)
    }

    /// Writes the mel power spectrum of one frame, which is centred on sample `frame * hop`.
    ///
    /// # Shapes
    /// - `samples`: `[n_samples]`, the whole signal
    /// - `out`: `[n_mels]`
    ///
    /// # Panics
    /// If `out` has fewer than `n_mels` elements.
    pub fn frame(&mut self, samples: &[f32], frame: usize, out: &mut [f32]) {
        self.stft.power(samples, frame, &mut self.power);
        self.bank.apply(&self.power, out);
    }
}

/// Converts powers to decibels relative to `reference`, in place.
///
/// Values more than `top_db` below the maximum of the slice are raised to that level.
///
/// # Units
/// `power` holds powers before the call and dB after it; `reference` is a power.
///
/// # Source
/// Equal to `librosa.power_to_db(S, ref=reference, top_db=top_db)` (librosa 0.11, `amin=1e-10`); the
/// golden test of whole log-mel spectrograms allows an error of 5e-3 dB, which occurs near the floor.
pub fn power_to_db(power: &mut [f32], reference: f32, top_db: f32) {
    decibels_in_place(power);
    let reference_db = decibels(reference);
    let floor = f32x8::splat(largest(power) - top_db);
    simd::map_in_place(power, |db| db.fast_max(floor) - reference_db);
}

/// Replaces each power by `10 log10(power)`, but not below -100 dB.
pub fn decibels_in_place(power: &mut [f32]) {
    simd::map_in_place(power, |power| {
        10.0 * LOG10_E * power.fast_max(f32x8::splat(MIN_POWER)).ln()
    });
}

/// Returns a power in decibels, at least -100 dB.
pub fn decibels(power: f32) -> f32 {
    let mut db = [power];
    decibels_in_place(&mut db);
    db[0]
}
