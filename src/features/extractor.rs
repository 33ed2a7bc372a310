//! From a clip to the features of its windows.

use wide::f32x8;

use super::config::{FeatureConfig, MelFeatures, MfccFeatures, samples_in};
use super::spectrogram::{Painter, Spectrogram};
use super::windows::{MIN_SECONDS, Window, is_looped, plan};
use crate::{Clip, Error, Result};
use tonearm_dsp::simd::{largest, map_in_place, peak};
use tonearm_dsp::{Dct, of_decibels, resample};
use tonearm_dsp::{MelSpectrogram, decibels, decibels_of};

/// A window that nowhere exceeds this is silent: -70 dB below full scale.
const SILENCE_PEAK: f32 = 3.162_277_7e-4;

/// Computes features; planned once, used for any number of tracks.
#[derive(Debug)]
pub struct Extractor {
    config: FeatureConfig,
    mel: MelSpectrogram,
    dct: Option<Dct>,
}

/// A clip that is being analysed, window by window.
#[derive(Debug)]
pub struct Track {
    clip: Clip,
    duration_seconds: f64,
    looped: bool,
    windows: Vec<Window>,
    frames: Frames,
    painter: Painter,
}

/// Mel powers of consecutive frames, or their decibels: those that the present window shares with the
/// next.
#[derive(Debug)]
struct Frames {
    first: usize,
    n_mels: usize,
    cells: Vec<f32>, // [n_frames][n_mels]
}

/// What the network reads of one window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowFeatures {
    /// Mel: `[n_mels][n_columns]` in 0..1. MFCC: `[n_pieces][piece_frames][n_mfcc]`.
    pub features: Vec<f32>,
    /// Whether the window's peak is below -70 dB of full scale.
    pub silent: bool,
}

impl Extractor {
    /// Plans the computation.
    ///
    /// # Errors
    /// [`Error::Config`] if `config` is out of range.
    pub fn new(config: &FeatureConfig) -> Result<Self> {
        config.validate()?;
        let dct = match config {
            FeatureConfig::Mel(_) => None,
            FeatureConfig::Mfcc(mfcc) => Some(Dct::new(mfcc.n_mfcc, mfcc.mel.n_mels)?),
        };
        Ok(Self {
            mel: MelSpectrogram::new(config.mel_config())?,
            config: config.clone(),
            dct,
        })
    }

    /// The configuration that it was planned for.
    pub fn config(&self) -> &FeatureConfig {
        &self.config
    }

    /// Resamples a clip, loops it if it is too short for one window, and plans its windows.
    ///
    /// # Errors
    /// [`Error::ClipTooShort`] under one second, and those of [`resample`].
    pub fn open(&self, clip: Clip) -> Result<Track> {
        let duration_seconds = clip.duration_seconds();
        if duration_seconds < MIN_SECONDS {
            return Err(Error::ClipTooShort {
                needed_seconds: MIN_SECONDS,
                got_seconds: duration_seconds,
            });
        }
        let mel = self.config.mel_config();
        let mut clip = resample(clip, mel.sample_rate)?;
        let painter = Painter::new(clip.samples().len(), mel);

        let looped = is_looped(&self.config, duration_seconds);
        let mut seconds = duration_seconds;
        if looped {
            seconds = self.config.window_seconds();
            let n_samples = samples_in(seconds, mel.sample_rate);
            let samples = clip.samples().iter().copied().cycle().take(n_samples);
            clip = Clip::new(samples.collect(), mel.sample_rate)?;
        }
        Ok(Track {
            windows: plan(&self.config, clip.samples().len(), seconds),
            clip,
            duration_seconds,
            looped,
            frames: Frames::new(mel.n_mels),
            painter,
        })
    }

    /// Computes the features of one window.
    ///
    /// Windows that are asked for in order share their frames; any order gives the same answer.
    ///
    /// # Panics
    /// If the track has no such window, or was opened for other features.
    pub fn window(&mut self, track: &mut Track, index: usize) -> WindowFeatures {
        let window = track.windows[index].clone();
        self.compute_frames(track, &window);
        let cells = &track.frames.cells;
        let features = match (&self.config, &self.dct) {
            (FeatureConfig::Mel(config), _) => mel_picture(config, cells),
            (FeatureConfig::Mfcc(config), Some(dct)) => mfcc_pieces(config, dct, cells),
            (FeatureConfig::Mfcc(_), None) => unreachable!("`new` plans a DCT for MFCC"),
        };
        WindowFeatures {
            features,
            silent: peak(self.samples_of(track, &window)) < SILENCE_PEAK,
        }
    }

