//! Reads and writes data sets as `.npz` archives, which are zip files of `.npy` arrays.

use std::io::{Cursor, ErrorKind, Read, Seek};

use half::f16;
use npyz::{DType, NpyFile, TypeChar};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::npz_writer::NpzWriter;
use super::{Dataset, Values};
use crate::error::{Cause, Defect};
use crate::{Error, Result};

/// Default limit on the size of an array: 2 GiB, about 130 000 log-mel patches.
pub(super) const MAX_ARRAY_BYTES: u64 = 2 << 30;

/// Maximum length of an array header, in bytes; NumPy writes about a hundred.
const MAX_HEADER: usize = 1 << 16;

/// Maximum number of brackets in an array header; that of a plain array has two.
const MAX_BRACKETS: usize = 16;

/// Maximum length of a path, in characters; that of operating systems.
const MAX_PATH: u64 = 4096;

/// Number of bytes that are decompressed at a time.
const CHUNK: usize = 1 << 16;

/// An array whose header has been read and whose values are still compressed.
struct Array<'a, R: Read> {
    name: &'a str,
    shape: Vec<u64>,
    /// NumPy name of the type, for example `<f2`.
    dtype: String,
    /// Size of a value, in bytes.
    value_bytes: u64,
    /// Whether the values are texts in UTF-32.
    is_text: bool,
    /// Size of the values according to the header.
    n_bytes: u64,
    entry: ZipFile<'a, R>,
}

/// Reads a data set whose arrays have at most `max_bytes` bytes each.
///
/// # Errors
/// Those of [`Dataset::from_npz_within`].
pub(super) fn read(archive: impl Read + Seek, max_bytes: u64) -> Result<Dataset> {
    let mut zip = ZipArchive::new(archive).map_err(|error| not_an_archive().caused_by(error))?;

    let x = Array::open(&mut zip, "x", max_bytes)?;
    let [height, width] = match x.shape[..] {
        [_, height, width] => [height, width],
        [_, width] => [1, width],
        _ => {
            let expected = "have the axes [row, height, width] or [row, column]";
            return Err(mismatch("x", expected, format!("{} axes", x.shape.len())));
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
    let data = Dataset::new(values, shape, y, ids("track_id")?, ids("artist_id")?)?;
    // Archives of earlier versions have no paths.
    match zip.index_for_name("path.npy") {
        None => Ok(data),
        Some(_) => {
            let paths = Array::open(&mut zip, "path", max_bytes)?.texts(data.len(), max_bytes)?;
            data.with_paths(paths)
        }
    }
}

fn dimension(length: u64) -> Result<usize> {
    usize::try_from(length)
        .map_err(|error| mismatch("x", "have axes that fit into memory", length).caused_by(error))
}

fn not_an_archive() -> Error {
    let expected = "an .npz archive";
    Error::dataset(Defect::Format { expected })
}

fn wrong_type(name: &str, expected: &str, got: &str) -> Error {
    mismatch(name, format!("be of type {expected}"), got)
}

fn mismatch(name: &str, expected: impl Into<String>, got: impl ToString) -> Error {
    Error::dataset(Defect::mismatch(format!("`{name}`"), expected, got))
}

fn damaged(name: &str, cause: impl Into<Cause>) -> Error {
    Error::dataset(Defect::damaged(format!("array `{name}`"))).caused_by(cause)
}

impl<'a, R: Read + Seek> Array<'a, R> {
    /// Opens an array and reads its header.
    fn open(zip: &'a mut ZipArchive<R>, name: &'a str, max_bytes: u64) -> Result<Self> {
        let entry = zip.by_name(&format!("{name}.npy"));
        let mut entry = entry.map_err(|error| match error {
            ZipError::FileNotFound => Error::dataset(Defect::missing(format!("array `{name}`"))),
            error => damaged(name, error),
        })?;
        let header = header(&mut entry, name)?;
        let npy = NpyFile::new(&header[..]).map_err(|error| damaged(name, error))?;
        if npy.order() != npyz::Order::C {
            return Err(mismatch(name, "be in C order", "Fortran order"));
        }
        let DType::Plain(dtype) = npy.dtype() else {
            return Err(mismatch(name, "hold plain numbers", "a structured type"));
        };
        let Some(value_bytes) = dtype.num_bytes().map(|n_bytes| n_bytes as u64) else {
            return Err(mismatch(name, "hold plain numbers", "Python objects"));
        };
        let shape = npy.shape().to_vec();
        let n_bytes = shape
            .iter()
            .try_fold(value_bytes, |product, axis| product.checked_mul(*axis));
        match n_bytes {
            Some(n_bytes) if n_bytes <= max_bytes => Ok(Self {
                name,
                dtype: dtype.to_string(),
                value_bytes,
                is_text: dtype.type_char() == TypeChar::UnicodeStr,
                shape,
                n_bytes,
                entry,
            }),
            _ => {
                let expected = format!("have at most {max_bytes} bytes");
                Err(mismatch(name, expected, format!("the shape {shape:?}")))
            }
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
        array.check_one_axis()?;
        Ok(array)
    }
}

impl<R: Read> Array<'_, R> {
    fn check_one_axis(&self) -> Result<()> {
        match self.shape.len() {
            1 => Ok(()),
            n_axes => Err(mismatch(self.name, "have one axis", n_axes)),
        }
    }

    /// Decompresses the texts of an array with `n_rows` rows.
    ///
    /// At most `max_bytes` of memory are used, including that of empty texts.
    fn texts(mut self, n_rows: usize, max_bytes: u64) -> Result<Vec<String>> {
        if !self.is_text {
            return Err(wrong_type(self.name, "<U", &self.dtype));
        }
        self.check_one_axis()?;
        if self.shape[0] != n_rows as u64 {
            let expected = format!("have {n_rows} rows like `y`");
            return Err(mismatch(self.name, expected, self.shape[0]));
        }
        let per_row = self.value_bytes + size_of::<String>() as u64;
        if self.value_bytes > 4 * MAX_PATH || n_rows as u64 * per_row > max_bytes {
            let expected = format!(
                "have texts of at most {MAX_PATH} characters, and at most {max_bytes} bytes"
            );
            let got = format!("the shape {:?} and the type {}", self.shape, self.dtype);
            return Err(mismatch(self.name, expected, got));
        }
        let mut row = vec![0; self.value_bytes as usize];
        let mut texts = Vec::new();
        for _ in 0..n_rows {
            match self.entry.read_exact(&mut row) {
                Ok(()) => texts.push(text(&row).ok_or_else(|| {
                    mismatch(self.name, "hold UTF-32 text", "an invalid character")
                })?),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Err(self.wrong_length("fewer"));
                }
                Err(error) => return Err(damaged(self.name, error)),
            }
        }
        self.check_end()?;
        Ok(texts)
    }

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
            let n_read = n_read.map_err(|error| damaged(self.name, error))?;
            if (n_read as u64) < wanted {
                return Err(self.wrong_length("fewer"));
            }
            let (parts, _) = chunk.as_chunks::<N>();
            if values.capacity() - values.len() < parts.len() {
                // Double the capacity, but never exceed the final length.
                let max = (left / N as u64) as usize;
                let additional = values.len().clamp(parts.len(), max.max(parts.len()));
                let reserved = values.try_reserve_exact(additional);
                reserved.map_err(|_| self.too_large())?;
            }
            values.extend(parts.iter().map(|part| from_le_bytes(*part)));
            left -= wanted;
        }
        self.check_end()?;
        Ok(values)
    }

    /// Checks that all bytes have been read. The zip reader verifies the checksum at the end.
    fn check_end(&mut self) -> Result<()> {
        match self.entry.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.wrong_length("more")),
            Err(error) => Err(damaged(self.name, error)),
        }
    }

    fn too_large(&self) -> Error {
        mismatch(
            self.name,
            "fit into memory",
            format!("{} bytes", self.n_bytes),
        )
    }

    fn wrong_length(&self, comparison: &str) -> Error {
        let (shape, dtype) = (&self.shape, &self.dtype);
        let expected = format!("have the bytes of {shape:?} values of type {dtype}");
        mismatch(self.name, expected, comparison)
    }
}

