//! What must hold for any samples, not only for the golden signals.

mod clip;
mod resample;
mod stft;
