//! Change of sample rate.

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::clip::{buffer, check_length};
use crate::{Clip, Result};

/// Half the length of the anti-aliasing filter, in samples of the lower of the two rates.
const HALF_LENGTH: f64 = 160.0;

/// Where the filter has fallen to half, as a share of the lower of the two Nyquist frequencies.
///
/// With the window and the length, everything up to 0.91 of it passes and nothing above it: the edges
/// of libsoxr's "HQ" recipe, with which the training data were made.
const CUTOFF: f64 = 0.9575;

/// Samples of the higher rate in a block that the filter does not ask to be longer.
const BLOCK: usize = 4096;

/// The same sound at another sample rate.
///
/// The answer is aligned with the input, has `round(n_samples * to / from)` samples, and has nothing
/// of what the lower of the two rates cannot carry. A clip that already has the rate is returned as it
/// is.
///
/// # Units
/// `sample_rate` is in Hz.
///
/// # Errors
/// [`Error::SampleRate`](crate::Error::SampleRate) if `sample_rate` is outside
/// [`SAMPLE_RATES`](crate::clip::SAMPLE_RATES), [`Error::ClipTooLong`](crate::Error::ClipTooLong) if the
/// answer would have more than [`MAX_SAMPLES`](crate::clip::MAX_SAMPLES), and
/// [`Error::OutOfMemory`](crate::Error::OutOfMemory) if there is no memory for it.
///
/// # Source
/// Overlap-save: Oppenheim and Schafer, *Discrete-Time Signal Processing*, with a windowed sinc
/// between the two transforms, whose lengths have the ratio of the rates.
pub fn resample(clip: Clip, sample_rate: u32) -> Result<Clip> {
    if clip.sample_rate() == sample_rate {
        return Ok(clip);
    }
    let n_samples = resampled_len(clip.samples().len() as u64, clip.sample_rate(), sample_rate);
    // Above it, `n_samples` might not fit into the `usize` of a 32 bit program.
    check_length(n_samples, sample_rate)?;
    let resampler = Resampler::new(clip.sample_rate(), sample_rate);
    let samples = resampler.run(clip.samples(), n_samples as usize)?;
    Clip::new(samples, sample_rate)
}

/// `round(n_samples * to / from)`, and at least 1; of more samples than `u64` counts, `u64::MAX`.
fn resampled_len(n_samples: u64, from: u32, to: u32) -> u64 {
    let (n, from, to) = (u128::from(n_samples), u128::from(from), u128::from(to));
    let rounded = (2 * n * to + from) / (2 * from);
    u64::try_from(rounded).unwrap_or(u64::MAX).max(1)
}

/// What one pair of rates needs.
struct Resampler {
    /// Samples before and after a block, which the filter reads and the next block makes.
    margin: Lengths,
    /// Samples of a block with its margins.
    block: Lengths,
    gains: Vec<f32>, // of the bins that both rates have
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

/// Of one time, its samples at both rates.
struct Lengths {
    before: usize,
    after: usize,
}

impl Resampler {
    fn new(from: u32, to: u32) -> Self {
        let (from, to) = (from as usize, to as usize);
        let step = gcd(from, to);
        // The shortest time that has a whole number of samples at both rates.
        let (before, after) = (from / step, to / step);
        let lengths = |n: usize| Lengths {
            before: n * before,
            after: n * after,
        };
        let half_length = HALF_LENGTH * (from as f64 / to as f64).max(1.0);
        let margin = (half_length / before as f64).ceil() as usize;
        let block = (4 * margin).max(BLOCK / before.max(after));
        let block = lengths(block.next_power_of_two());

        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(block.before);
        let inverse = planner.plan_fft_inverse(block.after);
        let cutoff = CUTOFF * (to as f64 / from as f64).min(1.0);
        let mut filter = filter(half_length, cutoff, block.before);
        let mut spectrum = forward.make_output_vec();
        forward
            .process(&mut filter, &mut spectrum)
            .expect("the buffers were made for this plan");
        // Around sample 0 the filter is even, so that its spectrum is real.
        let n_bins = block.before.min(block.after) / 2;
        let gains = spectrum[..n_bins].iter().map(|bin| bin.re);
        Self {
            margin: lengths(margin),
            gains: gains.collect(),
            block,
            forward,
            inverse,
        }
    }

    /// The first `n_samples` of the signal at the other rate.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory) if there is no memory for them.
    fn run(&self, samples: &[f32], n_samples: usize) -> Result<Vec<f32>> {
        let mut out = buffer(n_samples)?;
        let (margin, block) = (&self.margin, &self.block);
        let kept = margin.after..block.after - margin.after;
        let hop = block.before - 2 * margin.before;

        let mut input = self.forward.make_input_vec();
        let mut spectrum = self.forward.make_output_vec();
        let mut scratch = self.forward.make_scratch_vec();
        let mut shared = self.inverse.make_input_vec();
        let mut output = self.inverse.make_output_vec();
        let mut inverse_scratch = self.inverse.make_scratch_vec();

        for index in 0..n_samples.div_ceil(kept.len()) {
            // The block begins its margin before the sample that it is to make first.
            let first = margin.before.saturating_sub(index * hop);
            let start = (index * hop)
                .saturating_sub(margin.before)
                .min(samples.len());
            let covered = &samples[start..samples.len().min(start + block.before - first)];
            input[..first].fill(0.0);
            input[first..][..covered.len()].copy_from_slice(covered);
            input[first + covered.len()..].fill(0.0);

            self.forward
                .process_with_scratch(&mut input, &mut spectrum, &mut scratch)
                .expect("the buffers were made by this plan");
            let bins = spectrum.iter().zip(&self.gains);
            for (shared, (bin, gain)) in shared.iter_mut().zip(bins) {
                *shared = bin * gain;
            }
            shared[self.gains.len()..].fill(Complex::ZERO);
            self.inverse
                .process_with_scratch(&mut shared, &mut output, &mut inverse_scratch)
                .expect("the first and the last bin are real");
            let kept = &output[kept.clone()];
            out.extend_from_slice(&kept[..kept.len().min(n_samples - out.len())]);
        }
        Ok(out)
    }
}

/// A sinc in the square of a Blackman-Harris window, around sample 0 of `n` that go round, scaled for a
/// transform and back.
///
/// # Units
/// `cutoff` is a share of the Nyquist frequency.
fn filter(half_length: f64, cutoff: f64, n: usize) -> Vec<f32> {
    let reach = half_length as isize;
    let value = |at: isize| {
        let sinc = match at {
            0 => 1.0,
            _ => (PI * cutoff * at as f64).sin() / (PI * cutoff * at as f64),
        };
        sinc * blackman_harris(at as f64 / (2.0 * half_length)).powi(2)
    };
    let sum: f64 = (-reach..=reach).map(value).sum();
    let mut filter = vec![0.0; n];
    for at in -reach..=reach {
        filter[at.rem_euclid(n as isize) as usize] = (value(at) / sum / n as f64) as f32;
    }
    filter
}

/// The window at a point in -0.5..=0.5.
///
/// # Source
/// Harris, *On the use of windows for harmonic analysis with the discrete Fourier transform*, 1978:
/// four terms, side lobes below -92 dB.
fn blackman_harris(at: f64) -> f64 {
    let term = |k: f64, weight: f64| weight * (TAU * k * at).cos();
    0.35875 + term(1.0, 0.48829) + term(2.0, 0.14128) + term(3.0, 0.01168)
}

/// Greatest common divisor.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