    /// Leaves in `track.frames` exactly the frames of `window`.
    fn compute_frames(&mut self, track: &mut Track, window: &Window) {
        track.frames.forget_before(window.first_frame);
        track
            .frames
            .cells
            .truncate(window.n_frames * track.frames.n_mels);
        for frame in track.frames.end()..window.frames().end {
            let cells = track.frames.push();
            self.mel.frame(track.clip.samples(), frame, cells);
            track.painter.add(frame, cells);
            // Of a mel picture only the columns picked need a logarithm.
            if self.dct.is_some() {
                decibels(cells);
            }
        }
    }

    /// The samples that a window spans.
    fn samples_of<'a>(&self, track: &'a Track, window: &Window) -> &'a [f32] {
        let hop = self.config.mel_config().hop;
        let samples = track.clip.samples();
        let end = (window.frames().end * hop).min(samples.len());
        &samples[(window.first_frame * hop).min(end)..end]
    }
}

impl Track {
    /// Its windows, in order; at least one.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Its true duration in seconds, looped or not.
    pub fn duration_seconds(&self) -> f64 {
        self.duration_seconds
    }

    /// Whether it was repeated to fill a window.
    pub fn looped(&self) -> bool {
        self.looped
    }

    /// The picture of the frames computed so far; a looped track is shown once.
    pub fn into_spectrogram(self) -> Spectrogram {
        self.painter.finish(self.duration_seconds)
    }
}

impl Frames {
    fn new(n_mels: usize) -> Self {
        Self {
            first: 0,
            n_mels,
            cells: Vec::new(),
        }
    }

    /// Index after the last frame held.
    fn end(&self) -> usize {
        self.first + self.cells.len() / self.n_mels
    }

    /// Makes `first` the first frame held; holds none if it is not among them.
    fn forget_before(&mut self, first: usize) {
        if (self.first..=self.end()).contains(&first) {
            self.cells.drain(..(first - self.first) * self.n_mels);
        } else {
            self.cells.clear();
        }
        self.first = first;
    }

    /// Room for the next frame.
    fn push(&mut self) -> &mut [f32] {
        let start = self.cells.len();
        self.cells.resize(start + self.n_mels, 0.0);
        &mut self.cells[start..]
    }
}

/// Decibels below the window's loudest cell, at evenly picked frames, scaled to 0..1.
///
/// # Shapes
/// - `power`: `[n_frames][n_mels]`
/// - returns `[n_mels][n_columns]`
fn mel_picture(config: &MelFeatures, power: &[f32]) -> Vec<f32> {
    let (n_mels, n_columns) = (config.mel.n_mels, config.n_columns);
    let n_frames = power.len() / n_mels;
    let loudest = decibels_of(largest(power));

    let floor = f32x8::splat(-config.top_db);
    let mut picture = vec![0.0; n_mels * n_columns];
    let mut cells = vec![0.0; n_mels];
    for column in 0..n_columns {
        // floor((column + 0.5) * n_frames / n_columns), in whole numbers
        let frame = (2 * column + 1) * n_frames / (2 * n_columns);
        cells.copy_from_slice(&power[frame * n_mels..][..n_mels]);
        decibels(&mut cells);
        map_in_place(&mut cells, |db| {
            1.0 + (db - loudest).fast_max(floor) / config.top_db
        });
        for (mel, cell) in cells.iter().enumerate() {
            picture[mel * n_columns + column] = *cell;
        }
    }
    picture
}

/// MFCCs of the window, cut into pieces.
///
/// # Shapes
/// - `mel_db`: `[n_frames][n_mels]`
/// - returns `[n_pieces][piece_frames][n_mfcc]`
fn mfcc_pieces(config: &MfccFeatures, dct: &Dct, mel_db: &[f32]) -> Vec<f32> {
    let n_frames = mel_db.len() / config.mel.n_mels;
    let coefficients = of_decibels(mel_db, dct, config.top_db);
    (0..config.n_pieces())
        .map(|index| config.piece_start(index, n_frames) * config.n_mfcc)
        .flat_map(|start| &coefficients[start..start + config.piece_frames * config.n_mfcc])
        .copied()
        .collect()
}
