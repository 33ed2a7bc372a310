//! STFT: energy, scaling, time shifts and the number of frames; validation of configurations.

use proptest::collection::vec;
use proptest::prelude::*;
use tonearm_dsp::{MelConfig, Stft, StftConfig, hann};

fn configs() -> impl Strategy<Value = StftConfig> {
    (1..=300_usize, 1..=200_usize).prop_map(|(half, hop)| StftConfig {
        n_fft: 2 * half,
        hop,
    })
}

fn power(config: &StftConfig, samples: &[f32], frame: usize) -> Vec<f32> {
    let mut stft = Stft::new(config).expect("valid");
    let mut out = vec![0.0; stft.n_bins()];
    stft.power(samples, frame, &mut out);
    out
}

/// Returns the windowed samples of a frame; the signal is zero-padded.
fn windowed(config: &StftConfig, samples: &[f32], frame: usize) -> Vec<f32> {
    let start = (frame * config.hop) as isize - (config.n_fft / 2) as isize;
    let sample = |i: usize| {
        let at = usize::try_from(start + i as isize).ok();
        at.and_then(|at| samples.get(at)).copied().unwrap_or(0.0)
    };
    let window = hann(config.n_fft);
    (0..config.n_fft).map(|i| sample(i) * window[i]).collect()
}

proptest! {
    #[test]
    fn a_power_spectrum_has_the_energy_of_its_frame(
        config in configs(),
        samples in vec(-1.0_f32..1.0, 1..1_000),
        frame in any::<prop::sample::Index>(),
    ) {
        let frame = frame.index(config.n_frames(samples.len()));
        let power = power(&config, &samples, frame);
        // Parseval's theorem: all bins but the first and the last occur twice in the full spectrum.
        let ends = power[0] + power[power.len() - 1];
        let spectrum = (2.0 * power.iter().sum::<f32>() - ends) / config.n_fft as f32;
        let energy: f32 = windowed(&config, &samples, frame).iter().map(|x| x * x).sum();
        prop_assert!((spectrum - energy).abs() <= 1e-4 * energy.max(1e-3), "expected {energy}, got {spectrum}");
    }

    #[test]
    fn doubling_the_amplitude_quadruples_the_power(
        config in configs(),
        samples in vec(-1.0_f32..1.0, 1..1_000),
    ) {
        let doubled: Vec<f32> = samples.iter().map(|x| 2.0 * x).collect();
        let single = power(&config, &samples, 0);
        for (once, twice) in single.iter().zip(power(&config, &doubled, 0)) {
            // Exact, because multiplying by a power of two does not round.
            prop_assert_eq!(4.0 * once, twice);
        }
    }

    #[test]
    fn shifting_the_signal_by_one_hop_shifts_the_frames_by_one(
        config in configs(),
        samples in vec(-1.0_f32..1.0, 1..1_000),
        frame in 0..20_usize,
    ) {
        let mut shifted = vec![0.0; config.hop];
        shifted.extend_from_slice(&samples);
        prop_assert_eq!(power(&config, &samples, frame), power(&config, &shifted, frame + 1));
    }

    #[test]
    fn there_is_one_frame_for_every_hop_within_the_signal(config in configs(), n_samples in 0..5_000_usize) {
        let n_frames = config.n_frames(n_samples);
        prop_assert!((n_frames - 1) * config.hop <= n_samples);
        prop_assert!(n_frames * config.hop > n_samples);
    }
}

#[test]
fn a_frame_outside_the_signal_is_zero() {
    let config = StftConfig::default();
    assert_eq!(power(&config, &[1.0; 100], usize::MAX), vec![0.0; 1025]);
}

#[test]
fn a_band_above_nyquist_is_refused() {
    let config = MelConfig {
        f_max: 20_000.0,
        ..MelConfig::default()
    };
    let error = config.validate().expect_err("20 kHz at 22 050 Hz");
    assert_eq!(
        error.to_string(),
        "`f_max` must be at least 1 above f_min and at most sample_rate/2, got 20000"
    );
}

#[test]
fn an_odd_fft_length_is_refused() {
    let config = StftConfig { n_fft: 255, hop: 1 };
    let error = config.validate().expect_err("odd");
    assert_eq!(
        error.to_string(),
        "`n_fft` must be even and in 2..=65536, got 255"
    );
}
