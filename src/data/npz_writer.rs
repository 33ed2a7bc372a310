//! Writes `.npz` archives array by array.

use std::io::{BufWriter, Seek, Write};

use npyz::{DType, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::Cause;
use crate::{Error, Result};

/// Writer of an archive that [`Dataset::from_npz`](super::Dataset::from_npz) and `numpy.load` read. It does
/// not hold the arrays in memory.
pub struct NpzWriter<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> NpzWriter<W> {
    /// Starts an archive.
    pub fn new(file: W) -> Self {
        Self(ZipWriter::new(file))
    }

    /// Starts an array and returns a writer for its values: little-endian, in row-major order.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if the archive cannot be written.
    pub fn start_array<'a>(
        &'a mut self,
        name: &str,
        dtype: &str,
        shape: &[usize],
    ) -> Result<impl Write + use<'a, W>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(true);
        self.0
            .start_file(format!("{name}.npy"), options)
            .map_err(unwritable)?;
        let shape: Vec<u64> = shape.iter().map(|&axis| axis as u64).collect();
        npyz::WriteOptions::new_header_only()
            .dtype(DType::new_scalar(
                dtype.parse().expect("NumPy has this type"),
            ))
            .shape(&shape)
            .writer(&mut self.0)
            .write_header_only()
            .map_err(unwritable)?;
        Ok(BufWriter::new(&mut self.0))
    }

    /// Writes an array from the bytes of its values.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if the archive cannot be written.
    pub fn array<const N: usize>(
        &mut self,
        name: &str,
        dtype: &str,
        shape: &[usize],
        mut values: impl Iterator<Item = [u8; N]>,
    ) -> Result<()> {
        let mut file = self.start_array(name, dtype, shape)?;
        values
            .try_for_each(|value| file.write_all(&value))
            .and_then(|()| file.flush())
            .map_err(unwritable)
    }

    /// Writes all arrays except the features: label, track, artist and, if known, the path of each row.
    ///
    /// # Shapes
    /// - all: `[n]`
    ///
    /// # Errors
    /// [`Error::Unwritable`] if the archive cannot be written.
    pub fn rows(
        &mut self,
        y: &[u8],
        track_id: &[i32],
        artist_id: &[i32],
        paths: Option<&[String]>,
    ) -> Result<()> {
        let shape = [y.len()];
        self.array("y", "|u1", &shape, y.iter().map(|&label| [label]))?;
        for (name, ids) in [("track_id", track_id), ("artist_id", artist_id)] {
            self.array(name, "<i4", &shape, ids.iter().map(|id| id.to_le_bytes()))?;
        }
        let Some(paths) = paths else {
            return Ok(());
        };
        let width = paths.iter().map(|path| path.chars().count()).max();
        let width = width.unwrap_or(0).max(1);
        let padded = paths.iter().flat_map(|path| {
            let zeros = std::iter::repeat('\0');
            path.chars().chain(zeros).take(width)
        });
        let code_points = padded.map(|character| u32::from(character).to_le_bytes());
        self.array("path", &format!("<U{width}"), &shape, code_points)
    }

    /// Ends the archive and returns the file.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if the archive cannot be written.
    pub fn finish(self) -> Result<W> {
        self.0.finish().map_err(unwritable)
    }
}

fn unwritable(error: impl Into<Cause>) -> Error {
    Error::unwritable("data set")(error)
}
