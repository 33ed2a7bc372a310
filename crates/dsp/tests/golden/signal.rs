//! Synthetic test signals, computed by the same formulas as in `make.py`.

use std::f64::consts::TAU;

use serde::Deserialize;

use crate::noise::Noise;

/// A signal of `n` samples.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Signal {
    /// White noise, uniform in -0.5..0.5.
    Noise { n: usize },
    /// A sine of amplitude 0.5.
    Sine { n: usize, sample_rate: u32, hz: f64 },
    /// A sine of amplitude 0.5 whose frequency rises linearly.
    Chirp {
        n: usize,
        sample_rate: u32,
        from_hz: f64,
        to_hz: f64,
    },
    /// A unit impulse in the middle.
    Click { n: usize },
    /// Zeros.
    Silence { n: usize },
}

impl Signal {
    /// Returns the samples.
    pub fn samples(&self) -> Vec<f32> {
        match *self {
            Self::Noise { n } => noise(n),
            Self::Sine { n, sample_rate, hz } => tone(n, sample_rate, |_| hz),
            Self::Chirp {
                n,
                sample_rate,
                from_hz,
                to_hz,
            } => {
                let seconds = n as f64 / f64::from(sample_rate);
                tone(n, sample_rate, |t| {
                    from_hz + (to_hz - from_hz) * t / (2.0 * seconds)
                })
            }
            Self::Click { n } => {
                let mut samples = vec![0.0; n];
                samples[n / 2] = 1.0;
                samples
            }
            Self::Silence { n } => vec![0.0; n],
        }
    }
}

/// Returns a sine of amplitude 0.5 whose phase after `t` seconds is `mean_hz(t) * t` cycles.
fn tone(n: usize, sample_rate: u32, mean_hz: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..n)
        .map(|i| i as f64 / f64::from(sample_rate))
        .map(|t| (0.5 * (TAU * mean_hz(t) * t).sin()) as f32)
        .collect()
}

/// Returns white noise, uniform in -0.5..0.5.
pub fn noise(n: usize) -> Vec<f32> {
    let mut noise = Noise(1);
    (0..n).map(|_| 0.5 * noise.sample()).collect()
}
