//! Features of 30 s windows, the input of the networks: log-mel patches and MFCC segments.

mod config;
mod extractor;
mod fingerprint;
mod input;
mod resamplers;
mod spectrogram;
mod windows;

pub use config::{FeatureConfig, MelFeatures, MfccFeatures};
pub use extractor::{Extractor, Track, WindowFeatures};
#[cfg(feature = "train")]
pub(crate) use fingerprint::fingerprint;
pub use fingerprint::fnv1a;
pub use input::{Columns, ECHO_NEST, Input, Layout};
pub use spectrogram::Spectrogram;
pub use windows::{MIN_SECONDS, Window};
