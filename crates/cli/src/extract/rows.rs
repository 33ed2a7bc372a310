//! From an audio file to the bytes of its row.

use std::path::Path;

use anyhow::{Result, ensure};
use half::f16;
use tonearm::features::{Extractor, FeatureConfig};

use super::scan::Source;
use crate::decode::decode;

/// One file's row, as it is stored: grey levels for mel, half-precision numbers for MFCC.
///
/// Mel levels are rounded to the nearest of 0 to 255. The MFCC row is the first piece, whose
/// loudness range is that of the whole window.
///
/// # Shapes
/// - returns `[n_mels][n_columns]` of one byte, or `[piece_frames][n_mfcc]` of two, little end first
///
/// # Errors
/// A sentence when the file cannot be decoded, is too short, or is silent.
pub fn compute(extractor: &mut Extractor, path: &Path) -> Result<Vec<u8>> {
    let config = extractor.config().clone();
    let clip = decode(path, Some(config.window_seconds()))?.clip;
    let mut track = extractor.open(clip)?;
    let window = extractor.window(&mut track, 0);
    ensure!(!window.silent, "the file is silent");

    let n_values = config.shape().iter().product();
    let values = window.features[..n_values].iter();
    Ok(match config {
        FeatureConfig::Mel(_) => values.map(|level| (level * 255.0).round() as u8).collect(),
        FeatureConfig::Mfcc(_) => values.flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect(),
    })
}

/// The table in the making.
pub struct Rows {
    n: usize,
}

impl Rows {
    pub fn new(_config: &FeatureConfig) -> Self {
        Self { n: 0 }
    }
    pub fn add(&mut self, _row: &[u8], _label: u8, _source: &Source) {
        self.n += 1;
    }
    pub fn len(&self) -> usize {
        self.n
    }
    pub fn into_npz(self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}
