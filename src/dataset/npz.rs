//! The `.npz` archive: a zip of `.npy` arrays.

use std::io::{Cursor, Read, Write};

use half::f16;
use npyz::{DType, NpyFile, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Dataset, Values};
use crate::{Error, Result};

/// Largest array accepted, in bytes: 2 GiB, some 130 000 mel pictures.
pub(super) const MAX_ARRAY_BYTES: u64 = 2 << 30;

/// One array: its shape and its bytes, little-endian and in C order.
struct Array {
    shape: Vec<u64>,
    /// NumPy's name of the type, for example `<f2`.
    dtype: String,
    bytes: Vec<u8>,
}

pub(super) fn read(bytes: &[u8], most: u64) -> Result<Dataset> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| Error::Dataset(format!("this is no .npz archive: {error}")))?;

    let x = array(&mut zip, "x", most)?;
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
        "|u1" => Values::Grey(x.bytes),
        "<f2" => Values::Half(numbers(&x.bytes, f16::from_le_bytes)),
        "<f4" => Values::Float(numbers(&x.bytes, f32::from_le_bytes)),
        other => return Err(wrong_type("x", "|u1, <f2 or <f4", other)),
    };
    let y = column(&mut zip, "y", "|u1", most)?.bytes;
    let track_id = column(&mut zip, "track_id", "<i4", most)?;
    let artist_id = column(&mut zip, "artist_id", "<i4", most)?;
    Dataset::new(
        values,
        shape,
        y,
        numbers(&track_id.bytes, i32::from_le_bytes),
        numbers(&artist_id.bytes, i32::from_le_bytes),
    )
}

fn dimension(length: u64) -> Result<usize> {
    usize::try_from(length).map_err(|_| Error::Dataset(format!("`x` has an axis of {length}")))
}

fn wrong_type(name: &str, expected: &str, got: &str) -> Error {
    Error::Dataset(format!("`{name}` is of type {got}, expected {expected}"))
}

/// Reads an array of one axis and of the type given.
fn column(
    zip: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    dtype: &str,
    most: u64,
) -> Result<Array> {
    let array = array(zip, name, most)?;
    if array.dtype != dtype {
        return Err(wrong_type(name, dtype, &array.dtype));
    }
    if array.shape.len() != 1 {
        return Err(Error::Dataset(format!(
            "`{name}` has {} axes, expected one",
            array.shape.len()
        )));
    }
    Ok(array)
}

/// Unpacks one array. What the headers claim is believed only as far as the bytes bear it out.
fn array(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, most: u64) -> Result<Array> {
    let broken = |reason: String| Error::Dataset(format!("array `{name}`: {reason}"));

    let entry = zip
        .by_name(&format!("{name}.npy"))
        .map_err(|error| broken(error.to_string()))?;
    let mut file = Vec::new();
    entry
        .take(most + 1)
        .read_to_end(&mut file)
        .map_err(|error| broken(error.to_string()))?;
    if file.len() as u64 > most {
        return Err(broken(format!("larger than {most} bytes")));
    }

    let mut rest = &file[..];
    let npy = NpyFile::new(&mut rest).map_err(|error| broken(error.to_string()))?;
    if npy.order() != npyz::Order::C {
        return Err(broken("stored in Fortran order, expected C order".into()));
    }
    let DType::Plain(dtype) = npy.dtype() else {
        return Err(broken("has fields, expected plain numbers".into()));
    };
    let shape = npy.shape().to_vec();
    drop(npy);

    let n_bytes = shape.iter().try_fold(dtype.size_field(), |product, axis| {
        product.checked_mul(*axis)
    });
    if n_bytes != Some(rest.len() as u64) {
        return Err(broken(format!(
            "holds {} bytes, which is not {shape:?} of {dtype}",
            rest.len()
        )));
    }
    let start = file.len() - rest.len();
    file.drain(..start);
    Ok(Array {
        shape,
        dtype: dtype.to_string(),
        bytes: file,
    })
}

/// Splits bytes into numbers of `N` bytes each.
fn numbers<T, const N: usize>(bytes: &[u8], from_le_bytes: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| from_le_bytes(*chunk)).collect()
}

pub(super) fn write(data: &Dataset) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let n = data.len() as u64;
    let shape = [n, data.shape[0] as u64, data.shape[1] as u64];

    match &data.x {
        Values::Grey(grey) => entry(&mut zip, "x", &shape, grey)?,
        Values::Half(half) => entry(&mut zip, "x", &shape, half)?,
        Values::Float(float) => entry(&mut zip, "x", &shape, float)?,
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
