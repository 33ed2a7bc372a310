//! Decoded audio, mixed down to one channel.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::simd::{add, find_out_of_range, map_in_place, peak};
use crate::{Error, Result};

/// Supported sample rates, in Hz.
pub const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=768_000;

/// Longest duration of a clip, in seconds: three hours.
pub const MAX_SECONDS: u32 = 3 * 60 * 60;

/// Maximum number of samples in a clip: the most `f32` values that one allocation can hold on a
/// 32-bit target.
///
/// Above 49.7 kHz, a clip reaches this limit before [`MAX_SECONDS`].
pub const MAX_SAMPLES: u64 = (1 << 29) - 1;

/// Largest accepted magnitude of a sample; the power of a larger one would overflow `f32`.
const MAX_MAGNITUDE: f32 = 1e12;

/// Number of samples of a channel that are read at a time.
const CHUNK: usize = 16_384;

/// Checks the sample rate and the length of a clip.
///
/// Callers can check them before they allocate the samples.
///
/// # Errors
/// [`Error::SampleRate`] outside [`SAMPLE_RATES`], [`Error::ClipTooLong`] above [`MAX_SECONDS`] or
/// [`MAX_SAMPLES`].
pub fn check_length(n_samples: u64, sample_rate: u32) -> Result<()> {
    if !SAMPLE_RATES.contains(&sample_rate) {
        return Err(Error::SampleRate { got: sample_rate });
    }
    let rate = f64::from(sample_rate);
    let limit = MAX_SAMPLES.min(u64::from(MAX_SECONDS) * u64::from(sample_rate));
    if n_samples > limit {
        return Err(Error::ClipTooLong {
            limit_seconds: limit as f64 / rate,
            got_seconds: n_samples as f64 / rate,
        });
    }
    Ok(())
}

/// Returns an empty buffer with capacity for `n_samples` samples.
///
/// # Errors
/// [`Error::OutOfMemory`] if the allocation fails; `Vec::with_capacity` would abort the program.
pub fn buffer(n_samples: usize) -> Result<Vec<f32>> {
    let mut buffer = Vec::new();
    let needed_bytes = n_samples as u64 * size_of::<f32>() as u64;
    buffer
        .try_reserve_exact(n_samples)
        .map_err(|_| Error::OutOfMemory { needed_bytes })?;
    Ok(buffer)
}

/// Mono audio with at least one sample.
///
/// Every sample is finite; full scale is -1..1. Cloning is cheap, as clones share the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    samples: Arc<Vec<f32>>,
    sample_rate: u32,
}

impl Clip {
    /// Creates a clip from mono samples.
    ///
    /// # Errors
    /// [`Error::EmptyClip`], [`Error::InvalidSample`] if a sample is NaN, infinite or above 1e12 in
    /// magnitude, and the errors of [`check_length`].
    pub fn new(samples: Vec<f32>, sample_rate: u32) -> Result<Self> {
        if samples.is_empty() {
            return Err(Error::EmptyClip);
        }
        check_length(samples.len() as u64, sample_rate)?;
        match find_out_of_range(&samples, MAX_MAGNITUDE) {
            Some(index) => Err(Error::InvalidSample {
                index,
                value: samples[index],
            }),
            None => Ok(Self {
                samples: Arc::new(samples),
                sample_rate,
            }),
        }
    }

    /// Creates a clip by averaging the channels.
    ///
    /// # Shapes
    /// - `channels`: `[n_channels][n_samples]`
    ///
    /// # Errors
    /// [`Error::NoChannels`], [`Error::UnequalChannels`], and the errors of [`Mixdown::new`] and
    /// [`Clip::new`].
    pub fn from_channels(channels: &[&[f32]], sample_rate: u32) -> Result<Self> {
        let first = channels.first().ok_or(Error::NoChannels)?;
        let mut mixdown = Mixdown::new(first.len(), sample_rate)?;
        for channel in channels {
            mixdown.add_channel(channel)?;
        }
        mixdown.into_clip()
    }

    /// Creates a clip by averaging channels whose samples are interleaved.
    ///
    /// # Shapes
    /// - `samples`: `[n_samples][n_channels]`
    ///
    /// # Errors
    /// [`Error::NoChannels`], [`Error::PartialFrame`], and the errors of [`Clip::new`].
    pub fn from_interleaved(samples: &[f32], n_channels: usize, sample_rate: u32) -> Result<Self> {
        if n_channels == 0 {
            return Err(Error::NoChannels);
        }
        if !samples.len().is_multiple_of(n_channels) {
            return Err(Error::PartialFrame {
                n_samples: samples.len(),
                n_channels,
            });
        }
        check_length((samples.len() / n_channels) as u64, sample_rate)?;
        Self::new(mix_interleaved(samples, n_channels).collect(), sample_rate)
    }

