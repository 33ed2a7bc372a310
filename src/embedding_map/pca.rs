//! Principal component analysis (PCA) of embeddings.

use half::f16;

use crate::data::Matrix;
use crate::error::Defect;
use crate::{Error, Result};

/// Lower bound of scales and thresholds. It is above the smallest normal 16 bit float (6.1e-5), so that
/// rounding keeps their precision.
pub(super) const MIN_SCALE: f32 = 1e-4;

/// Number of power iterations; the components of real embeddings converge well before.
const N_ITERATIONS: usize = 100;

/// Principal components of standardised embeddings.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean of each feature: `[n_features]`
    pub(crate) mean: Vec<f32>,
    /// Standard deviation of each feature, above 0: `[n_features]`
    pub(crate) deviation: Vec<f32>,
    /// Components as orthonormal rows, by decreasing variance: `[n_axes][n_features]`
    pub(crate) directions: Vec<Vec<f32>>,
}

impl Pca {
    /// Fits `n_axes` components, or `n_features` if that is fewer.
    ///
    /// # Shapes
    /// - `embeddings`: `[n][n_features]`
    ///
    /// # Errors
    /// [`Error::Dataset`] if there are no embeddings.
    ///
    /// # Source
    /// Golub and Van Loan, *Matrix computations*, 4th edition, section 8.2.4: orthogonal iteration
    /// on the correlation matrix. The components equal those of scikit-learn's `PCA` after
    /// `StandardScaler`, up to sign.
    pub fn fit(embeddings: &Matrix, n_axes: usize) -> Result<Self> {
        if embeddings.is_empty() {
            let defect = Defect::mismatch("the map", "have at least one embedding", 0);
            return Err(Error::dataset(defect));
        }
        let (n, n_features) = (embeddings.n_rows() as f32, embeddings.n_columns());
        let mut mean = vec![0.0; n_features];
        for row in embeddings.rows() {
            add(&mut mean, row, 1.0 / n);
        }
        let mut deviation = vec![0.0_f32; n_features];
        for row in embeddings.rows() {
            for ((sum, value), mean) in deviation.iter_mut().zip(row).zip(&mean) {
                *sum += (value - mean).powi(2) / n;
            }
        }
        for (deviation, mean) in deviation.iter_mut().zip(&mean) {
            *deviation = deviation.sqrt();
            // A constant feature keeps its scale instead of being divided by almost 0.
            if *deviation <= 1e-4 * mean.abs().max(1.0) {
                *deviation = 1.0;
            }
        }
        let mut pca = Self {
            mean,
            deviation,
            directions: Vec::new(),
        };
        let rows: Matrix = embeddings.rows().map(|row| pca.standardise(row)).collect();
        pca.directions = directions(&correlation(&rows), n_axes.min(n_features));
        Ok(pca)
    }

    /// The same PCA with all values rounded to 16 bit floats.
    pub(super) fn rounded(mut self) -> Self {
        let numbers = [&mut self.mean, &mut self.deviation];
        for values in numbers.into_iter().chain(&mut self.directions) {
            values.iter_mut().for_each(|value| *value = round(*value));
        }
        self
    }

    /// Projects an embedding on the components. Returns its coordinates and the norm of the residual,
    /// which is the part outside their span.
    ///
    /// # Shapes
    /// - `embedding`: `[n_features]`
    /// - returns `[n_axes]` coordinates and the residual
    pub fn project(&self, embedding: &[f32]) -> (Vec<f32>, f32) {
        let row = self.standardise(embedding);
        let projected: Vec<f32> = self.directions.iter().map(|axis| dot(axis, &row)).collect();
        let squared = dot(&row, &row) - dot(&projected, &projected);
        // `max` would turn the NaN of an infinite embedding into 0.
        let residual = if squared < 0.0 { 0.0 } else { squared.sqrt() };
        (projected, residual)
    }

