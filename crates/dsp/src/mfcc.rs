//! Mel-frequency cepstral coefficients (MFCCs).

use std::f64::consts::PI;
use std::sync::Arc;

use wide::f32x8;

use crate::mel::decibels_in_place;
use crate::simd::{self, dot, largest};
use crate::{ConfigError, Result};

/// The first rows of the orthonormal DCT-II matrix. Clones share it.
#[derive(Clone, Debug)]
pub struct Dct {
    rows: Arc<[f32]>, // [n_mfcc][n_mels]
    n_mels: usize,
}

impl Dct {
    /// Computes the matrix that maps `n_mels` values to the first `n_mfcc` coefficients.
    ///
    /// # Errors
    /// [`ConfigError`] if `n_mfcc` is 0 or above `n_mels`.
    pub fn new(n_mfcc: usize, n_mels: usize) -> Result<Self, ConfigError> {
        if n_mfcc == 0 || n_mfcc > n_mels {
            return Err(ConfigError {
                field: "n_mfcc",
                rule: "at least 1 and at most n_mels",
                got: n_mfcc as f64,
            });
        }
        let rows = (0..n_mfcc)
            .flat_map(|k| (0..n_mels).map(move |i| dct_weight(k, i, n_mels) as f32))
            .collect();
        Ok(Self { rows, n_mels })
    }

    /// Transforms one frame.
    ///
    /// # Shapes
    /// - `values`: `[n_mels]`
    /// - `out`: `[n_mfcc]`
    ///
    /// # Source
    /// Equal to `scipy.fft.dct(values, type=2, norm="ortho")[:n_mfcc]`; the golden test of [`mfcc`] covers
    /// it.
    pub fn apply(&self, values: &[f32], out: &mut [f32]) {
        for (out, row) in out.iter_mut().zip(self.rows.chunks_exact(self.n_mels)) {
            *out = dot(values, row);
        }
    }

    /// Returns the number of coefficients.
    pub fn n_mfcc(&self) -> usize {
        self.rows.len() / self.n_mels
    }
}

/// Returns the weight of value `i` of `n` in coefficient `k`.
fn dct_weight(k: usize, i: usize, n: usize) -> f64 {
    let scale = if k == 0 { 1.0 } else { 2.0 };
    let angle = PI * k as f64 * (2 * i + 1) as f64 / (2 * n) as f64;
    (scale / n as f64).sqrt() * angle.cos()
}

/// Computes the MFCCs of every frame of a clip.
///
/// # Shapes
/// - `mel_power`: `[n_frames][n_mels]`, overwritten with decibels
/// - returns `[n_frames][n_mfcc]`
///
/// # Source
/// Equal to `librosa.feature.mfcc` (librosa 0.11: dB relative to 1, floor `top_db` below the clip's
/// maximum, orthonormal DCT-II); the golden test allows an error of 3e-6 of the clip's largest
/// coefficient.
pub fn mfcc(mel_power: &mut [f32], dct: &Dct, top_db: f32) -> Vec<f32> {
    decibels_in_place(mel_power);
    mfcc_from_decibels(mel_power, dct, top_db)
}

/// Computes the MFCCs of every frame of a clip from decibels.
///
/// # Shapes
/// - `mel_db`: `[n_frames][n_mels]`
/// - returns `[n_frames][n_mfcc]`
pub fn mfcc_from_decibels(mel_db: &[f32], dct: &Dct, top_db: f32) -> Vec<f32> {
    let floor = f32x8::splat(largest(mel_db) - top_db);
    let frames = mel_db.chunks_exact(dct.n_mels);
    let mut coefficients = vec![0.0; frames.len() * dct.n_mfcc()];
    let mut values = vec![0.0; dct.n_mels];
    for (frame, out) in frames.zip(coefficients.chunks_exact_mut(dct.n_mfcc())) {
        values.copy_from_slice(frame);
        simd::map_in_place(&mut values, |db| db.fast_max(floor));
        dct.apply(&values, out);
    }
    coefficients
}
