//! Normalisation of features before a network reads them.

use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::error::Defect;
use crate::features::Layout;
use crate::{Error, Result};

/// The method that normalises channels (mel bands, coefficients or table columns).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Subtract the mean and divide by the standard deviation.
    Standard,
    /// Replace each value by its rank in the training set.
    Rank,
    /// Leave the values unchanged.
    None,
}

/// The parameters that normalise each channel to a mean of 0 and a standard deviation of 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scale", rename_all = "lowercase", deny_unknown_fields)]
pub enum Normalisation {
    /// Mean and standard deviation of each channel over the training set.
    Standard {
        /// Mean, `[n_channels]`.
        mean: Vec<f32>,
        /// Standard deviation, `[n_channels]`; above 0.
        deviation: Vec<f32>,
    },
    /// Quantiles of each channel at evenly spaced ranks; ranks in between are interpolated.
    Rank {
        /// Quantiles, `[n_channels][n_ranks]`; ascending.
        values: Vec<Vec<f32>>,
    },
}

/// Number of quantiles per channel.
const N_RANKS: usize = 129;

impl Normalisation {
    /// Returns the normalisation that leaves `n_channels` channels unchanged.
    fn identity(n_channels: usize) -> Self {
        Self::Standard {
            mean: vec![0.0; n_channels],
            deviation: vec![1.0; n_channels],
        }
    }

    /// Fits the normalisation to `rows`.
    pub fn fit(data: &Dataset, rows: &[usize], scale: Scale) -> Self {
        match scale {
            Scale::Standard => standard(data, rows),
            Scale::Rank => rank(data, rows),
            Scale::None => Self::identity(data.layout().n_channels),
        }
    }

    /// Normalises rows in place.
    pub fn apply(&self, rows: &mut [f32], layout: Layout) {
        for row in rows.chunks_exact_mut(layout.n_values()) {
            for channel in 0..layout.n_channels {
                for frame in 0..layout.n_frames {
                    let value = &mut row[layout.at(channel, frame)];
                    *value = match self {
                        Self::Standard { mean, deviation } => {
                            (*value - mean[channel]) / deviation[channel]
                        }
                        Self::Rank { values } => score(&values[channel], *value),
                    };
                }
            }
        }
    }

    /// Checks that the parameters are valid for `n_channels` channels.
    ///
    /// # Errors
    /// [`Error::Weights`] if they are not.
    pub(crate) fn validate(&self, n_channels: usize) -> Result<()> {
        let valid = match self {
            Self::Standard { mean, deviation } => {
                mean.len() == n_channels
                    && deviation.len() == n_channels
                    && mean.iter().all(|mean| mean.is_finite())
                    && deviation.iter().all(|d| d.is_finite() && *d > 0.0)
            }
            Self::Rank { values } => {
                let is_valid = |values: &Vec<f32>| {
                    values.len() >= 2
                        && values.iter().all(|value| value.is_finite())
                        && values.is_sorted()
                };
                values.len() == n_channels && values.iter().all(is_valid)
            }
        };
        if valid {
            return Ok(());
        }
        let (part, expected) = (
            "its normalisation",
            format!("have {n_channels} valid channels"),
        );
        let n_got = match self {
            Self::Standard { mean, .. } => mean.len(),
            Self::Rank { values } => values.len(),
        };
        let got = format!("{n_got} channels, or some that are not valid");
        Err(Error::weights(Defect::mismatch(part, expected, got)))
    }
}

fn standard(data: &Dataset, rows: &[usize]) -> Normalisation {
    let layout = data.layout();
    let mut sums = vec![0.0_f64; layout.n_channels];
    let mut squares = sums.clone();
    let mut values = vec![0.0; data.row_len()];
    for &row in rows {
        data.row_into(row, &mut values);
        for channel in 0..layout.n_channels {
            for frame in 0..layout.n_frames {
                let value = f64::from(values[layout.at(channel, frame)]);
                sums[channel] += value;
                squares[channel] += value * value;
            }
        }
    }
    let n = (rows.len().max(1) * layout.n_frames) as f64;
    let deviation = |(sum, square): (&f64, &f64)| {
        let mean = sum / n;
        (square / n - mean * mean).max(0.0).sqrt().max(1e-3) as f32
    };
    Normalisation::Standard {
        deviation: sums.iter().zip(&squares).map(deviation).collect(),
        mean: sums.iter().map(|sum| (sum / n) as f32).collect(),
    }
}

fn rank(data: &Dataset, rows: &[usize]) -> Normalisation {
    let layout = data.layout();
    let mut channels = vec![Vec::new(); layout.n_channels];
    let mut values = vec![0.0; data.row_len()];
    for &row in rows {
        data.row_into(row, &mut values);
        for (channel, list) in channels.iter_mut().enumerate() {
            list.extend((0..layout.n_frames).map(|frame| values[layout.at(channel, frame)]));
        }
    }
    let quantiles = |list: &mut Vec<f32>| -> Vec<f32> {
        list.sort_by(f32::total_cmp);
        let last = list.len().saturating_sub(1);
        let at = |rank| {
            list.get(rank * last / (N_RANKS - 1))
                .copied()
                .unwrap_or(0.0)
        };
        (0..N_RANKS).map(at).collect()
    };
    Normalisation::Rank {
        values: channels.iter_mut().map(quantiles).collect(),
    }
}

/// Returns the rank of a value among the quantiles, scaled to a mean of 0 and a standard deviation of
/// 1.
///
/// A value that equals several quantiles has their mean rank.
fn score(values: &[f32], value: f32) -> f32 {
    let below = values.partition_point(|v| *v < value);
    let up_to = values.partition_point(|v| *v <= value);
    let rank = match below == up_to {
        false => (below + up_to - 1) as f32 / 2.0,
        true if below == 0 => 0.0,
        true if below == values.len() => (below - 1) as f32,
        true => {
            let (low, high) = (values[below - 1], values[below]);
            (below - 1) as f32 + (value - low) / (high - low)
        }
    };
    let fraction = rank / (values.len() - 1) as f32;
    (2.0 * fraction - 1.0) * 3.0_f32.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_interpolated_and_clamped_at_both_ends() {
        let values = [0.0, 1.0, 1.0, 1.0, 3.0];
        let end = 3.0_f32.sqrt();
        assert_eq!(score(&values, -5.0), -end);
        assert_eq!(score(&values, 9.0), end);
        assert_eq!(score(&values, 1.0), 0.0);
        assert!((score(&values, 2.0) - 0.75 * end).abs() < 1e-6);
    }
}
