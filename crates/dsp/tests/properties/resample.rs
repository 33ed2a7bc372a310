//! Resampling: length, alignment, level and absence of aliasing.

use std::f64::consts::TAU;

use proptest::prelude::*;
use tonearm_dsp::{Clip, Error, Resampler, resample};

/// Common sample rates of audio files, in Hz.
const RATES: [u32; 10] = [
    8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000,
];

/// Sample rates of the features, in Hz.
const TARGETS: [u32; 2] = [22_050, 44_100];

/// Duration at each end of a signal that the filter distorts, in seconds.
const EDGE_SECONDS: f64 = 0.06;

fn rates() -> impl Strategy<Value = (u32, u32)> {
    (
        prop::sample::select(&RATES[..]),
        prop::sample::select(&TARGETS[..]),
    )
        .prop_filter("a change of rate", |(from, to)| from != to)
}

/// Returns half a second of a sine of amplitude 1.
fn tone(hz: f64, phase: f64, sample_rate: u32) -> Vec<f32> {
    (0..sample_rate / 2)
        .map(|i| (TAU * hz * f64::from(i) / f64::from(sample_rate) + phase).sin() as f32)
        .collect()
}

fn resampled(samples: Vec<f32>, from: u32, to: u32) -> Vec<f32> {
    let clip = Clip::new(samples, from).expect("a valid clip");
    resample(clip, to).expect("valid rates").into_samples()
}

/// Returns the range of samples that the ends do not distort.
fn middle(samples: &[f32], sample_rate: u32) -> std::ops::Range<usize> {
    let edge = (EDGE_SECONDS * f64::from(sample_rate)) as usize;
    edge..samples.len() - edge
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_plan_can_be_reused((from, to) in rates()) {
        let plan = Resampler::new(from, to).expect("valid rates");
        for hz in [440.0, 3_000.0] {
            let clip = Clip::new(tone(hz, 0.0, from), from).expect("a valid clip");
            let got = plan.resample(&clip).expect("the length is valid");
            prop_assert_eq!(got, resample(clip, to).expect("valid rates"));
        }
    }

    #[test]
    fn resampling_preserves_the_duration(
        (from, to) in rates(),
        n_samples in 1..30_000_usize,
    ) {
        let got = resampled(vec![0.25; n_samples], from, to).len();
        let exact = n_samples as f64 * f64::from(to) / f64::from(from);
        prop_assert_eq!(got, (exact.round() as usize).max(1));
    }

    #[test]
    fn a_tone_in_the_passband_keeps_its_amplitude_and_phase(
        (from, to) in rates(),
        fraction in 0.01..0.89_f64,
        phase in 0.0..TAU,
    ) {
        let hz = fraction * f64::from(from.min(to)) / 2.0;
        let got = resampled(tone(hz, phase, from), from, to);
        let expected = tone(hz, phase, to);
        for i in middle(&got, to) {
            prop_assert!((got[i] - expected[i]).abs() < 1e-3, "expected {1} at {i}, got {0}", got[i], expected[i]);
        }
    }

    #[test]
    fn a_tone_above_the_new_nyquist_is_removed(
        (from, to) in rates().prop_filter("downsampling", |(from, to)| from > to),
        fraction in 0.01..0.99_f64,
    ) {
        let (new, old) = (f64::from(to) / 2.0, f64::from(from) / 2.0);
        let got = resampled(tone(new + fraction * (old - new), 0.3, from), from, to);
        let peak = got[middle(&got, to)].iter().fold(0.0_f32, |max, x| max.max(x.abs()));
        prop_assert!(peak < 1e-4, "the peak is {peak}");
    }

    #[test]
    fn a_constant_signal_keeps_its_level((from, to) in rates(), level in -1.0_f32..1.0) {
        let got = resampled(vec![level; from as usize / 2], from, to);
        for x in &got[middle(&got, to)] {
            prop_assert!((x - level).abs() < 1e-5, "expected {level}, got {x}");
        }
    }

    #[test]
    fn any_two_rates_give_finite_samples_of_the_right_number(
        from in 1_000..=100_000_u32,
        to in 1_000..=100_000_u32,
        n_samples in 1..2_000_usize,
    ) {
        let got = resampled(vec![1.0; n_samples], from, to);
        let exact = n_samples as f64 * f64::from(to) / f64::from(from);
        prop_assert!((got.len() as f64 - exact).abs() <= 1.0);
    }
}

#[test]
fn a_clip_that_would_become_too_long_is_refused_before_it_is_allocated() {
    // At 768 kHz, 12 minutes exceed `MAX_SAMPLES`.
    let clip = Clip::new(vec![0.0; 720_000], 1_000).expect("a valid clip");
    let error = resample(clip.clone(), 768_000).expect_err("553 million samples");
    assert!(
        matches!(error, Error::ClipTooLong { got_seconds, .. } if got_seconds == 720.0),
        "{error}"
    );
    let resampled = resample(clip, 44_100).expect("short enough");
    assert_eq!(resampled.samples().len(), 720 * 44_100);
}

#[test]
fn resampling_to_the_same_rate_changes_nothing() {
    let samples = tone(440.0, 0.0, 44_100);
    assert_eq!(resampled(samples.clone(), 44_100, 44_100), samples);
}

#[test]
fn an_unsupported_rate_is_refused() {
    let clip = Clip::new(vec![0.0; 10], 44_100).expect("a valid clip");
    let error = resample(clip, 0).expect_err("0 Hz");
    assert!(matches!(error, Error::SampleRate { got: 0 }), "{error}");
}
