//! Ridge regression.

use crate::error::Defect;
use crate::{Error, Result};

/// Fits a linear regression to standardised inputs with an L2 penalty.
///
/// # Shapes
/// - `inputs`: `[n][n_inputs]`, `outputs`: `[n][n_outputs]`
/// - returns `[n_inputs + 1][n_outputs]`, weights for the unscaled inputs; the last row is the bias
///
/// # Errors
/// [`Error::Dataset`] if there are no rows, [`Error::Underdetermined`] if the penalty is too small for the weights to be
/// determined.
///
/// # Source
/// Hoerl and Kennard, *Ridge regression: biased estimation for nonorthogonal problems*,
/// Technometrics 1970. Solved by Cholesky decomposition of the normal equations.
pub fn ridge(inputs: &[Vec<f64>], outputs: &[Vec<f64>], penalty: f64) -> Result<Vec<Vec<f64>>> {
    let (Some(first), Some(first_output)) = (inputs.first(), outputs.first()) else {
        let defect = Defect::mismatch("a linear fit", "have at least one row", 0);
        return Err(Error::dataset(defect));
    };
    let (n, n_inputs, n_outputs) = (inputs.len() as f64, first.len(), first_output.len());
    let mean = column_means(inputs);
    let bias = column_means(outputs);
    let deviation: Vec<f64> = (0..n_inputs)
        .map(|j| {
            let squares = inputs.iter().map(|row| (row[j] - mean[j]).powi(2));
            (squares.sum::<f64>() / n).sqrt().max(1e-9)
        })
        .collect();

    let mut gram = vec![vec![0.0; n_inputs]; n_inputs];
    let mut columns = vec![vec![0.0; n_inputs]; n_outputs];
    let mut z = vec![0.0; n_inputs];
    for (row, output) in inputs.iter().zip(outputs) {
        for (z, (value, (mean, deviation))) in z
            .iter_mut()
            .zip(row.iter().zip(mean.iter().zip(&deviation)))
        {
            *z = (value - mean) / deviation;
        }
        for (j, products) in gram.iter_mut().enumerate() {
            for (product, other) in products[..=j].iter_mut().zip(&z) {
                *product += z[j] * other;
            }
        }
        for (column, (value, bias)) in columns.iter_mut().zip(output.iter().zip(&bias)) {
            for (product, z) in column.iter_mut().zip(&z) {
                *product += z * (value - bias);
            }
        }
    }
    for (j, products) in gram.iter_mut().enumerate() {
        products[j] += penalty;
    }
    solve(&mut gram, &mut columns)?;

    let mut weights = vec![vec![0.0; n_outputs]; n_inputs];
    let mut biases = bias;
    for (output, column) in columns.iter().enumerate() {
        for (j, weight) in column.iter().enumerate() {
            weights[j][output] = weight / deviation[j];
            biases[output] -= weights[j][output] * mean[j];
        }
    }
    weights.push(biases);
    Ok(weights)
}

fn column_means(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut means = vec![0.0; rows[0].len()];
    for row in rows {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += value / rows.len() as f64;
        }
    }
    means
}

/// Solves `a x = b` for each `b` in `columns`, which `x` overwrites.
///
/// `a` is symmetric and given by its lower triangle, which the Cholesky factor overwrites.
///
/// # Errors
/// [`Error::Underdetermined`] if `a` is not positive definite.
pub(super) fn solve(a: &mut [Vec<f64>], columns: &mut [Vec<f64>]) -> Result<()> {
    let n = a.len();
    for j in 0..n {
        for k in 0..=j {
            let products: f64 = (0..k).map(|i| a[j][i] * a[k][i]).sum();
            let rest = a[j][k] - products;
            if j > k {
                a[j][k] = rest / a[k][k];
            } else if rest > 0.0 {
                a[j][j] = rest.sqrt();
            } else {
                return Err(Error::Underdetermined);
            }
        }
    }
    for x in columns {
        for j in 0..n {
            let products: f64 = (0..j).map(|i| a[j][i] * x[i]).sum();
            x[j] = (x[j] - products) / a[j][j];
        }
        for j in (0..n).rev() {
            let products: f64 = (j + 1..n).map(|i| a[i][j] * x[i]).sum();
            x[j] = (x[j] - products) / a[j][j];
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_linear_relation_is_recovered() {
        let inputs: Vec<Vec<f64>> = (0..20)
            .map(|i| vec![f64::from(i), f64::from(i * i % 7)])
            .collect();
        let outputs: Vec<Vec<f64>> = inputs
            .iter()
            .map(|row| vec![3.0 * row[0] - 2.0 * row[1] + 5.0])
            .collect();
        let weights = ridge(&inputs, &outputs, 1e-9).expect("enough rows");
        for (weight, expected) in weights.iter().zip([3.0, -2.0, 5.0]) {
            assert!((weight[0] - expected).abs() < 1e-6, "{weights:?}");
        }
    }

    #[test]
    fn a_large_penalty_leaves_only_the_mean() {
        let inputs: Vec<Vec<f64>> = (0..10).map(|i| vec![f64::from(i)]).collect();
        let weights = ridge(&inputs, &inputs, 1e12).expect("enough rows");
        assert!(weights[0][0].abs() < 1e-6 && (weights[1][0] - 4.5).abs() < 1e-6);
    }
}
