//! Features of 30 s windows, the input of the networks: log-mel patches and MFCC segments.

mod config;
mod extractor;
mod input;
mod resamplers;
mod spectrogram;
mod windows;

#[cfg(feature = "train")]
pub(crate) use config::fnv1a;
pub use config::{FeatureConfig, MelFeatures, MfccFeatures};
pub use extractor::{Extractor, Track, WindowFeatures};
pub use input::{Columns, ECHO_NEST, Input, Layout};
pub use spectrogram::Spectrogram;
pub use windows::{MIN_SECONDS, Window};