    /// Returns the samples.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Returns the samples, without copying them if no clone shares them.
    pub fn into_samples(self) -> Vec<f32> {
        Arc::unwrap_or_clone(self.samples)
    }

    /// Returns the sample rate, in Hz.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Returns the duration, in seconds.
    pub fn duration_seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.sample_rate)
    }

    /// Returns the peak magnitude of each of `n_buckets` equal parts, for drawing the waveform.
    ///
    /// If there are more buckets than samples, neighbouring buckets share a sample.
    ///
    /// # Shapes
    /// - returns `[n_buckets]`
    pub fn peaks(&self, n_buckets: usize) -> Vec<f32> {
        let edge = |bucket: usize| {
            (bucket as u128 * self.samples.len() as u128 / n_buckets as u128) as usize
        };
        (0..n_buckets)
            .map(|bucket| {
                let start = edge(bucket);
                peak(&self.samples[start..edge(bucket + 1).max(start + 1)])
            })
            .collect()
    }
}

/// Returns the mean of each frame of channels whose samples are interleaved.
///
/// A decoder extends its mono samples by it, packet by packet. The results are bit-identical to those
/// of [`Mixdown`].
///
/// # Shapes
/// - `samples`: `[n_samples][n_channels]`
/// - returns `[n_samples]`
///
/// # Panics
/// If `n_channels` is 0.
pub fn mix_interleaved(samples: &[f32], n_channels: usize) -> impl Iterator<Item = f32> {
    // Same order of operations as `Mixdown`.
    let mean = move |frame: &[f32]| frame.iter().fold(0.0, |sum, x| sum + x) / n_channels as f32;
    samples.chunks_exact(n_channels).map(mean)
}

/// A mono mix that is built one channel at a time, so that a caller never needs all channels of a
/// long track in memory.
#[derive(Clone, Debug)]
pub struct Mixdown {
    sum: Vec<f32>,
    n_channels: usize,
    sample_rate: u32,
}

impl Mixdown {
    /// Creates an empty mix of channels with `n_samples` samples each, at `sample_rate` Hz.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], and the errors of [`check_length`], which runs before the allocation.
    pub fn new(n_samples: usize, sample_rate: u32) -> Result<Self> {
        check_length(n_samples as u64, sample_rate)?;
        let mut sum = buffer(n_samples)?;
        sum.resize(n_samples, 0.0);
        Ok(Self {
            sum,
            n_channels: 0,
            sample_rate,
        })
    }

    /// Adds one channel.
    ///
    /// # Errors
    /// [`Error::UnequalChannels`] if the channel does not have the `n_samples` of [`Mixdown::new`].
    pub fn add_channel(&mut self, samples: &[f32]) -> Result<()> {
        self.read_channel(samples.len(), |start, chunk| {
            chunk.copy_from_slice(&samples[start..][..chunk.len()]);
        })
    }

    /// Adds one channel that `read` copies in chunks, so that the whole channel is never in memory.
    ///
    /// `read` receives the index of a chunk's first sample and the buffer to fill.
    ///
    /// # Errors
    /// [`Error::UnequalChannels`] if the channel does not have the `n_samples` of [`Mixdown::new`].
    pub fn read_channel(
        &mut self,
        n_samples: usize,
        mut read: impl FnMut(usize, &mut [f32]),
    ) -> Result<()> {
        if n_samples != self.sum.len() {
            return Err(Error::UnequalChannels {
                expected: self.sum.len(),
                got: n_samples,
            });
        }
        let mut buffer = vec![0.0; CHUNK.min(n_samples)];
        for (index, sums) in self.sum.chunks_mut(CHUNK).enumerate() {
            let chunk = &mut buffer[..sums.len()];
            read(index * CHUNK, chunk);
            add(sums, chunk);
        }
        self.n_channels += 1;
        Ok(())
    }

    /// Returns the mean of the added channels.
    ///
    /// # Errors
    /// [`Error::NoChannels`] if no channel was added, and the errors of [`Clip::new`].
    pub fn into_clip(mut self) -> Result<Clip> {
        if self.n_channels == 0 {
            return Err(Error::NoChannels);
        }
        let n_channels = self.n_channels as f32;
        map_in_place(&mut self.sum, |sum| sum / n_channels);
        Clip::new(self.sum, self.sample_rate)
    }
}
