//! Clips: validation, mixing and peaks.

use proptest::collection::vec;
use proptest::prelude::*;
use tonearm_dsp::{Clip, Error, MAX_SAMPLES, MAX_SECONDS, Mixdown, SAMPLE_RATES, check_length};

/// Generates channels of equal length, `[n_channels][n_samples]`.
fn channels() -> impl Strategy<Value = Vec<Vec<f32>>> {
    (1..=8_usize, 1..200_usize).prop_flat_map(|(n, len)| vec(vec(-1.0_f32..1.0, len), n))
}

proptest! {
    #[test]
    fn the_three_ways_to_mix_are_bit_identical(channels in channels()) {
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let interleaved: Vec<f32> = (0..channels[0].len())
            .flat_map(|i| channels.iter().map(move |channel| channel[i]))
            .collect();
        let mut mixdown = Mixdown::new(channels[0].len(), 44_100).expect("short enough");
        for channel in &channels {
            mixdown.add_channel(channel).expect("equal lengths");
        }

        let mixed = mixdown.into_clip().expect("valid");
        let from_channels = Clip::from_channels(&slices, 44_100).expect("valid");
        let from_interleaved = Clip::from_interleaved(&interleaved, channels.len(), 44_100).expect("valid");
        prop_assert_eq!(&mixed, &from_channels);
        prop_assert_eq!(&mixed, &from_interleaved);
    }

    #[test]
    fn a_mix_is_the_mean_of_its_channels(channels in channels()) {
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let clip = Clip::from_channels(&slices, 44_100).expect("valid");
        for (i, mixed) in clip.samples().iter().enumerate() {
            let sum: f64 = channels.iter().map(|channel| f64::from(channel[i])).sum();
            prop_assert!((f64::from(*mixed) - sum / channels.len() as f64).abs() < 1e-6);
        }
    }

    #[test]
    fn the_error_names_the_first_invalid_sample(
        mut samples in vec(-1.0_f32..1.0, 2..100),
        at in any::<prop::sample::Index>(),
        bad in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e13]),
    ) {
        let at = at.index(samples.len());
        samples[at] = bad;
        *samples.last_mut().expect("at least two") = bad;
        let error = Clip::new(samples, 44_100).expect_err("an invalid sample");
        prop_assert!(matches!(error, Error::InvalidSample { index, .. } if index == at), "{}", error);
    }

    #[test]
    fn an_invalid_sample_in_any_channel_is_refused(mut channels in channels(), which in any::<prop::sample::Index>()) {
        let which = which.index(channels.len());
        channels[which][0] = f32::NAN;
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let error = Clip::from_channels(&slices, 44_100).expect_err("a NaN sample");
        prop_assert!(matches!(error, Error::InvalidSample { index: 0, .. }), "{}", error);
    }

    #[test]
    fn the_largest_bucket_is_the_peak_of_the_clip(
        samples in vec(-1.0_f32..1.0, 1..300),
        n_buckets in 1..500_usize,
    ) {
        let clip = Clip::new(samples.clone(), 8_000).expect("valid");
        let peaks = clip.peaks(n_buckets);
        prop_assert_eq!(peaks.len(), n_buckets);
        let peak = |values: &[f32]| values.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
        prop_assert_eq!(peak(&peaks), peak(&samples));
    }
}

proptest! {
    #[test]
    fn a_clip_is_limited_to_three_hours_and_to_max_samples(
        sample_rate in SAMPLE_RATES,
        n_samples in prop_oneof![0..2 * MAX_SAMPLES, any::<u64>()],
    ) {
        let seconds = n_samples as f64 / f64::from(sample_rate);
        let fits = n_samples <= MAX_SAMPLES
            && n_samples <= u64::from(MAX_SECONDS) * u64::from(sample_rate);
        match check_length(n_samples, sample_rate) {
            Ok(()) => prop_assert!(fits),
            Err(Error::ClipTooLong { limit_seconds, got_seconds }) => {
                prop_assert!(!fits && limit_seconds < got_seconds);
                prop_assert!(limit_seconds <= f64::from(MAX_SECONDS));
                prop_assert_eq!(got_seconds, seconds);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn a_clip_that_is_too_long_is_refused_before_it_is_allocated() {
    let message = |n_samples, rate| {
        let error = check_length(n_samples, rate).expect_err("too long");
        assert!(matches!(error, Error::ClipTooLong { .. }));
        error.to_string()
    };
    // 16 hours and 40 minutes: a file of 60 MB with 8-bit samples.
    assert_eq!(
        message(60_000_000, 1_000),
        "too long: 16:40:00 or more; a clip can last at most 3:00:00, so cut the audio into parts"
    );
    assert!(message(10_800_001, 1_000).starts_with("too long: 3:00:01 or more;"));
    assert!(message(1 << 29, 96_000).contains("a clip can last at most 1:33:12"));
    check_length(10_800_000, 1_000).expect("three hours");
    check_length(3 * 3600 * 48_000, 48_000).expect("three hours");

    // Without the check, `Mixdown::new` would allocate this many samples from the length alone.
    let error = Mixdown::new(usize::MAX / 100, 44_100).expect_err("too long");
    assert!(matches!(error, Error::ClipTooLong { .. }), "{error}");
    let error = Mixdown::new(1000, 0).expect_err("0 Hz");
    assert!(matches!(error, Error::SampleRate { got: 0 }), "{error}");
    let error = Clip::new(vec![0.0; 10_800_001], 1_000).expect_err("too long");
    assert!(matches!(error, Error::ClipTooLong { .. }), "{error}");
}

#[test]
fn each_bucket_holds_its_own_peak() {
    let clip = Clip::new(vec![0.1, -0.5, 0.0, 0.2, 0.0, 0.0, -1.0, 0.3], 8_000).expect("valid");
    assert_eq!(clip.peaks(4), [0.5, 0.2, 0.0, 1.0]);
    assert!(clip.peaks(0).is_empty());
}

#[test]
fn invalid_audio_is_refused_with_a_readable_message() {
    let message = |result: tonearm_dsp::Result<Clip>| result.expect_err("refused").to_string();
    assert_eq!(
        message(Clip::new(vec![], 44_100)),
        "the audio has no samples"
    );
    assert_eq!(
        message(Clip::new(vec![0.0], 999)),
        "the sample rate must be between 1000 and 768000 Hz, got 999 Hz"
    );
    assert_eq!(
        message(Clip::new(vec![0.0, f32::NAN], 44_100)),
        "sample 1 is NaN; samples must be finite and within ±1e12"
    );
    assert_eq!(
        message(Clip::from_channels(&[], 44_100)),
        "the audio has no channels"
    );
    assert_eq!(
        message(Clip::from_interleaved(&[], 0, 44_100)),
        "the audio has no channels"
    );
    assert_eq!(
        message(Clip::from_channels(&[&[0.0, 0.0], &[0.0]], 44_100)),
        "the channels differ in length: expected 2 samples, got 1"
    );
    assert_eq!(
        message(Clip::from_interleaved(&[0.0; 5], 2, 44_100)),
        "the number of interleaved samples must be a multiple of 2 channels, got 5"
    );
    assert_eq!(
        message(Mixdown::new(3, 44_100).and_then(Mixdown::into_clip)),
        "the audio has no channels"
    );
}
