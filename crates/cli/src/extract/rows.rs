//! Computes the row of an audio file, and writes rows to an `.npz` archive.

use std::io::{Seek, Write};
use std::path::Path;

use anyhow::{Result, ensure};
use half::f16;
use npyz::{DType, WriterBuilder};
use tonearm::features::{Extractor, FeatureConfig};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::journal::Journal;
use super::scan::Source;
use crate::clock::Clock;
use crate::input::decode::decode;

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

/// The rows of an archive. Their features are in the journal.
#[derive(Default)]
pub struct Rows {
    keys: Vec<u64>,
    y: Vec<u8>,
    track_id: Vec<i32>,
    artist_id: Vec<i32>,
}

impl Rows {
    /// Adds the row with this key in the journal.
    pub fn add(&mut self, key: u64, label: u8, source: &Source) {
        self.keys.push(key);
        self.y.push(label);
        self.track_id.push(source.track_id);
        self.artist_id.push(source.artist_id);
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
        let n = self.len() as u64;
        let [height, width] = config.shape().map(|length| length as u64);
        let dtype = match config {
            FeatureConfig::Mel(_) => "|u1",
            FeatureConfig::Mfcc(_) => "<f2",
        };
        let mut zip = ZipWriter::new(file);
        start_array(&mut zip, "x", dtype, &[n, height, width])?;
        for &key in &self.keys {
            zip.write_all(&journal.row(key)?)?;
        }
        start_array(&mut zip, "y", "|u1", &[n])?;
        zip.write_all(&self.y)?;
        for (name, ids) in [("track_id", &self.track_id), ("artist_id", &self.artist_id)] {
            start_array(&mut zip, name, "<i4", &[n])?;
            let bytes: Vec<u8> = ids.iter().copied().flat_map(i32::to_le_bytes).collect();
            zip.write_all(&bytes)?;
        }
        zip.finish()?;
        Ok(())
    }
}

/// Starts an array of an `.npz` archive; the caller then writes its values, little-endian.
fn start_array(
    zip: &mut ZipWriter<impl Write + Seek>,
    name: &str,
    dtype: &str,
    shape: &[u64],
) -> Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true);
    zip.start_file(format!("{name}.npy"), options)?;
    npyz::WriteOptions::new_header_only()
        .dtype(DType::new_scalar(
            dtype.parse().expect("NumPy has this type"),
        ))
        .shape(shape)
        .writer(zip)
        .write_header_only()?;
    Ok(())
}
