//! Resampling plans that tracks share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tonearm_dsp::{Clip, Resampler};

use crate::Result;

/// Maximum number of plans kept: one for each of the sample rates that are common in a collection.
const MAX_PLANS: usize = 4;

/// Longest FFT of a plan that is kept. Plans for unusual sample rates take tens of megabytes.
const MAX_N_FFT: usize = 1 << 16;

/// Converts clips to one sample rate, and keeps the plans for the source rates used last.
#[derive(Debug)]
pub(super) struct Resamplers {
    sample_rate: u32,
    latest: Mutex<VecDeque<Arc<Resampler>>>,
}

impl Resamplers {
    /// Creates an empty collection of plans to `sample_rate`, in Hz.
    pub(super) fn new(sample_rate: u32) -> Self {
        Self {
            sample_rate,
            latest: Mutex::default(),
        }
    }

    /// Returns the clip, resampled as by [`tonearm_dsp::resample`].
    ///
    /// # Errors
    /// Those of [`tonearm_dsp::resample`].
    pub(super) fn resample(&self, clip: Clip) -> Result<Clip> {
        if clip.sample_rate() == self.sample_rate {
            return Ok(clip);
        }
        Ok(self.plan(clip.sample_rate())?.resample(&clip)?)
    }

    /// Returns the plan for a source rate, and moves it to the front.
    fn plan(&self, from: u32) -> Result<Arc<Resampler>> {
        // A plan is complete before it is added, so a panic elsewhere leaves the list valid.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = latest.iter().position(|plan| plan.from_rate() == from);
        let plan = match kept.and_then(|index| latest.remove(index)) {
            Some(plan) => plan,
            None => Arc::new(Resampler::new(from, self.sample_rate)?),
        };
        if plan.n_fft() <= MAX_N_FFT {
            latest.push_front(plan.clone());
            latest.truncate(MAX_PLANS);
        }
        Ok(plan)
    }
}
