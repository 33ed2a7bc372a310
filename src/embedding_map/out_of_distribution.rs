//! Out-of-distribution and speech detection on embeddings.

use super::pca::{MIN_SCALE, dot, round};
use crate::data::Matrix;
use crate::error::Defect;
use crate::{Error, Result};

/// Fraction of the training tracks whose residual is below the threshold.
const IN_DISTRIBUTION: f64 = 0.98;

/// Thresholds above which a track counts as out of distribution.
///
/// # Source
/// Wang et al., *ViM: out-of-distribution with virtual-logit matching*, CVPR 2022: samples unlike
/// the training data have a large residual from the principal components of its embeddings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OutOfDistribution {
    /// Largest residual of a track that is in distribution.
    pub(crate) residual_threshold: f32,
    /// Speech detector; `None` if the weights have none.
    pub(crate) speech: Option<Speech>,
}

/// Linear speech detector: a track is speech if its mean projection on `direction` exceeds
/// `threshold`, which almost no music does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Speech {
    /// Weight of each feature: `[n_features]`
    pub(crate) direction: Vec<f32>,
    /// Largest projection of a track that is not speech.
    pub(crate) threshold: f32,
}

/// Verdict on one track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) out_of_distribution: bool,
    pub(super) speech: bool,
}

impl OutOfDistribution {
    /// Sets the residual threshold from the residuals of the training tracks, of which there is at
    /// least one.
    pub(super) fn fit(mut residuals: Vec<f32>) -> Self {
        residuals.sort_by(f32::total_cmp);
        let index = ((residuals.len() - 1) as f64 * IN_DISTRIBUTION) as usize;
        Self {
            residual_threshold: round(residuals[index].max(MIN_SCALE)),
            speech: None,
        }
    }

    /// Verdict on a track, from the embeddings of its segments and their mean residual.
    ///
    /// `full_rank` says that the principal components span the whole feature space, in which case
    /// the residual is only rounding error and is ignored.
    ///
    /// # Shapes
    /// - `embeddings`: `[n_segments][n_features]`
    pub(super) fn verdict(&self, embeddings: &Matrix, residual: f32, full_rank: bool) -> Verdict {
        let speech = self
            .speech
            .as_ref()
            .is_some_and(|speech| speech.detects(embeddings));
        Verdict {
            out_of_distribution: speech || residual > self.residual_threshold && !full_rank,
            speech,
        }
    }

    /// Whether the thresholds are usable with embeddings of `n_features` features.
    pub(super) fn is_valid(&self, n_features: usize) -> bool {
        let speech = self.speech.as_ref();
        self.residual_threshold.is_finite()
            && self.residual_threshold > 0.0
            && speech.is_none_or(|speech| speech.is_valid(n_features))
    }
}

impl Speech {
    /// Rescales the direction to a largest weight of 1, and rounds it and the threshold to the
    /// 16 bit floats of a weights file, which have few significant digits for small values.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the direction does not have `n_features` features, is zero, or
    /// anything is not finite.
    pub(super) fn new(direction: &[f32], threshold: f32, n_features: usize) -> Result<Self> {
        let largest = direction
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        let speech = Self {
            direction: direction
                .iter()
                .map(|value| round(value / largest))
                .collect(),
            threshold: round(threshold / largest),
        };
        match speech.is_valid(n_features) {
            true => Ok(speech),
            false => {
                let expected = format!("have {n_features} finite values, not all 0");
                let got = format!("{} values", direction.len());
                Err(Error::dataset(Defect::mismatch(
                    "the speech direction",
                    expected,
                    got,
                )))
            }
        }
    }

    /// Whether the mean projection of the embeddings exceeds the threshold.
    fn detects(&self, embeddings: &Matrix) -> bool {
        let n = embeddings.n_rows() as f32;
        let mut projection = 0.0;
        for embedding in embeddings.rows() {
            projection += dot(&self.direction, embedding) / n;
        }
        projection > self.threshold
    }

    fn is_valid(&self, n_features: usize) -> bool {
        let mut numbers = self.direction.iter().chain([&self.threshold]);
        self.direction.len() == n_features && numbers.all(|value| value.is_finite())
    }
}
