//! The picture of a whole track.

use tonearm_dsp::simd::{largest, map_in_place};
use tonearm_dsp::{MelConfig, decibels, mel_edges};

/// Most columns that a picture has; a longer track has several frames to a column.
const MAX_COLUMNS: usize = 2048;

/// Range of the picture, in dB below the track's loudest cell.
const RANGE_DB: f32 = 80.0;

/// A picture of a track's mel bands over its whole length.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// Number of columns, evenly spaced in time.
    pub n_columns: usize,
    /// Number of mel bands.
    pub n_mels: usize,
    /// Brightness, `[n_columns][n_mels]`, lowest band first: 255 is the track's loudest cell, 0 is
    /// 80 dB below it or less.
    pub data: Vec<u8>,
    /// Edges of the mel bands in Hz, `[n_mels + 2]`: band `i` has its peak at `edges_hz[i + 1]`, and
    /// ends at the edge before and the edge after it.
    pub edges_hz: Vec<f64>,
    /// Duration of the track, in seconds.
    pub seconds: f64,
}

/// Collects a track's frames into columns as they are computed.
#[derive(Debug)]
pub(super) struct Painter {
    n_frames: usize,
    n_columns: usize,
    n_mels: usize,
    edges_hz: Vec<f64>, // [n_mels + 2]
    next_frame: usize,
    sums: Vec<f32>,   // [n_columns][n_mels]
    counts: Vec<f32>, // [n_columns]
}

impl Painter {
    /// A picture of a track of `n_samples` in these mel bands.
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

    /// Adds the mel powers of one frame, unless it is there already or beyond the picture.
    pub(super) fn add(&mut self, frame: usize, power: &[f32]) {
        if frame != self.next_frame || frame >= self.n_frames {
            return;
        }
        self.next_frame += 1;
        // The product may exceed the `usize` of a 32 bit program.
        let column = (frame as u64 * self.n_columns as u64 / self.n_frames as u64) as usize;
        self.counts[column] += 1.0;
        let start = column * self.n_mels;
        for (sum, power) in self.sums[start..].iter_mut().zip(power) {
            *sum += power;
        }
    }

    /// The picture. Columns whose frames never came are dark.
    pub(super) fn finish(mut self, seconds: f64) -> Spectrogram {
        for (column, count) in self.sums.chunks_exact_mut(self.n_mels).zip(&self.counts) {
            let scale = 1.0 / count.max(1.0);
            column.iter_mut().for_each(|power| *power *= scale);
        }
        let loudest = largest(&self.sums).max(f32::MIN_POSITIVE);
        map_in_place(&mut self.sums, |power| power / loudest);
        decibels(&mut self.sums);
        Spectrogram {
            n_columns: self.n_columns,
            n_mels: self.n_mels,
            edges_hz: self.edges_hz,
            data: self.sums.iter().map(|db| brightness(*db)).collect(),
            seconds,
        }
    }
}

/// Brightness of a cell that is so many decibels above the loudest.
fn brightness(db: f32) -> u8 {
    // `as` saturates: what is further down than the range becomes 0.
    (255.0 * (1.0 + db / RANGE_DB) + 0.5) as u8
}
