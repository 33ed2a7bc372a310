//! Reads and writes data sets as `.npz` archives, which are zip files of `.npy` arrays.

use std::io::{Cursor, Read, Seek, Write};

use half::f16;
use npyz::{DType, NpyFile, WriterBuilder};
use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Dataset, Values};
use crate::{Error, Result};

/// Default limit on the size of an array: 2 GiB, about 130 000 log-mel patches.
pub(super) const MAX_ARRAY_BYTES: u64 = 2 << 30;

/// Maximum length of an array header, in bytes; NumPy writes about a hundred.
const MAX_HEADER: usize = 1 << 16;

/// Maximum number of brackets in an array header; that of a plain array has two.
const MAX_BRACKETS: usize = 16;

/// Number of bytes that are decompressed at a time.
const CHUNK: usize = 1 << 16;

/// An array whose header has been read and whose values are still compressed.
struct Array<'a, R: Read> {
    name: &'a str,
    shape: Vec<u64>,
    /// NumPy name of the type, for example `<f2`.
    dtype: String,
    /// Size of the values according to the header.
    n_bytes: u64,
    entry: ZipFile<'a, R>,
}

/// Reads a data set whose arrays have at most `max_bytes` bytes each.
///
/// # Errors
/// Those of [`Dataset::from_npz_within`].
pub(super) fn read(archive: impl Read + Seek, max_bytes: u64) -> Result<Dataset> {
    let mut zip = ZipArchive::new(archive)
        .map_err(|error| Error::Dataset(format!("not an .npz archive: {error}")))?;

    let x = Array::open(&mut zip, "x", max_bytes)?;
    let [height, width] = match x.shape[..] {
        [_, height, width] => [height, width],
        [_, width] => [1, width],
        _ => {
            return Err(Error::Dataset(format!(
                "`x` must have the axes [row, height, width] or [row, column], got {} axes",
                x.shape.len()
            )));
        }
    };
    let shape = [dimension(height)?, dimension(width)?];
    let values = match x.dtype.as_str() {
        "|u1" => Values::U8(x.values(u8::from_le_bytes)?),
        "<f2" => Values::F16(x.values(f16::from_le_bytes)?),
        "<f4" => Values::F32(x.values(f32::from_le_bytes)?),
        other => return Err(wrong_type("x", "|u1, <f2 or <f4", other)),
    };
    let y = Array::column(&mut zip, "y", "|u1", max_bytes)?.values(u8::from_le_bytes)?;
    let mut ids =
        |name| Array::column(&mut zip, name, "<i4", max_bytes)?.values(i32::from_le_bytes);
    Dataset::new(values, shape, y, ids("track_id")?, ids("artist_id")?)
}

fn dimension(length: u64) -> Result<usize> {
    usize::try_from(length)
        .map_err(|_| Error::Dataset(format!("an axis of `x` is too long: {length}")))
}

fn wrong_type(name: &str, expected: &str, got: &str) -> Error {
    Error::Dataset(format!("`{name}` must be of type {expected}, got {got}"))
}

fn invalid(name: &str, reason: impl std::fmt::Display) -> Error {
    Error::Dataset(format!("array `{name}`: {reason}"))
}

impl<'a, R: Read + Seek> Array<'a, R> {
    /// Opens an array and reads its header.
    fn open(zip: &'a mut ZipArchive<R>, name: &'a str, max_bytes: u64) -> Result<Self> {
        let invalid = |reason: String| invalid(name, reason);
        let mut entry = zip
            .by_name(&format!("{name}.npy"))
            .map_err(|error| invalid(error.to_string()))?;
        let header = header(&mut entry).map_err(|error| invalid(error.to_string()))?;
        let npy = NpyFile::new(&header[..]).map_err(|error| invalid(error.to_string()))?;
        if npy.order() != npyz::Order::C {
            return Err(invalid("must be in C order, got Fortran order".into()));
        }
        let DType::Plain(dtype) = npy.dtype() else {
            return Err(invalid(
                "must hold plain numbers, got a structured type".into(),
            ));
        };
        let shape = npy.shape().to_vec();
        let n_bytes = shape.iter().try_fold(dtype.size_field(), |product, axis| {
            product.checked_mul(*axis)
        });
        match n_bytes {
            Some(n_bytes) if n_bytes <= max_bytes => Ok(Self {
                name,
                dtype: dtype.to_string(),
                shape,
                n_bytes,
                entry,
            }),
            _ => Err(invalid(format!(
                "larger than the limit of {max_bytes} bytes"
            ))),
        }
    }

