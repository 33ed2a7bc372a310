//! Computes the features of a clip, window by window.

use std::sync::Arc;

use wide::f32x8;

use super::config::{FeatureConfig, MelFeatures, MfccFeatures, samples_in};
use super::resamplers::Resamplers;
use super::spectrogram::{Spectrogram, SpectrogramBuilder};
use super::windows::{MIN_SECONDS, Window, is_looped, plan};
use crate::{Clip, Error, Result};
use tonearm_dsp::simd::{largest, map_in_place, peak};
use tonearm_dsp::{Dct, mfcc_from_decibels};
use tonearm_dsp::{MelSpectrogram, decibels, decibels_in_place};

/// Peak below which a window is silent: -70 dB relative to full scale.
const SILENCE_PEAK: f32 = 3.162_277_7e-4;

/// A planned feature computation, reusable for any number of tracks.
///
/// Cloning is cheap: clones share the FFT plans, the filter bank and the DCT, and have their own buffers.
#[derive(Clone, Debug)]
pub struct Extractor {
    config: FeatureConfig,
    mel: MelSpectrogram,
    dct: Option<Dct>,
    resamplers: Arc<Resamplers>,
}

/// A clip that is being analysed window by window.
#[derive(Debug)]
pub struct Track {
    clip: Clip,
    duration_seconds: f64,
    looped: bool,
    windows: Vec<Window>,
    frames: Frames,
    spectrogram: Option<SpectrogramBuilder>,
}

/// The mel spectrogram of consecutive frames, as powers or decibels.
///
/// Overlapping windows share frames, so that each frame is computed once.
#[derive(Debug)]
struct Frames {
    first: usize,
    n_mels: usize,
    values: Vec<f32>, // [n_frames][n_mels]
}

/// The features of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowFeatures {
    /// Log-mel patch: `[n_mels][n_columns]` in 0..=1. MFCC segments:
    /// `[n_segments][segment_frames][n_mfcc]`.
    pub features: Vec<f32>,
    /// Whether the window's peak is below -70 dB relative to full scale.
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
            resamplers: Arc::new(Resamplers::new(config.sample_rate())),
            config: config.clone(),
            dct,
        })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &FeatureConfig {
        &self.config
    }

    /// Prepares a clip for analysis.
    ///
    /// The clip is resampled, looped if it is too short for a window, and divided into windows.
    ///
    /// # Errors
    /// [`Error::ClipTooShort`] if it is shorter than [`MIN_SECONDS`], and the errors of
    /// [`tonearm_dsp::resample`].
    pub fn open(&self, clip: Clip) -> Result<Track> {
        self.open_track(clip, false)
    }

    /// Prepares a clip as [`Extractor::open`] does, and also computes its spectrogram, for
    /// [`Track::into_spectrogram`].
    ///
    /// # Errors
    /// Same as [`Extractor::open`].
    pub fn open_with_spectrogram(&self, clip: Clip) -> Result<Track> {
        self.open_track(clip, true)
    }

    fn open_track(&self, clip: Clip, with_spectrogram: bool) -> Result<Track> {
        let duration_seconds = clip.duration_seconds();
        if duration_seconds < MIN_SECONDS {
            return Err(Error::ClipTooShort {
                needed_seconds: MIN_SECONDS,
                got_seconds: duration_seconds,
            });
        }
        let mel = self.config.mel_config();
        let mut clip = self.resamplers.resample(clip)?;
        let spectrogram =
            with_spectrogram.then(|| SpectrogramBuilder::new(clip.samples().len(), mel));
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
            spectrogram,
        })
    }

    /// Computes the features of one window.
    ///
    /// In ascending order, the frames that windows share are computed only once. The order does not
    /// change the result.
    ///
    /// # Panics
    /// If `index` is out of range, or the track was opened by an extractor for other features.
    pub fn window(&mut self, track: &mut Track, index: usize) -> WindowFeatures {
        let window = track.windows[index].clone();
        self.compute_frames(track, &window);
        let spectra = &track.frames.values;
        let features = match (&self.config, &self.dct) {
            (FeatureConfig::Mel(config), _) => log_mel_patch(config, spectra),
            (FeatureConfig::Mfcc(config), Some(dct)) => mfcc_segments(config, dct, spectra),
            (FeatureConfig::Mfcc(_), None) => unreachable!("`new` plans a DCT for MFCCs"),
        };
        WindowFeatures {
            features,
            silent: peak(self.window_samples(track, &window)) < SILENCE_PEAK,
        }
    }

    /// Updates `track.frames` to hold exactly the frames of `window`.
    fn compute_frames(&mut self, track: &mut Track, window: &Window) {
        track.frames.discard_before(window.first_frame);
        track
            .frames
            .values
            .truncate(window.n_frames * track.frames.n_mels);
        for frame in track.frames.end()..window.frames().end {
            let bands = track.frames.push();
            self.mel.frame(track.clip.samples(), frame, bands);
            if let Some(spectrogram) = &mut track.spectrogram {
                spectrogram.add(frame, bands);
            }
            // A log-mel patch converts only the frames that it samples.
            if self.dct.is_some() {
                decibels_in_place(bands);
            }
        }
    }

    /// Returns the samples of a window.
    fn window_samples<'a>(&self, track: &'a Track, window: &Window) -> &'a [f32] {
        let hop = self.config.mel_config().hop;
        let samples = track.clip.samples();
        let end = (window.frames().end * hop).min(samples.len());
        &samples[(window.first_frame * hop).min(end)..end]
    }
}

