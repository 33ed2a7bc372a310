//! The spectrogram of a whole track, for display.

use tonearm_dsp::simd::{largest, map_in_place};
use tonearm_dsp::{MelConfig, decibels_in_place, mel_edges};

/// Maximum number of columns; a longer track averages several frames per column.
const MAX_COLUMNS: usize = 2048;

/// Dynamic range below the track's maximum, in dB.
const RANGE_DB: f32 = 80.0;

/// The mel spectrogram of a whole track, in 8 bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// Number of columns, evenly spaced in time.
    pub n_columns: usize,
    /// Number of mel bands.
    pub n_mels: usize,
    /// Levels, `[n_columns][n_mels]`, lowest band first: 255 is the track's maximum, 0 is at least
    /// 80 dB below it.
    pub data: Vec<u8>,
    /// Edges of the mel bands in Hz, `[n_mels + 2]`: band `i` spans `edges_hz[i]..edges_hz[i + 2]` and
    /// peaks at `edges_hz[i + 1]`.
    pub edges_hz: Vec<f64>,
    /// Duration of the track, in seconds.
    pub seconds: f64,
}

/// Averages the frames of a track into columns as they are computed.
#[derive(Debug)]
pub(super) struct SpectrogramBuilder {
    n_frames: usize,
    n_columns: usize,
    n_mels: usize,
    edges_hz: Vec<f64>, // [n_mels + 2]
    next_frame: usize,
    sums: Vec<f32>,   // [n_columns][n_mels]
    counts: Vec<f32>, // [n_columns]
}

impl SpectrogramBuilder {
    /// Creates an empty spectrogram of a track with `n_samples` samples.
    pub(super) fn new(n_samples: usize, config: &MelConfig) -> Self {
        let (n_frames, n_mels) = (config.stft().n_frames(n_samples), config.n_mels);
        let n_columns = n_frames.min(MAX_COLUMNS);
        Self {
            n_frames,
            n_columns,
            n_mels,
            edges_hz: mel_edges(config),
            next_frame: 0,
            sums: vec![0.0; n_columns * n_mels],
            counts: vec![0.0; n_columns],
        }
    }

    /// Adds the mel power spectrum of the next frame.
    ///
    /// Frames that were added before or lie beyond the end of the track are ignored.
    pub(super) fn add(&mut self, frame: usize, power: &[f32]) {
        if frame != self.next_frame || frame >= self.n_frames {
            return;
        }
        self.next_frame += 1;
        // The product can overflow `usize` on a 32-bit target.
        let column = (frame as u64 * self.n_columns as u64 / self.n_frames as u64) as usize;
        self.counts[column] += 1.0;
        let start = column * self.n_mels;
        for (sum, power) in self.sums[start..].iter_mut().zip(power) {
            *sum += power;
        }
    }

    /// Returns the spectrogram; columns without frames are 0.
    pub(super) fn finish(mut self, seconds: f64) -> Spectrogram {
        for (column, count) in self.sums.chunks_exact_mut(self.n_mels).zip(&self.counts) {
            let scale = 1.0 / count.max(1.0);
            column.iter_mut().for_each(|power| *power *= scale);
        }
        let max_power = largest(&self.sums).max(f32::MIN_POSITIVE);
        map_in_place(&mut self.sums, |power| power / max_power);
        decibels_in_place(&mut self.sums);
        Spectrogram {
            n_columns: self.n_columns,
            n_mels: self.n_mels,
            edges_hz: self.edges_hz,
            data: self.sums.iter().map(|db| quantise(*db)).collect(),
            seconds,
        }
    }
}

/// Converts decibels relative to the track's maximum to a level.
fn quantise(db: f32) -> u8 {
    // `as` saturates, so values below the dynamic range become 0.
    (255.0 * (1.0 + db / RANGE_DB) + 0.5) as u8
}
