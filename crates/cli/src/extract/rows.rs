//! From an audio file to the bytes of its row.

use std::path::Path;

use anyhow::{Result, ensure};
use half::f16;
use tonearm::dataset::{Dataset, Values};
use tonearm::features::{Extractor, FeatureConfig};

use super::scan::Source;
use crate::clock::Clock;
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
pub fn compute(extractor: &mut Extractor, path: &Path, clock: &Clock) -> Result<Vec<u8>> {
    let config = extractor.config().clone();
    let clip = clock
        .decoding(|| decode(path, Some(config.window_seconds())))?
        .clip;
    let window = clock.rest(|| {
        let mut track = extractor.open(clip)?;
        anyhow::Ok(extractor.window(&mut track, 0))
    })?;
    ensure!(!window.silent, "the file is silent");

    let n_values = config.shape().iter().product();
    let values = window.features[..n_values].iter();
    Ok(match config {
        FeatureConfig::Mel(_) => values.map(|level| (level * 255.0).round() as u8).collect(),
        FeatureConfig::Mfcc(_) => values
            .flat_map(|value| f16::from_f32(*value).to_le_bytes())
            .collect(),
    })
}

/// The table in the making.
pub struct Rows {
    config: FeatureConfig,
    x: Vec<u8>,
    y: Vec<u8>,
    track_id: Vec<i32>,
    artist_id: Vec<i32>,
}

impl Rows {
    /// No rows yet.
    pub fn new(config: &FeatureConfig) -> Self {
        Self {
            config: config.clone(),
            x: Vec::new(),
            y: Vec::new(),
            track_id: Vec::new(),
            artist_id: Vec::new(),
        }
    }

    /// Adds what [`compute`] gave for a file.
    pub fn add(&mut self, row: &[u8], label: u8, source: &Source) {
        self.x.extend(row);
        self.y.push(label);
        self.track_id.push(source.track_id);
        self.artist_id.push(source.artist_id);
    }

    /// Number of rows so far.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// The table, ready to be written.
    ///
    /// # Errors
    /// If a row is not of the size that the features have.
    pub fn into_dataset(self) -> Result<Dataset> {
        let values = match self.config {
            FeatureConfig::Mel(_) => Values::Grey(self.x),
            FeatureConfig::Mfcc(_) => {
                let (pairs, _) = self.x.as_chunks();
                Values::Half(pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect())
            }
        };
        Ok(Dataset::new(
            values,
            self.config.shape(),
            self.y,
            self.track_id,
            self.artist_id,
        )?)
    }
}
