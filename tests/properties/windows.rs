//! Windows of a track: they cover it, overlap, and end with it.

use proptest::prelude::*;
use tonearm::features::{Extractor, FeatureConfig, Track};
use tonearm::{Clip, Error};

/// A silent track, at the features' own rate so that nothing is resampled.
fn open(config: &FeatureConfig, seconds: f64) -> tonearm::Result<Track> {
    let rate = config.sample_rate();
    let n_samples = (seconds * f64::from(rate)).round() as usize;
    let clip = Clip::new(vec![0.0; n_samples.max(1)], rate)?;
    Extractor::new(config)?.open(clip)
}

fn kinds() -> impl Strategy<Value = FeatureConfig> {
    prop::sample::select(vec![FeatureConfig::mel(), FeatureConfig::mfcc()])
}

/// Number of frames of a 30 s window.
fn full_window_frames(config: &FeatureConfig) -> usize {
    let mel = config.mel_config();
    1 + 30 * mel.sample_rate as usize / mel.hop
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn windows_cover_the_track_in_steps_of_15_s(config in kinds(), seconds in 30.1..200.0_f64) {
        let track = open(&config, seconds).expect("the clip is long enough");
        let windows = track.windows();
        prop_assert!(!track.looped());
        prop_assert!(windows.len() >= 2);
        prop_assert_eq!(windows[0].start_seconds, 0.0);
        for pair in windows.windows(2) {
            let step = pair[1].start_seconds - pair[0].start_seconds;
            prop_assert!(step > 0.0 && step <= 15.0, "{step} s");
        }
        for window in windows {
            prop_assert_eq!(window.n_frames, full_window_frames(&config));
            let length = window.end_seconds - window.start_seconds;
            prop_assert!((length - 30.0).abs() < 0.05, "{length} s");
        }
    }

    #[test]
    fn the_last_window_ends_with_the_track(config in kinds(), seconds in 25.0..200.0_f64) {
        let track = open(&config, seconds).expect("the clip is long enough");
        let mel = config.mel_config();
        let n_samples = (seconds * f64::from(mel.sample_rate)).round() as usize;
        let last = track.windows().last().expect("a track has at least one window");
        prop_assert_eq!(last.first_frame + last.n_frames, 1 + n_samples / mel.hop);
        prop_assert!((last.end_seconds - track.duration_seconds()).abs() < 1e-9);
    }

    #[test]
    fn a_track_of_25_to_30_s_is_one_window_of_its_own_length(
        config in kinds(),
        seconds in 25.0..=30.0_f64,
    ) {
        let track = open(&config, seconds).expect("the clip is long enough");
        prop_assert_eq!(track.windows().len(), 1);
        prop_assert!(!track.looped());
        prop_assert!((track.windows()[0].end_seconds - seconds).abs() < 1e-4);
    }

    #[test]
    fn a_shorter_track_is_looped_to_30_s(config in kinds(), seconds in 1.0..24.99_f64) {
        let track = open(&config, seconds).expect("the clip is long enough");
        prop_assert_eq!(track.windows().len(), 1);
        prop_assert!(track.looped());
        prop_assert_eq!(track.windows()[0].n_frames, full_window_frames(&config));
        prop_assert_eq!(track.windows()[0].end_seconds, 30.0);
        prop_assert!((track.duration_seconds() - seconds).abs() < 1e-4);
    }

    #[test]
    fn a_track_under_one_second_is_refused(config in kinds(), seconds in 0.0..0.99_f64) {
        let error = open(&config, seconds).expect_err("the clip is too short");
        prop_assert!(matches!(error, Error::ClipTooShort { .. }), "{}", error);
    }
}

#[test]
fn mel_windows_have_2584_frames_and_are_evenly_spaced() {
    let track = open(&FeatureConfig::mel(), 60.0).expect("the clip is long enough");
    let first: Vec<usize> = track
        .windows()
        .iter()
        .map(|window| window.first_frame)
        .collect();
    assert_eq!(first, [0, 861, 1722, 2584]);
    assert!(track.windows().iter().all(|window| window.n_frames == 2584));
}

#[test]
fn the_error_for_a_short_track_names_its_duration() {
    let error = open(&FeatureConfig::mel(), 0.2).expect_err("the clip is too short");
    assert_eq!(
        error.to_string(),
        "too short: 0.20 s; a clip needs at least 1 second"
    );
}