    fn standardise(&self, row: &[f32]) -> Vec<f32> {
        let scaled = row.iter().zip(&self.mean).zip(&self.deviation);
        scaled
            .map(|((value, mean), deviation)| (value - mean) / deviation)
            .collect()
    }
}

/// Rounds to the nearest 16 bit float.
pub(super) fn round(value: f32) -> f32 {
    f16::from_f32(value).to_f32()
}

/// Correlation matrix of standardised rows: `[n_features][n_features]`
fn correlation(rows: &Matrix) -> Vec<Vec<f32>> {
    let n_features = rows.n_columns();
    let mut products = vec![vec![0.0; n_features]; n_features];
    for row in rows.rows() {
        for (products, value) in products.iter_mut().zip(row) {
            add(products, row, value / rows.n_rows() as f32);
        }
    }
    products
}

/// Leading eigenvectors of a symmetric matrix: `[n_axes][n_features]`
fn directions(matrix: &[Vec<f32>], n_axes: usize) -> Vec<Vec<f32>> {
    // Any start that is not orthogonal to an eigenvector converges. A fixed one makes the result
    // deterministic.
    let start = |axis: usize| -> Vec<f32> {
        let value = |feature: usize| ((feature * (axis + 1)) as f32).sin() + 0.1;
        (1..=matrix.len()).map(value).collect()
    };
    let mut axes: Vec<_> = (0..n_axes).map(start).collect();
    for _ in 0..N_ITERATIONS {
        for axis in &mut axes {
            *axis = matrix.iter().map(|row| dot(row, axis)).collect();
        }
        orthonormalise(&mut axes);
    }
    axes
}

/// Orthonormalises the rows with the Gram-Schmidt process. A row that depends on the previous ones
/// becomes zero.
fn orthonormalise(axes: &mut [Vec<f32>]) {
    for index in 0..axes.len() {
        let (before, rest) = axes.split_at_mut(index);
        let axis = &mut rest[0];
        // The second pass removes the rounding error of the first.
        for _ in 0..2 {
            for other in &*before {
                let projection = dot(other, axis);
                add(axis, other, -projection);
            }
        }
        let length = dot(axis, axis).sqrt();
        // Normalising a vector of length 0 would give NaN.
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

    /// Rows that vary along one diagonal, a little along the other, and are constant in the third
    /// feature.
    fn rows() -> Matrix {
        (0..200)
            .map(|row| {
                let (wide, narrow) = ((row as f32 * 0.7).sin(), 0.2 * (row as f32 * 1.9).cos());
                [wide + narrow, wide - narrow, 3.0]
            })
            .collect()
    }

    #[test]
    fn the_first_component_has_the_largest_variance() {
        let pca = Pca::fit(&rows(), 2).expect("there are rows");
        let [first, second] = [&pca.directions[0], &pca.directions[1]];
        assert!((first[0] - first[1]).abs() < 1e-3, "{first:?}");
        assert!((second[0] + second[1]).abs() < 1e-3, "{second:?}");
        assert!(dot(first, second).abs() < 1e-5);
    }

    #[test]
    fn the_residual_is_the_distance_from_the_span_of_the_components() {
        let pca = Pca::fit(&rows(), 1).expect("there are rows");
        let (projected, residual) = pca.project(&[pca.mean[0], pca.mean[1], 3.0]);
        assert!(projected[0].abs() < 1e-3 && residual < 1e-3);
        // One standard deviation up in one feature and down in the other: a distance of the square
        // root of 2.
        let odd = [
            pca.mean[0] + pca.deviation[0],
            pca.mean[1] - pca.deviation[1],
            3.0,
        ];
        let (_, residual) = pca.project(&odd);
        assert!((residual - 2.0_f32.sqrt()).abs() < 1e-2, "{residual}");
    }

    #[test]
    fn fitting_no_embeddings_is_refused() {
        assert!(Pca::fit(&Matrix::default(), 2).is_err());
    }
}