impl Track {
    /// Returns the windows in order; there is at least one.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Returns the duration of the clip before looping, in seconds.
    pub fn duration_seconds(&self) -> f64 {
        self.duration_seconds
    }

    /// Returns whether the clip was looped to fill a window.
    pub fn looped(&self) -> bool {
        self.looped
    }

    /// Returns the spectrogram of the frames computed so far, without the repetitions of a looped clip.
    /// `None` unless the track was opened by [`Extractor::open_with_spectrogram`].
    pub fn into_spectrogram(self) -> Option<Spectrogram> {
        let seconds = self.duration_seconds;
        self.spectrogram.map(|builder| builder.finish(seconds))
    }
}

impl Frames {
    fn new(n_mels: usize) -> Self {
        Self {
            first: 0,
            n_mels,
            values: Vec::new(),
        }
    }

    /// Returns the index after the last frame held.
    fn end(&self) -> usize {
        self.first + self.values.len() / self.n_mels
    }

    /// Discards the frames before `first`, or all frames if `first` is not adjacent to them.
    fn discard_before(&mut self, first: usize) {
        if (self.first..=self.end()).contains(&first) {
            self.values.drain(..(first - self.first) * self.n_mels);
        } else {
            self.values.clear();
        }
        self.first = first;
    }

    /// Appends a frame of zeros and returns it.
    fn push(&mut self) -> &mut [f32] {
        let start = self.values.len();
        self.values.resize(start + self.n_mels, 0.0);
        &mut self.values[start..]
    }
}

/// Computes the log-mel patch: decibels relative to the window's maximum, at evenly spaced frames,
/// scaled to 0..=1.
///
/// # Shapes
/// - `power`: `[n_frames][n_mels]`
/// - returns `[n_mels][n_columns]`
fn log_mel_patch(config: &MelFeatures, power: &[f32]) -> Vec<f32> {
    let (n_mels, n_columns) = (config.mel.n_mels, config.n_columns);
    let n_frames = power.len() / n_mels;
    let max_db = decibels(largest(power));

    let floor = f32x8::splat(-config.top_db);
    let mut patch = vec![0.0; n_mels * n_columns];
    let mut bands = vec![0.0; n_mels];
    for column in 0..n_columns {
        // floor((column + 0.5) * n_frames / n_columns), in integer arithmetic
        let frame = (2 * column + 1) * n_frames / (2 * n_columns);
        bands.copy_from_slice(&power[frame * n_mels..][..n_mels]);
        decibels_in_place(&mut bands);
        map_in_place(&mut bands, |db| {
            1.0 + (db - max_db).fast_max(floor) / config.top_db
        });
        for (mel, value) in bands.iter().enumerate() {
            patch[mel * n_columns + column] = *value;
        }
    }
    patch
}

/// Computes the MFCCs of a window and cuts them into segments.
///
/// # Shapes
/// - `mel_db`: `[n_frames][n_mels]`
/// - returns `[n_segments][segment_frames][n_mfcc]`
fn mfcc_segments(config: &MfccFeatures, dct: &Dct, mel_db: &[f32]) -> Vec<f32> {
    let n_frames = mel_db.len() / config.mel.n_mels;
    let coefficients = mfcc_from_decibels(mel_db, dct, config.top_db);
    (0..config.n_segments())
        .map(|index| config.segment_start(index, n_frames) * config.n_mfcc)
        .flat_map(|start| &coefficients[start..start + config.segment_frames * config.n_mfcc])
        .copied()
        .collect()
}
