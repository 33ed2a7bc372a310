//! The directions in which embeddings differ most.

use half::f16;

use crate::{Error, Result};

/// Turns of the iteration; the axes of real embeddings stand still long before.
const N_TURNS: usize = 100;

/// Principal axes of standardised embeddings.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// `[n_features]`
    pub(crate) mean: Vec<f32>,
    /// `[n_features]`, above 0
    pub(crate) deviation: Vec<f32>,
    /// `[n_axes][n_features]`, of length 1 and at right angles, the widest first
    pub(crate) directions: Vec<Vec<f32>>,
}

impl Pca {
    /// Finds the axes of embeddings; as many as there are features, if that is fewer than asked.
    ///
    /// # Shapes
    /// - `embeddings`: `[n][n_features]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if there is no embedding.
    ///
    /// # Source
    /// Golub and Van Loan, *Matrix computations*, 4th edition, section 8.2.4: orthogonal iteration
    /// on the correlation matrix. The axes are those of scikit-learn's `PCA` after its
    /// `StandardScaler`, but for their signs.
    pub fn fit(embeddings: &[Vec<f32>], n_axes: usize) -> Result<Self> {
        let Some(first) = embeddings.first() else {
            return Err(Error::Dataset("there is no embedding".into()));
        };
        let n_features = first.len();
        let n = embeddings.len() as f32;
        let mut mean = vec![0.0; n_features];
        for row in embeddings {
            add(&mut mean, row, 1.0 / n);
        }
        let mut deviation = vec![0.0_f32; n_features];
        for row in embeddings {
            for ((sum, value), mean) in deviation.iter_mut().zip(row).zip(&mean) {
                *sum += (value - mean).powi(2) / n;
            }
        }
        for (deviation, mean) in deviation.iter_mut().zip(&mean) {
            *deviation = deviation.sqrt();
            // A feature that never changes says nothing: it is not blown up to the others' size.
            if *deviation <= 1e-4 * mean.abs().max(1.0) {
                *deviation = 1.0;
            }
        }
        let mut axes = Self {
            mean,
            deviation,
            directions: Vec::new(),
        };
        let rows: Vec<_> = embeddings.iter().map(|row| axes.standardise(row)).collect();
        axes.directions = directions(&correlation(&rows, n_features), n_axes.min(n_features));
        Ok(axes)
    }

    /// The same axes in numbers of 16 bits.
    pub(super) fn rounded(mut self) -> Self {
        let numbers = [&mut self.mean, &mut self.deviation];
        for values in numbers.into_iter().chain(&mut self.directions) {
            values.iter_mut().for_each(|value| *value = round(*value));
        }
        self
    }

    /// An embedding along the axes, and how far it is from all that they span.
    ///
    /// # Shapes
    /// - `embedding`: `[n_features]`
    /// - returns `[n_axes]`
    pub fn project(&self, embedding: &[f32]) -> (Vec<f32>, f32) {
        let row = self.standardise(embedding);
        let along: Vec<f32> = self.directions.iter().map(|axis| dot(axis, &row)).collect();
        let beyond = dot(&row, &row) - dot(&along, &along);
        (along, beyond.max(0.0).sqrt())
    }

    fn standardise(&self, row: &[f32]) -> Vec<f32> {
        let scaled = row.iter().zip(&self.mean).zip(&self.deviation);
        scaled
            .map(|((value, mean), deviation)| (value - mean) / deviation)
            .collect()
    }
}

/// The nearest number of 16 bits.
pub(super) fn round(value: f32) -> f32 {
    f16::from_f32(value).to_f32()
}

/// Mean of the products of the features of standardised rows: `[n_features][n_features]`.
fn correlation(rows: &[Vec<f32>], n_features: usize) -> Vec<Vec<f32>> {
    let mut products = vec![vec![0.0; n_features]; n_features];
    for row in rows {
        for (products, value) in products.iter_mut().zip(row) {
            add(products, row, value / rows.len() as f32);
        }
    }
    products
}

/// The widest axes of a symmetric matrix: `[n_axes][n_features]`.
fn directions(matrix: &[Vec<f32>], n_axes: usize) -> Vec<Vec<f32>> {
    // Any start will do that is at right angles to no axis; this one is the same everywhere.
    let start = |axis: usize| -> Vec<f32> {
        let value = |feature: usize| ((feature * (axis + 1)) as f32).sin() + 0.1;
        (1..=matrix.len()).map(value).collect()
    };
    let mut axes: Vec<_> = (0..n_axes).map(start).collect();
    for _ in 0..N_TURNS {
        for axis in &mut axes {
            *axis = matrix.iter().map(|row| dot(row, axis)).collect();
        }
        orthonormalise(&mut axes);
    }
    axes
}

/// Gram and Schmidt's method: each axis loses what it has of those before it.
fn orthonormalise(axes: &mut [Vec<f32>]) {
    for index in 0..axes.len() {
        let (before, rest) = axes.split_at_mut(index);
        let axis = &mut rest[0];
        // Twice, since once leaves what rounding adds.
        for _ in 0..2 {
            for other in &*before {
                let share = dot(other, axis);
                add(axis, other, -share);
            }
        }
        let length = dot(axis, axis).sqrt();
        // Of what is left of nothing, no direction is made.
        let scale = if length > 1e-12 { 1.0 / length } else { 0.0 };
        axis.iter_mut().for_each(|value| *value *= scale);
    }
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sums: &mut [f32], row: &[f32], factor: f32) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that differ along one diagonal, a little along the other, and not at all elsewhere.
    fn rows() -> Vec<Vec<f32>> {
        (0..200)
            .map(|row| {
                let (wide, narrow) = ((row as f32 * 0.7).sin(), 0.2 * (row as f32 * 1.9).cos());
                vec![wide + narrow, wide - narrow, 3.0]
            })
            .collect()
    }

    #[test]
    fn the_first_axis_is_the_widest() {
        let axes = Pca::fit(&rows(), 2).expect("there are rows");
        let [first, second] = [&axes.directions[0], &axes.directions[1]];
        assert!((first[0] - first[1]).abs() < 1e-3, "{first:?}");
        assert!((second[0] + second[1]).abs() < 1e-3, "{second:?}");
        assert!(dot(first, second).abs() < 1e-5);
    }

    #[test]
    fn what_the_axes_do_not_span_is_a_distance() {
        let axes = Pca::fit(&rows(), 1).expect("there are rows");
        let (along, beyond) = axes.project(&[axes.mean[0], axes.mean[1], 3.0]);
        assert!(along[0].abs() < 1e-3 && beyond < 1e-3);
        // One deviation up in one feature and down in the other: the square root of 2 away.
        let odd = [
            axes.mean[0] + axes.deviation[0],
            axes.mean[1] - axes.deviation[1],
            3.0,
        ];
        let (_, beyond) = axes.project(&odd);
        assert!((beyond - 2.0_f32.sqrt()).abs() < 1e-2, "{beyond}");
    }

    #[test]
    fn no_embedding_has_no_axes() {
        assert!(Pca::fit(&[], 2).is_err());
    }
}
