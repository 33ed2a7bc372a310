//! What the networks read: mel pictures and MFCC sequences of 30 s windows.

mod config;
mod extractor;
mod spectrogram;
mod windows;

pub use config::{FeatureConfig, MelFeatures, MfccFeatures};
pub use extractor::{Extractor, Track, WindowFeatures};
pub use spectrogram::Spectrogram;
pub use windows::{MIN_SECONDS, Window};
