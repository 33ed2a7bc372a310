//! The `.npz` archive: a zip of `.npy` arrays.

use std::io::{Cursor, Read, Seek, Write};

use half::f16;
use npyz::{DType, NpyFile, WriterBuilder};
use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Dataset, Values};
use crate::{Error, Result};

/// Largest array accepted, in bytes: 2 GiB, some 130 000 mel pictures.
pub(super) const MAX_ARRAY_BYTES: u64 = 2 << 30;

/// Largest description of an array, in bytes: NumPy writes some hundred.
const MAX_HEADER: usize = 1 << 16;

/// Most brackets of a description: plain numbers have two.
const MAX_BRACKETS: usize = 16;

/// Bytes that are unpacked at once.
const CHUNK: usize = 1 << 16;

/// One array, of which the description is read and the numbers are still packed.
struct Array<'a, R: Read> {
    name: &'a str,
    shape: Vec<u64>,
    /// NumPy's name of the type, for example `<f2`.
    dtype: String,
    /// What the numbers take, by the description.
    n_bytes: u64,
    packed: ZipFile<'a, R>,
}

pub(super) fn read(archive: impl Read + Seek, most: u64) -> Result<Dataset> {
    let mut zip = ZipArchive::new(archive)
        .map_err(|error| Error::Dataset(format!("this is no .npz archive: {error}")))?;

    let x = Array::open(&mut zip, "x", most)?;
    let [height, width] = match x.shape[..] {
        [_, height, width] => [height, width],
        [_, width] => [1, width],
        _ => {
            return Err(Error::Dataset(format!(
                "`x` has {} axes, expected [row, height, width] or [row, column]",
                x.shape.len()
            )));
        }
    };
    let shape = [dimension(height)?, dimension(width)?];
    let values = match x.dtype.as_str() {
        "|u1" => Values::U8(x.numbers(u8::from_le_bytes)?),
        "<f2" => Values::F16(x.numbers(f16::from_le_bytes)?),
        "<f4" => Values::F32(x.numbers(f32::from_le_bytes)?),
        other => return Err(wrong_type("x", "|u1, <f2 or <f4", other)),
    };
    let y = Array::column(&mut zip, "y", "|u1", most)?.numbers(u8::from_le_bytes)?;
    let mut ids = |name| Array::column(&mut zip, name, "<i4", most)?.numbers(i32::from_le_bytes);
    Dataset::new(values, shape, y, ids("track_id")?, ids("artist_id")?)
}

fn dimension(length: u64) -> Result<usize> {
    usize::try_from(length).map_err(|_| Error::Dataset(format!("`x` has an axis of {length}")))
}

fn wrong_type(name: &str, expected: &str, got: &str) -> Error {
    Error::Dataset(format!("`{name}` is of type {got}, expected {expected}"))
}

fn broken(name: &str, reason: impl std::fmt::Display) -> Error {
    Error::Dataset(format!("array `{name}`: {reason}"))
}

impl<'a, R: Read + Seek> Array<'a, R> {
    /// Reads what an array is said to hold.
    fn open(zip: &'a mut ZipArchive<R>, name: &'a str, most: u64) -> Result<Self> {
        let broken = |reason: String| broken(name, reason);
        let mut packed = zip
            .by_name(&format!("{name}.npy"))
            .map_err(|error| broken(error.to_string()))?;
        let header = header(&mut packed).map_err(|error| broken(error.to_string()))?;
        let npy = NpyFile::new(&header[..]).map_err(|error| broken(error.to_string()))?;
        if npy.order() != npyz::Order::C {
            return Err(broken("stored in Fortran order, expected C order".into()));
        }
        let DType::Plain(dtype) = npy.dtype() else {
            return Err(broken("has fields, expected plain numbers".into()));
        };
        let shape = npy.shape().to_vec();
        let n_bytes = shape.iter().try_fold(dtype.size_field(), |product, axis| {
            product.checked_mul(*axis)
        });
        match n_bytes {
            Some(n_bytes) if n_bytes <= most => Ok(Self {
                name,
                dtype: dtype.to_string(),
                shape,
                n_bytes,
                packed,
            }),
            _ => Err(broken(format!("larger than {most} bytes"))),
        }
    }

