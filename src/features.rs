//! What the networks read: mel pictures and MFCC sequences of 30 s windows.

mod config;
mod extractor;
mod input;
mod spectrogram;
mod windows;

pub use config::{FeatureConfig, MelFeatures, MfccFeatures};
pub use extractor::{Extractor, Track, WindowFeatures};
pub use input::{Columns, ECHO_NEST, Input, Layout};
pub use spectrogram::Spectrogram;
pub use windows::{MIN_SECONDS, Window};