    /// Opens an array with one axis and the given type.
    fn column(
        zip: &'a mut ZipArchive<R>,
        name: &'a str,
        dtype: &str,
        max_bytes: u64,
    ) -> Result<Self> {
        let array = Self::open(zip, name, max_bytes)?;
        if array.dtype != dtype {
            return Err(wrong_type(name, dtype, &array.dtype));
        }
        if array.shape.len() != 1 {
            let n_axes = array.shape.len();
            return Err(Error::Dataset(format!(
                "`{name}` must have one axis, got {n_axes}"
            )));
        }
        Ok(array)
    }
}

impl<R: Read> Array<'_, R> {
    /// Decompresses the values, of `N` bytes each.
    ///
    /// The memory grows with the data that is present, not with the size that the header claims.
    fn values<T, const N: usize>(mut self, from_le_bytes: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
        let mut values = Vec::new();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut left = self.n_bytes;
        while left > 0 {
            let wanted = left.min(CHUNK as u64);
            chunk.clear();
            let n_read = (&mut self.entry).take(wanted).read_to_end(&mut chunk);
            let n_read = n_read.map_err(|error| invalid(self.name, error))?;
            if (n_read as u64) < wanted {
                return Err(self.wrong_length("fewer"));
            }
            let (parts, _) = chunk.as_chunks::<N>();
            if values.capacity() - values.len() < parts.len() {
                // Double the capacity, but never exceed the final length.
                let max = (left / N as u64) as usize;
                values.reserve_exact(values.len().clamp(parts.len(), max.max(parts.len())));
            }
            values.extend(parts.iter().map(|part| from_le_bytes(*part)));
            left -= wanted;
        }
        // Read to the end, where the zip reader verifies the checksum.
        match self.entry.read(&mut [0]) {
            Ok(0) => Ok(values),
            Ok(_) => Err(self.wrong_length("more")),
            Err(error) => Err(invalid(self.name, error)),
        }
    }

    fn wrong_length(&self, comparison: &str) -> Error {
        let (shape, dtype) = (&self.shape, &self.dtype);
        invalid(
            self.name,
            format!("has {comparison} bytes than {shape:?} values of type {dtype}"),
        )
    }
}

/// Reads the header of an array, including its magic number and length.
fn header(entry: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut header = vec![0; 10]; // magic number, version, two bytes of the length
    entry.read_exact(&mut header)?;
    let mut length = vec![header[8], header[9]];
    if header[6] > 1 {
        // Since version 2, the length has four bytes.
        let mut more = [0; 2];
        entry.read_exact(&mut more)?;
        length.extend(more);
        header.extend(more);
    }
    let length = length
        .iter()
        .rev()
        .fold(0_usize, |n, &byte| n << 8 | usize::from(byte));
    if length > MAX_HEADER {
        return Err(std::io::Error::other("the header is too long"));
    }
    let before = header.len();
    entry.take(length as u64).read_to_end(&mut header)?;
    if header.len() - before < length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    // The parser recurses for each nested bracket, so deep nesting would overflow the stack.
    let opens = |byte: &&u8| b"([{".contains(byte);
    if header[before..].iter().filter(opens).count() > MAX_BRACKETS {
        return Err(std::io::Error::other("the header has too many brackets"));
    }
    Ok(header)
}

/// Returns the bytes of an archive that holds a data set.
///
/// # Errors
/// [`Error::Dataset`] if the archive cannot be written.
pub(super) fn write(data: &Dataset) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let n = data.len() as u64;
    let shape = [n, data.shape[0] as u64, data.shape[1] as u64];

    match &data.x {
        Values::U8(levels) => write_array(&mut zip, "x", &shape, levels)?,
        Values::F16(half) => write_array(&mut zip, "x", &shape, half)?,
        Values::F32(float) => write_array(&mut zip, "x", &shape, float)?,
    }
    write_array(&mut zip, "y", &[n], &data.y)?;
    write_array(&mut zip, "track_id", &[n], &data.track_id)?;
    write_array(&mut zip, "artist_id", &[n], &data.artist_id)?;

    let cursor = zip.finish().map_err(unwritable)?;
    Ok(cursor.into_inner())
}

fn write_array<T: npyz::AutoSerialize + Copy>(
    zip: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    shape: &[u64],
    values: &[T],
) -> Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file(format!("{name}.npy"), options)
        .map_err(unwritable)?;

    let mut file = Vec::new();
    let mut npy = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(&mut file)
        .begin_nd()
        .map_err(unwritable)?;
    npy.extend(values.iter().copied()).map_err(unwritable)?;
    npy.finish().map_err(unwritable)?;
    zip.write_all(&file).map_err(unwritable)
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::Dataset(format!("the archive cannot be written: {error}"))
}
