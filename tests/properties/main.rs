//! What must hold for any audio, not only for the golden signals.

mod clip;
mod features;
mod resample;
mod stft;
mod windows;