    /// Opens an array of one axis and of the type given.
    fn column(zip: &'a mut ZipArchive<R>, name: &'a str, dtype: &str, most: u64) -> Result<Self> {
        let array = Self::open(zip, name, most)?;
        if array.dtype != dtype {
            return Err(wrong_type(name, dtype, &array.dtype));
        }
        if array.shape.len() != 1 {
            let n_axes = array.shape.len();
            return Err(Error::Dataset(format!(
                "`{name}` has {n_axes} axes, expected one"
            )));
        }
        Ok(array)
    }
}

impl<R: Read> Array<'_, R> {
    /// Unpacks the numbers, of `N` bytes each. Memory grows with what is there, not with what the
    /// description claims.
    fn numbers<T, const N: usize>(
        mut self,
        from_le_bytes: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>> {
        let mut numbers = Vec::new();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut left = self.n_bytes;
        while left > 0 {
            let wanted = left.min(CHUNK as u64);
            chunk.clear();
            let n_read = (&mut self.packed).take(wanted).read_to_end(&mut chunk);
            let n_read = n_read.map_err(|error| broken(self.name, error))?;
            if (n_read as u64) < wanted {
                return Err(self.other_length("fewer"));
            }
            let (parts, _) = chunk.as_chunks::<N>();
            if numbers.capacity() - numbers.len() < parts.len() {
                // Twice as many, but no more than there will be.
                let most = (left / N as u64) as usize;
                numbers.reserve_exact(numbers.len().clamp(parts.len(), most.max(parts.len())));
            }
            numbers.extend(parts.iter().map(|part| from_le_bytes(*part)));
            left -= wanted;
        }
        // To the end, where the archive's checksum is held against what was unpacked.
        match self.packed.read(&mut [0]) {
            Ok(0) => Ok(numbers),
            Ok(_) => Err(self.other_length("more")),
            Err(error) => Err(broken(self.name, error)),
        }
    }

    fn other_length(&self, than: &str) -> Error {
        let (shape, dtype) = (&self.shape, &self.dtype);
        broken(
            self.name,
            format!("holds {than} bytes than {shape:?} of {dtype} take"),
        )
    }
}

/// The description at the head of an array, which says itself how long it is.
fn header(packed: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut header = vec![0; 10]; // magic number, version, a length of two bytes
    packed.read_exact(&mut header)?;
    let mut length = vec![header[8], header[9]];
    if header[6] > 1 {
        // Of four bytes, since version 2.
        let mut more = [0; 2];
        packed.read_exact(&mut more)?;
        length.extend(more);
        header.extend(more);
    }
    let length = length
        .iter()
        .rev()
        .fold(0_usize, |n, &byte| n << 8 | usize::from(byte));
    if length > MAX_HEADER {
        return Err(std::io::Error::other("its description is too long"));
    }
    let before = header.len();
    packed.take(length as u64).read_to_end(&mut header)?;
    if header.len() - before < length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    // What reads it calls itself for each bracket within another.
    let opens = |byte: &&u8| b"([{".contains(byte);
    if header[before..].iter().filter(opens).count() > MAX_BRACKETS {
        return Err(std::io::Error::other("its description is too intricate"));
    }
    Ok(header)
}

pub(super) fn write(data: &Dataset) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let n = data.len() as u64;
    let shape = [n, data.shape[0] as u64, data.shape[1] as u64];

    match &data.x {
        Values::U8(grey) => entry(&mut zip, "x", &shape, grey)?,
        Values::F16(half) => entry(&mut zip, "x", &shape, half)?,
        Values::F32(float) => entry(&mut zip, "x", &shape, float)?,
    }
    entry(&mut zip, "y", &[n], &data.y)?;
    entry(&mut zip, "track_id", &[n], &data.track_id)?;
    entry(&mut zip, "artist_id", &[n], &data.artist_id)?;

    let cursor = zip.finish().map_err(unwritable)?;
    Ok(cursor.into_inner())
}

fn entry<T: npyz::AutoSerialize + Copy>(
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
    Error::Dataset(format!("the archive could not be written: {error}"))
}
