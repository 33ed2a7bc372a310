//! Rows of equal length.

use std::slice::ChunksExact;

use serde::{Deserialize, Serialize};

use crate::error::Defect;
use crate::{Error, Result};

/// A row-major matrix of embeddings, logits or probabilities: `[n_rows][n_columns]`
///
/// An empty matrix takes its number of columns from the first row that is added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Matrix {
    n_columns: usize,
    values: Vec<f32>,
}

/// The fields of a serialised matrix, which may not match.
#[derive(Deserialize)]
struct Unchecked {
    n_columns: usize,
    values: Vec<f32>,
}

impl TryFrom<Unchecked> for Matrix {
    type Error = Error;

    fn try_from(fields: Unchecked) -> Result<Self> {
        Self::new(fields.n_columns, fields.values)
    }
}

impl Matrix {
    /// Divides values in row-major order into rows.
    ///
    /// # Errors
    /// [`Error::Dataset`] if they do not fill whole rows.
    pub fn new(n_columns: usize, values: Vec<f32>) -> Result<Self> {
        let rest = values.len().checked_rem(n_columns).unwrap_or(values.len());
        if rest > 0 {
            let expected = format!("have whole rows of {n_columns} values");
            let got = format!("{} values", values.len());
            return Err(Error::dataset(Defect::mismatch("a matrix", expected, got)));
        }
        Ok(Self { n_columns, values })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.values.len().checked_div(self.n_columns).unwrap_or(0)
    }

    /// Number of columns; 0 before the first row.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The rows, in order.
    pub fn rows(&self) -> ChunksExact<'_, f32> {
        self.values.chunks_exact(self.n_columns.max(1))
    }

    /// The row at an index.
    ///
    /// # Panics
    /// If there are not as many rows.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.n_columns..][..self.n_columns]
    }

    /// The values in row-major order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values in row-major order.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// Appends a row.
    ///
    /// # Panics
    /// If it differs in length from the other rows.
    pub fn push_row(&mut self, row: &[f32]) {
        if self.is_empty() {
            self.n_columns = row.len();
        }
        assert_eq!(row.len(), self.n_columns, "all rows have the same length");
        self.values.extend_from_slice(row);
    }

    /// Appends the rows of another matrix.
    ///
    /// # Panics
    /// If they differ in length from the rows of this one.
    pub fn append(&mut self, other: &Self) {
        other.rows().for_each(|row| self.push_row(row));
    }

    /// Some rows, in the given order.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: impl IntoIterator<Item = usize>) -> Self {
        rows.into_iter().map(|row| self.row(row)).collect()
    }

    /// Splits the rows into `n` matrices of equally many rows.
    pub fn split(&self, n: usize) -> impl Iterator<Item = Self> {
        let n_values = self.n_rows() / n * self.n_columns;
        let part = move |index: usize| Self {
            n_columns: self.n_columns,
            values: self.values[index * n_values..][..n_values].to_vec(),
        };
        (0..n).map(part)
    }

    /// Mean of the rows, or `None` if there are none.
    ///
    /// # Shapes
    /// - returns `[n_columns]`
    pub fn mean(&self) -> Option<Vec<f32>> {
        (!self.is_empty()).then(|| mean(&self.values, self.n_columns))
    }

    /// Means of each `n` adjacent rows.
    ///
    /// # Shapes
    /// - returns `[n_rows / n][n_columns]`
    pub fn group_means(&self, n: usize) -> Self {
        let groups = self.values.chunks_exact((n * self.n_columns).max(1));
        groups.map(|rows| mean(rows, self.n_columns)).collect()
    }
}

/// Mean of at least one row.
fn mean(values: &[f32], n_columns: usize) -> Vec<f32> {
    let n = (values.len() / n_columns) as f32;
    let mut mean = vec![0.0; n_columns];
    for row in values.chunks_exact(n_columns) {
        for (mean, value) in mean.iter_mut().zip(row) {
            *mean += value / n;
        }
    }
    mean
}

/// Collects rows.
///
/// # Panics
/// If they differ in length.
impl<R: AsRef<[f32]>> FromIterator<R> for Matrix {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut matrix = Self::default();
        matrix.extend(rows);
        matrix
    }
}

/// Appends rows.
///
/// # Panics
/// If they differ in length from the others.
impl<R: AsRef<[f32]>> Extend<R> for Matrix {
    fn extend<I: IntoIterator<Item = R>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.push_row(row.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_divided_into_rows() {
        let matrix = Matrix::new(2, vec![1.0, 2.0, 3.0, 4.0]).expect("two rows");
        assert_eq!((matrix.n_rows(), matrix.row(1)), (2, &[3.0, 4.0][..]));
        assert_eq!(matrix, Matrix::from_iter([[1.0, 2.0], [3.0, 4.0]]));
    }

    #[test]
    fn values_that_do_not_fill_their_rows_are_refused() {
        assert!(Matrix::new(2, vec![1.0; 3]).is_err());
        assert!(Matrix::new(0, vec![1.0]).is_err());
        assert!(Matrix::new(0, Vec::new()).is_ok());
    }

    #[test]
    fn the_mean_of_no_rows_is_none() {
        assert_eq!(Matrix::default().mean(), None);
        let matrix = Matrix::from_iter([[1.0, 2.0], [3.0, 6.0]]);
        assert_eq!(matrix.mean(), Some(vec![2.0, 4.0]));
    }

    #[test]
    fn groups_of_rows_have_means() {
        let matrix = Matrix::from_iter([[1.0, 2.0], [3.0, 6.0], [5.0, 5.0], [7.0, 5.0]]);
        let means = matrix.group_means(2);
        assert_eq!(means, Matrix::from_iter([[2.0, 4.0], [6.0, 5.0]]));
        assert_eq!(matrix.group_means(1), matrix);
        assert!(Matrix::default().group_means(2).is_empty());
    }

    #[test]
    fn serialised_values_that_do_not_fill_their_rows_are_refused() {
        let matrix = Matrix::from_iter([[1.0, 2.0], [3.0, 4.0]]);
        let json = serde_json::to_string(&matrix).expect("a matrix can be serialised");
        assert_eq!(serde_json::from_str::<Matrix>(&json).ok(), Some(matrix));
        let damaged = json.replace("\"n_columns\":2", "\"n_columns\":3");
        assert!(serde_json::from_str::<Matrix>(&damaged).is_err());
    }

    #[test]
    fn a_split_keeps_the_order_of_the_rows() {
        let matrix = Matrix::from_iter([[1.0], [2.0], [3.0], [4.0]]);
        let parts: Vec<_> = matrix.split(2).map(Matrix::into_values).collect();
        assert_eq!(parts, [[1.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    #[should_panic(expected = "all rows have the same length")]
    fn rows_of_other_lengths_panic() {
        Matrix::from_iter([vec![1.0, 2.0], vec![3.0]]);
    }
}
