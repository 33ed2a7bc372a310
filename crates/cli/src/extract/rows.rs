//! Computes the row of an audio file, and writes rows to an `.npz` archive.

use std::io::{Seek, Write};
use std::path::Path;

use anyhow::Result;
use half::f16;
use tonearm::data::NpzWriter;
use tonearm::features::{Extractor, FeatureConfig};

use super::journal::Journal;
use super::scan::Source;
use crate::clock::Clock;
use crate::input::decode::decode;

/// The error for a file without sound.
#[derive(Debug)]
pub struct Silent;

impl std::fmt::Display for Silent {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the file is silent")
    }
}

impl std::error::Error for Silent {}

/// Computes the row of an audio file, as it is stored: bytes for mel features, half-precision numbers for
/// MFCCs.
///
/// Mel levels are rounded to 0..=255. The MFCC row is the first segment of the window, scaled by the loudness
/// range of the whole window.
///
/// # Shapes
/// - returns `[n_mels][n_columns]` with one byte per value, or `[segment_frames][n_mfcc]` with two,
///   little-endian
///
/// # Errors
/// If the file cannot be decoded, is too short, or is silent.
pub fn compute(extractor: &mut Extractor, path: &Path, clock: &Clock) -> Result<Vec<u8>> {
    let config = extractor.config().clone();
    let clip = clock
        .decoding(|| decode(path, Some(config.window_seconds())))?
        .clip;
    let window = clock.rest(|| {
        let mut track = extractor.open(clip)?;
        anyhow::Ok(extractor.window(&mut track, 0))
    })?;
    if window.silent {
        return Err(Silent.into());
    }

    let n_values = config.shape().iter().product();
    let values = window.features[..n_values].iter();
    Ok(match config {
        FeatureConfig::Mel(_) => values.map(|level| (level * 255.0).round() as u8).collect(),
        FeatureConfig::Mfcc(_) => values
            .flat_map(|value| f16::from_f32(*value).to_le_bytes())
            .collect(),
    })
}

/// The rows of an archive. Their features are in the journal.
#[derive(Default)]
pub struct Rows {
    keys: Vec<u64>,
    y: Vec<u8>,
    track_id: Vec<i32>,
    artist_id: Vec<i32>,
    paths: Vec<String>,
}

impl Rows {
    /// Adds the row with this key in the journal.
    pub fn add(&mut self, key: u64, label: u8, source: &Source) {
        self.keys.push(key);
        self.y.push(label);
        self.track_id.push(source.track_id);
        self.artist_id.push(source.artist_id);
        self.paths.push(source.name.clone());
    }

    /// Number of rows so far.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Writes the archive in the layout of [`tonearm::data`], with one row in memory at a time.
    ///
    /// # Errors
    /// If the journal lacks a row, or the file cannot be written.
    pub fn write(
        &self,
        file: impl Write + Seek,
        config: &FeatureConfig,
        journal: &mut Journal,
    ) -> Result<()> {
        let [height, width] = config.shape();
        let dtype = match config {
            FeatureConfig::Mel(_) => "|u1",
            FeatureConfig::Mfcc(_) => "<f2",
        };
        let mut npz = NpzWriter::new(file);
        let mut x = npz.start_array("x", dtype, &[self.len(), height, width])?;
        for &key in &self.keys {
            x.write_all(&journal.row(key)?)?;
        }
        x.flush()?;
        drop(x);
        npz.rows(&self.y, &self.track_id, &self.artist_id, Some(&self.paths))?;
        npz.finish()?;
        Ok(())
    }
}
