#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

// In the order of the data flow: a module uses only the modules above it. Blank lines keep rustfmt from
// sorting them.
mod error;
#[doc(hidden)]
pub mod simd;

mod clip;

mod resample;

mod stft;

mod mel;

mod mfcc;

pub use clip::{
    Clip, MAX_SAMPLES, MAX_SECONDS, Mixdown, SAMPLE_RATES, check_length, mix_interleaved,
};
pub use error::{ConfigError, Error, Result};
pub use mel::{MelBank, MelConfig, MelSpectrogram, mel_filter_bank, power_to_db};
#[doc(hidden)]
pub use mel::{decibels, decibels_in_place, mel_edges};
#[doc(hidden)]
pub use mfcc::mfcc_from_decibels;
pub use mfcc::{Dct, mfcc};
pub use resample::{Resampler, resample};
pub use stft::{Stft, StftConfig, hann};
