//! The labelled data set.

use std::io::{Read, Seek};

use half::f16;

use super::{Matrix, npz};
use crate::error::Defect;
use crate::features::Layout;
use crate::{Error, Result};

/// Feature rows with a label, a track and an artist each.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Feature values, `[n_rows][row_len]`.
    pub x: Values,
    /// Shape of a row: `[n_mels, n_columns]`, `[n_frames, n_mfcc]` or `[1, n_columns]`.
    pub shape: [usize; 2],
    /// Label of each row, an index into the list of label names.
    pub y: Vec<u8>,
    /// Track id of each row.
    pub track_id: Vec<i32>,
    /// Artist id of each row. A grouped split keeps all rows of an artist on one side.
    pub artist_id: Vec<i32>,
    /// Path of the audio file of each row, relative to the folder of the audio, for people to read. `None`
    /// if the files are unknown.
    pub paths: Option<Vec<String>>,
}

/// Feature values in their storage type.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Log-mel patches in 8 bits: 255 is the maximum of the window, 0 is 80 dB below it or less.
    U8(Vec<u8>),
    /// MFCCs or table columns.
    F16(Vec<f16>),
    /// Table columns.
    F32(Vec<f32>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::F16(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }
}

impl Dataset {
    /// Creates a data set from arrays with the same number of rows.
    ///
    /// # Errors
    /// [`Error::Dataset`], naming the first array of another length.
    pub fn new(
        x: Values,
        shape: [usize; 2],
        y: Vec<u8>,
        track_id: Vec<i32>,
        artist_id: Vec<i32>,
    ) -> Result<Self> {
        let n = y.len();
        let row_len = shape[0].checked_mul(shape[1]).unwrap_or(0);
        if row_len == 0 || n.checked_mul(row_len) != Some(x.len()) {
            let expected = format!("have {n} rows of {} x {} values", shape[0], shape[1]);
            let got = format!("{} values in total", x.len());
            return Err(Error::dataset(Defect::mismatch("`x`", expected, got)));
        }
        for (name, len) in [("track_id", track_id.len()), ("artist_id", artist_id.len())] {
            if len != n {
                let (part, expected) = (format!("`{name}`"), format!("have {n} rows like `y`"));
                return Err(Error::dataset(Defect::mismatch(part, expected, len)));
            }
        }
        Ok(Self {
            x,
            shape,
            y,
            track_id,
            artist_id,
            paths: None,
        })
    }

    /// Adds the path of the audio file of each row.
    ///
    /// # Errors
    /// [`Error::Dataset`] if there is not one path per row.
    pub fn with_paths(self, paths: Vec<String>) -> Result<Self> {
        if paths.len() != self.len() {
            let expected = format!("have {} rows like `y`", self.len());
            return Err(Error::dataset(Defect::mismatch(
                "`path`",
                expected,
                paths.len(),
            )));
        }
        Ok(Self {
            paths: Some(paths),
            ..self
        })
    }

    /// Reads an `.npz` archive with the arrays `x`, `y`, `track_id`, `artist_id` and, optionally, `path`.
    ///
    /// The archive is decompressed in chunks, so that only the arrays are held in memory.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the archive is damaged, an array is missing or has the wrong type, or the
    /// arrays differ in length.
    pub fn from_npz(archive: impl Read + Seek) -> Result<Self> {
        npz::read(archive, npz::MAX_ARRAY_BYTES)
    }

    /// Reads the same archive as [`from_npz`](Self::from_npz) with a limit on the size of each array.
    ///
    /// # Errors
    /// [`Error::Dataset`] if an array exceeds `max_array_bytes`, and the errors of
    /// [`from_npz`](Self::from_npz).
    pub fn from_npz_within(archive: impl Read + Seek, max_array_bytes: u64) -> Result<Self> {
        npz::read(archive, max_array_bytes)
    }

    /// Returns the bytes of an archive that [`from_npz`](Self::from_npz) and `numpy.load` read.
    ///
    /// # Errors
    /// [`Error::Unwritable`] if serialisation fails.
    pub fn to_npz(&self) -> Result<Vec<u8>> {
        npz::write(self)
    }

    /// Returns the given rows, in that order.
    ///
    /// # Panics
    /// If a row index is out of range.
    pub fn select(&self, rows: &[usize]) -> Self {
        fn gather<T: Copy>(values: &[T], rows: &[usize], len: usize) -> Vec<T> {
            let row = |&row: &usize| &values[row * len..(row + 1) * len];
            rows.iter().flat_map(row).copied().collect()
        }
        let len = self.row_len();
        Self {
            x: match &self.x {
                Values::U8(values) => Values::U8(gather(values, rows, len)),
                Values::F16(values) => Values::F16(gather(values, rows, len)),
                Values::F32(values) => Values::F32(gather(values, rows, len)),
            },
            shape: self.shape,
            y: gather(&self.y, rows, 1),
            track_id: gather(&self.track_id, rows, 1),
            artist_id: gather(&self.artist_id, rows, 1),
            paths: (self.paths.as_ref())
                .map(|paths| rows.iter().map(|&row| paths[row].clone()).collect()),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// Returns whether the data set has no rows.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Returns the number of values of a row.
    pub fn row_len(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// Returns the labels of the given rows.
    pub fn truth(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|&row| usize::from(self.y[row])).collect()
    }

    /// Returns the memory layout of a row: channels first for log-mel patches, the only `U8` values,
    /// and frames first for all others.
    pub fn layout(&self) -> Layout {
        match self.x {
            Values::U8(_) => Layout::channels_first(self.shape),
            Values::F16(_) | Values::F32(_) => Layout::frames_first(self.shape),
        }
    }

    /// Copies a row into `out` as `f32`; `U8` values are scaled to 0..=1.
    ///
    /// # Shapes
    /// - `out`: `[row_len]`
    pub fn row_into(&self, row: usize, out: &mut [f32]) {
        let range = row * self.row_len()..(row + 1) * self.row_len();
        match &self.x {
            Values::U8(levels) => {
                for (out, level) in out.iter_mut().zip(&levels[range]) {
                    *out = f32::from(*level) / 255.0;
                }
            }
            Values::F16(half) => {
                for (out, half) in out.iter_mut().zip(&half[range]) {
                    *out = half.to_f32();
                }
            }
            Values::F32(float) => out.copy_from_slice(&float[range]),
        }
    }

    /// Returns some rows as `f32`, as [`row_into`](Self::row_into) copies them.
    ///
    /// # Shapes
    /// - returns `[n_rows][row_len]`
    pub fn matrix(&self, rows: &[usize]) -> Matrix {
        let mut values = vec![0.0; rows.len() * self.row_len()];
        for (out, &row) in values.chunks_exact_mut(self.row_len()).zip(rows) {
            self.row_into(row, out);
        }
        Matrix::new(self.row_len(), values).expect("whole rows")
    }

    /// Checks that every label is below `n_labels`.
    ///
    /// # Errors
    /// [`Error::Dataset`], naming the first row whose label is not.
    pub fn check_labels(&self, n_labels: usize) -> Result<()> {
        match self.y.iter().position(|&y| usize::from(y) >= n_labels) {
            Some(row) => {
                let part = format!("the label of row {row}");
                let expected = format!("be below {n_labels}, the number of labels");
                Err(Error::dataset(Defect::mismatch(
                    part,
                    expected,
                    self.y[row],
                )))
            }
            None => Ok(()),
        }
    }
}
