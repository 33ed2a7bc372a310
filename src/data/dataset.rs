//! Labelled feature rows, and the `.npz` archive that holds them.

use std::io::{Read, Seek};

use half::f16;

use super::npz;
use crate::features::Layout;
use crate::{Error, Result};

/// Rows of features with a label, a track and an artist each.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Feature values of all rows, one row after the other.
    pub x: Values,
    /// Shape of one row: `[n_mels, n_columns]`, `[n_frames, n_mfcc]` or `[1, n_columns]`.
    pub shape: [usize; 2],
    /// Label of each row, an index into the list of labels.
    pub y: Vec<u8>,
    /// Track of each row.
    pub track_id: Vec<i32>,
    /// Artist of each row; rows of one artist never stand on both sides of a split.
    pub artist_id: Vec<i32>,
}

/// Feature values as they are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Grey levels of mel pictures: 0 is 80 dB below the loudest cell, 255 the loudest cell.
    U8(Vec<u8>),
    /// MFCCs, or the numbers of a table.
    F16(Vec<f16>),
    /// The numbers of a table.
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
    /// Checks that all parts have one length.
    ///
    /// # Errors
    /// [`Error::Dataset`], naming the part that differs.
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
            return Err(Error::Dataset(format!(
                "`x` has {} values, which is not {n} rows of {} x {}",
                x.len(),
                shape[0],
                shape[1]
            )));
        }
        for (name, len) in [("track_id", track_id.len()), ("artist_id", artist_id.len())] {
            if len != n {
                return Err(Error::Dataset(format!(
                    "`{name}` has {len} rows, `y` has {n}"
                )));
            }
        }
        Ok(Self {
            x,
            shape,
            y,
            track_id,
            artist_id,
        })
    }

    /// Reads the `.npz` layout of the shared data, `x`, `y`, `track_id` and `artist_id`, a piece at a
    /// time: no more of the archive is in memory than its numbers.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the archive is broken, an array is missing or of another type, or
    /// the arrays differ in length.
    pub fn from_npz(archive: impl Read + Seek) -> Result<Self> {
        npz::read(archive, npz::MAX_ARRAY_BYTES)
    }

    /// Reads the same, and refuses arrays of more bytes than that.
    ///
    /// # Errors
    /// As [`from_npz`](Self::from_npz).
    pub fn from_npz_within(archive: impl Read + Seek, max_array_bytes: u64) -> Result<Self> {
        npz::read(archive, max_array_bytes)
    }

    /// Writes the same layout, which `numpy.load` reads.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the archive cannot be written.
    pub fn to_npz(&self) -> Result<Vec<u8>> {
        npz::write(self)
    }

    /// Some of the rows, in the order given.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        fn part<T: Copy>(values: &[T], rows: &[usize], len: usize) -> Vec<T> {
            let row = |&row: &usize| &values[row * len..(row + 1) * len];
            rows.iter().flat_map(row).copied().collect()
        }
        let len = self.row_len();
        Self {
            x: match &self.x {
                Values::U8(values) => Values::U8(part(values, rows, len)),
                Values::F16(values) => Values::F16(part(values, rows, len)),
                Values::F32(values) => Values::F32(part(values, rows, len)),
            },
            shape: self.shape,
            y: part(&self.y, rows, 1),
            track_id: part(&self.track_id, rows, 1),
            artist_id: part(&self.artist_id, rows, 1),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Number of values of one row.
    pub fn row_len(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// Labels of some rows.
    pub fn truth(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|&row| usize::from(self.y[row])).collect()
    }

    /// How the values of a row lie: those of mel pictures are grey, and only those.
    pub fn layout(&self) -> Layout {
        match self.x {
            Values::U8(_) => Layout::channels_first(self.shape),
            Values::F16(_) | Values::F32(_) => Layout::frames_first(self.shape),
        }
    }

    /// Copies one row into `out`, as the network reads it: grey levels become 0..1.
    ///
    /// # Shapes
    /// - `out`: `[row_len]`
    pub fn row_into(&self, row: usize, out: &mut [f32]) {
        let range = row * self.row_len()..(row + 1) * self.row_len();
        match &self.x {
            Values::U8(grey) => {
                for (out, grey) in out.iter_mut().zip(&grey[range]) {
                    *out = f32::from(*grey) / 255.0;
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

    /// Checks that every label has a name.
    ///
    /// # Errors
    /// [`Error::Dataset`], naming the first row whose label has none.
    pub fn check_labels(&self, n_labels: usize) -> Result<()> {
        match self.y.iter().position(|&y| usize::from(y) >= n_labels) {
            Some(row) => Err(Error::Dataset(format!(
                "row {row} has label {}, and there are {n_labels} labels",
                self.y[row]
            ))),
            None => Ok(()),
        }
    }
}
