//! Clips: what is refused, and what a mix is.

use proptest::collection::vec;
use proptest::prelude::*;
use tonearm::clip::Mixdown;
use tonearm::{Clip, Error};

/// Channels of equal length, `[n_channels][n_samples]`.
fn channels() -> impl Strategy<Value = Vec<Vec<f32>>> {
    (1..=8_usize, 1..200_usize).prop_flat_map(|(n, len)| vec(vec(-1.0_f32..1.0, len), n))
}

proptest! {
    #[test]
    fn the_three_ways_to_mix_give_the_same_bits(channels in channels()) {
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let interleaved: Vec<f32> = (0..channels[0].len())
            .flat_map(|i| channels.iter().map(move |channel| channel[i]))
            .collect();
        let mut mixdown = Mixdown::new(channels[0].len());
        for channel in &channels {
            mixdown.add_channel(channel).expect("equal lengths");
        }

        let mixed = mixdown.into_clip(44_100).expect("valid");
        let of_channels = Clip::from_channels(&slices, 44_100).expect("valid");
        let of_frames = Clip::from_interleaved(&interleaved, channels.len(), 44_100).expect("valid");
        prop_assert_eq!(&mixed, &of_channels);
        prop_assert_eq!(&mixed, &of_frames);
    }

    #[test]
    fn the_mix_is_the_mean(channels in channels()) {
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let clip = Clip::from_channels(&slices, 44_100).expect("valid");
        for (i, mixed) in clip.samples().iter().enumerate() {
            let sum: f64 = channels.iter().map(|channel| f64::from(channel[i])).sum();
            prop_assert!((f64::from(*mixed) - sum / channels.len() as f64).abs() < 1e-6);
        }
    }

    #[test]
    fn the_first_bad_sample_is_named(
        mut samples in vec(-1.0_f32..1.0, 2..100),
        at in any::<prop::sample::Index>(),
        bad in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e13]),
    ) {
        let at = at.index(samples.len());
        samples[at] = bad;
        *samples.last_mut().expect("at least two") = bad;
        let error = Clip::new(samples, 44_100).expect_err("a bad sample");
        prop_assert!(matches!(error, Error::InvalidSample { index, .. } if index == at), "{}", error);
    }

    #[test]
    fn a_bad_sample_in_any_channel_is_refused(mut channels in channels(), which in any::<prop::sample::Index>()) {
        let which = which.index(channels.len());
        channels[which][0] = f32::NAN;
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        let error = Clip::from_channels(&slices, 44_100).expect_err("not a number");
        prop_assert!(matches!(error, Error::InvalidSample { index: 0, .. }), "{}", error);
    }

    #[test]
    fn the_peak_of_all_buckets_is_the_peak_of_the_clip(
        samples in vec(-1.0_f32..1.0, 1..300),
        n_buckets in 1..500_usize,
    ) {
        let clip = Clip::new(samples.clone(), 8_000).expect("valid");
        let peaks = clip.peaks(n_buckets);
        prop_assert_eq!(peaks.len(), n_buckets);
        let largest = |values: &[f32]| values.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
        prop_assert_eq!(largest(&peaks), largest(&samples));
    }
}

#[test]
fn peaks_stand_where_the_sound_is() {
    let clip = Clip::new(vec![0.1, -0.5, 0.0, 0.2, 0.0, 0.0, -1.0, 0.3], 8_000).expect("valid");
    assert_eq!(clip.peaks(4), [0.5, 0.2, 0.0, 1.0]);
    assert!(clip.peaks(0).is_empty());
}

#[test]
fn what_is_no_audio_is_refused_in_words() {
    let message = |result: tonearm::Result<Clip>| result.expect_err("refused").to_string();
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
        "sample 1 is NaN, and samples must be finite numbers within ±1e12"
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
        "the channels differ in length: 2 samples in the first, 1 in another"
    );
    assert_eq!(
        message(Clip::from_interleaved(&[0.0; 5], 2, 44_100)),
        "5 interleaved samples do not divide into 2 channels"
    );
    assert_eq!(
        message(Mixdown::new(3).into_clip(44_100)),
        "the audio has no channels"
    );
}