/// The text in zero-padded UTF-32; `None` if a code point is invalid.
fn text(utf_32: &[u8]) -> Option<String> {
    let (points, _) = utf_32.as_chunks::<4>();
    let points = points.iter().map(|point| u32::from_le_bytes(*point));
    points
        .take_while(|&point| point != 0)
        .map(char::from_u32)
        .collect()
}

/// Reads the header of an array, including its magic number and length.
fn header(entry: &mut impl Read, name: &str) -> Result<Vec<u8>> {
    let damaged = |error: std::io::Error| damaged(name, error);
    let mut header = vec![0; 10]; // magic number, version, two bytes of the length
    entry.read_exact(&mut header).map_err(damaged)?;
    let mut length = vec![header[8], header[9]];
    if header[6] > 1 {
        // Since version 2, the length has four bytes.
        let mut more = [0; 2];
        entry.read_exact(&mut more).map_err(damaged)?;
        length.extend(more);
        header.extend(more);
    }
    let length = length
        .iter()
        .rev()
        .fold(0_usize, |n, &byte| n << 8 | usize::from(byte));
    if length > MAX_HEADER {
        let expected = format!("have a header of at most {MAX_HEADER} bytes");
        return Err(mismatch(name, expected, length));
    }
    let before = header.len();
    entry
        .take(length as u64)
        .read_to_end(&mut header)
        .map_err(damaged)?;
    if header.len() - before < length {
        return Err(damaged(std::io::ErrorKind::UnexpectedEof.into()));
    }
    // The parser recurses for each nested bracket, so deep nesting would overflow the stack.
    let opens = |byte: &&u8| b"([{".contains(byte);
    let n_brackets = header[before..].iter().filter(opens).count();
    if n_brackets > MAX_BRACKETS {
        let expected = format!("have a header of at most {MAX_BRACKETS} brackets");
        return Err(mismatch(name, expected, n_brackets));
    }
    Ok(header)
}

/// Returns the bytes of an archive that holds a data set.
///
/// # Errors
/// [`Error::Unwritable`] if serialisation fails.
pub(super) fn write(data: &Dataset) -> Result<Vec<u8>> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let shape = [data.len(), data.shape[0], data.shape[1]];
    match &data.x {
        Values::U8(levels) => npz.array("x", "|u1", &shape, levels.iter().map(|&v| [v]))?,
        Values::F16(half) => npz.array("x", "<f2", &shape, half.iter().map(|v| v.to_le_bytes()))?,
        Values::F32(float) => {
            npz.array("x", "<f4", &shape, float.iter().map(|v| v.to_le_bytes()))?;
        }
    }
    npz.rows(
        &data.y,
        &data.track_id,
        &data.artist_id,
        data.paths.as_deref(),
    )?;
    Ok(npz.finish()?.into_inner())
}
