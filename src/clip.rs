//! Decoded audio, mixed down to one channel.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::lanes::{add, change, first_above, peak};
use crate::{Error, Result};

/// Sample rates that a clip may have, in Hz.
pub const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=768_000;

/// Largest magnitude of a sample. The power of anything louder leaves the range of `f32`.
const MAX_MAGNITUDE: f32 = 1e12;

/// Samples of a channel that are read at once.
const PART: usize = 16_384;

/// Mono audio: at least one sample, every sample finite, full scale -1..1.
///
/// A clone shares the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    samples: Arc<Vec<f32>>,
    sample_rate: u32,
}

impl Clip {
    /// A clip of mono samples.
    ///
    /// # Errors
    /// [`Error::EmptyClip`], [`Error::SampleRate`] outside [`SAMPLE_RATES`], and
    /// [`Error::InvalidSample`] for NaN, infinity or a magnitude above 1e12.
    pub fn new(samples: Vec<f32>, sample_rate: u32) -> Result<Self> {
        if samples.is_empty() {
            return Err(Error::EmptyClip);
        }
        if !SAMPLE_RATES.contains(&sample_rate) {
            return Err(Error::SampleRate { got: sample_rate });
        }
        match first_above(&samples, MAX_MAGNITUDE) {
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

    /// The mean of all channels.
    ///
    /// # Shapes
    /// - `channels`: `[n_channels][n_samples]`
    ///
    /// # Errors
    /// [`Error::NoChannels`], [`Error::UnequalChannels`], and those of [`Clip::new`].
    pub fn from_channels(channels: &[&[f32]], sample_rate: u32) -> Result<Self> {
        let first = channels.first().ok_or(Error::NoChannels)?;
        let mut mixdown = Mixdown::new(first.len());
        for channel in channels {
            mixdown.add_channel(channel)?;
        }
        mixdown.into_clip(sample_rate)
    }

    /// The mean of all channels, given frame by frame as most decoders do.
    ///
    /// # Shapes
    /// - `samples`: `[n_samples][n_channels]`
    ///
    /// # Errors
    /// [`Error::NoChannels`], [`Error::PartialFrame`], and those of [`Clip::new`].
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
        // In the order of `Mixdown`, so that both give the same bits.
        let mean = |frame: &[f32]| frame.iter().fold(0.0, |sum, x| sum + x) / n_channels as f32;
        Self::new(
            samples.chunks_exact(n_channels).map(mean).collect(),
            sample_rate,
        )
    }

    /// The samples, in order.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// The samples, without a copy where no clone shares them.
    pub fn into_samples(self) -> Vec<f32> {
        Arc::unwrap_or_clone(self.samples)
    }

    /// Samples per second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Length in seconds.
    pub fn duration_seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.sample_rate)
    }

    /// Largest magnitude in each of `n_buckets` equal parts: the picture of the waveform.
    ///
    /// Where there are more parts than samples, neighbouring parts share one.
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

/// A mono mix in the making: takes one channel at a time, so that a caller never holds two
/// copies of a long track.
#[derive(Clone, Debug)]
pub struct Mixdown {
    sum: Vec<f32>,
    n_channels: usize,
}

impl Mixdown {
    /// An empty mix of channels that have `n_samples` each.
    pub fn new(n_samples: usize) -> Self {
        Self {
            sum: vec![0.0; n_samples],
            n_channels: 0,
        }
    }

    /// Adds one channel.
    ///
    /// # Errors
    /// [`Error::UnequalChannels`] if it has not the length that [`Mixdown::new`] was given.
    pub fn add_channel(&mut self, samples: &[f32]) -> Result<()> {
        self.read_channel(samples.len(), |start, part| {
            part.copy_from_slice(&samples[start..][..part.len()]);
        })
    }

    /// Adds one channel that is elsewhere, so that it is never here as a whole: `read` is given where a
    /// part begins and fills it.
    ///
    /// # Errors
    /// [`Error::UnequalChannels`] if it has not the length that [`Mixdown::new`] was given.
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
        let mut part = vec![0.0; PART.min(n_samples)];
        for (index, sums) in self.sum.chunks_mut(PART).enumerate() {
            let part = &mut part[..sums.len()];
            read(index * PART, part);
            add(sums, part);
        }
        self.n_channels += 1;
        Ok(())
    }

    /// The mean of the channels added.
    ///
    /// # Errors
    /// [`Error::NoChannels`] if none was added, and those of [`Clip::new`].
    pub fn into_clip(mut self, sample_rate: u32) -> Result<Clip> {
        if self.n_channels == 0 {
            return Err(Error::NoChannels);
        }
        let n_channels = self.n_channels as f32;
        change(&mut self.sum, |sum| sum / n_channels);
        Clip::new(self.sum, sample_rate)
    }
}
