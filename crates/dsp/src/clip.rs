//! Decoded audio, mixed down to one channel.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::simd::{add, find_out_of_range, map_in_place, peak};
use crate::{Error, Result};

/// Sample rates that a clip may have, in Hz.
pub const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=768_000;

/// Longest duration of a clip, in seconds: three hours.
pub const MAX_SECONDS: u32 = 3 * 60 * 60;

/// Most samples of a clip: as many `f32` as one allocation of a 32 bit program holds.
///
/// Sample rates above 49.7 kHz reach it before [`MAX_SECONDS`].
pub const MAX_SAMPLES: u64 = (1 << 29) - 1;

/// Largest magnitude of a sample. The power of anything louder leaves the range of `f32`.
const MAX_MAGNITUDE: f32 = 1e12;

/// Samples of a channel that are read at once.
const PART: usize = 16_384;

/// Checks the sample rate and the length of a clip, so that a caller need not allocate its samples
/// first.
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

/// An empty buffer with the capacity for a whole clip.
///
/// # Errors
/// [`Error::OutOfMemory`] where an ordinary allocation would end the program.
pub fn buffer(n_samples: usize) -> Result<Vec<f32>> {
    let mut buffer = Vec::new();
    let needed_bytes = n_samples as u64 * size_of::<f32>() as u64;
    buffer
        .try_reserve_exact(n_samples)
        .map_err(|_| Error::OutOfMemory { needed_bytes })?;
    Ok(buffer)
}

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
    /// [`Error::EmptyClip`], those of [`check_length`], and [`Error::InvalidSample`] for NaN, infinity
    /// or a magnitude above 1e12.
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

    /// The mean of all channels.
    ///
    /// # Shapes
    /// - `channels`: `[n_channels][n_samples]`
    ///
    /// # Errors
    /// [`Error::NoChannels`], [`Error::UnequalChannels`], and those of [`Mixdown::new`] and [`Clip::new`].
    pub fn from_channels(channels: &[&[f32]], sample_rate: u32) -> Result<Self> {
        let first = channels.first().ok_or(Error::NoChannels)?;
        let mut mixdown = Mixdown::new(first.len(), sample_rate)?;
        for channel in channels {
            mixdown.add_channel(channel)?;
        }
        mixdown.into_clip()
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
        check_length((samples.len() / n_channels) as u64, sample_rate)?;
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
    sample_rate: u32,
}

impl Mixdown {
    /// An empty mix of channels that have `n_samples` each, at `sample_rate` Hz.
    ///
    /// # Errors
    /// Those of [`check_length`], before anything is allocated, and [`Error::OutOfMemory`].
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
    pub fn into_clip(mut self) -> Result<Clip> {
        if self.n_channels == 0 {
            return Err(Error::NoChannels);
        }
        let n_channels = self.n_channels as f32;
        map_in_place(&mut self.sum, |sum| sum / n_channels);
        Clip::new(self.sum, self.sample_rate)
    }
}
