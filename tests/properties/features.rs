//! Features of windows: equal to a direct computation, independent of the order, and in range.

use proptest::collection::vec;
use proptest::prelude::*;
use tonearm::features::{
    Extractor, FeatureConfig, MelFeatures, MfccFeatures, Track, WindowFeatures,
};
use tonearm::{Clip, Error};
use tonearm_dsp::{ConfigError, Dct, MelConfig, MelSpectrogram, mfcc, power_to_db};

use crate::noise::Noise;

/// Small enough that a test can analyse many tracks: windows of 6 s at 2 kHz.
fn small_mel() -> MelConfig {
    MelConfig {
        sample_rate: 2_000,
        n_fft: 128,
        hop: 50,
        n_mels: 8,
        f_min: 0.0,
        f_max: 1_000.0,
    }
}

fn mel_features() -> MelFeatures {
    MelFeatures {
        mel: small_mel(),
        window_seconds: 6.0,
        n_columns: 16,
        top_db: 80.0,
    }
}

fn mfcc_features() -> MfccFeatures {
    MfccFeatures {
        mel: small_mel(),
        window_seconds: 6.0,
        n_mfcc: 5,
        segment_frames: 50,
        top_db: 80.0,
    }
}

fn kinds() -> impl Strategy<Value = FeatureConfig> {
    prop::sample::select(vec![
        FeatureConfig::Mel(mel_features()),
        FeatureConfig::Mfcc(mfcc_features()),
    ])
}

/// Noise whose level changes every 50 ms, 1 to 25 s at 2 kHz.
fn audio() -> impl Strategy<Value = Vec<f32>> {
    (vec(0.0_f32..1.0, 20..500), any::<u32>()).prop_map(|(levels, seed)| {
        let mut noise = Noise(seed);
        let constant_level = |level: f32| {
            (0..100)
                .map(|_| level * noise.sample())
                .collect::<Vec<f32>>()
        };
        levels.into_iter().flat_map(constant_level).collect()
    })
}

fn open(config: &FeatureConfig, samples: Vec<f32>) -> (Extractor, Track) {
    let extractor = Extractor::new(config).expect("the config is valid");
    let clip = Clip::new(samples, config.sample_rate()).expect("the clip is valid");
    let track = extractor.open(clip).expect("the clip is long enough");
    (extractor, track)
}

/// All windows, in the given order of their indices.
fn analyse(config: &FeatureConfig, samples: &[f32], order: &[usize]) -> Vec<WindowFeatures> {
    let (mut extractor, mut track) = open(config, samples.to_vec());
    order
        .iter()
        .map(|index| extractor.window(&mut track, *index))
        .collect()
}

/// The mel powers of frames `first..first + n` of a signal.
fn power(samples: &[f32], first: usize, n: usize) -> Vec<f32> {
    let mut mel = MelSpectrogram::new(&small_mel()).expect("the config is valid");
    let mut out = vec![0.0; n * 8];
    for (i, row) in out.chunks_exact_mut(8).enumerate() {
        mel.frame(samples, first + i, row);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_the_windows_does_not_matter(config in kinds(), samples in audio()) {
        let n_windows = open(&config, samples.clone()).1.windows().len();
        let forward: Vec<usize> = (0..n_windows).collect();
        let backward: Vec<usize> = (0..n_windows).rev().collect();
        let mut reversed = analyse(&config, &samples, &backward);
        reversed.reverse();
        prop_assert_eq!(analyse(&config, &samples, &forward), reversed);
    }

    #[test]
    fn a_log_mel_patch_samples_frames_of_the_window_in_decibels(samples in audio()) {
        let config = FeatureConfig::Mel(mel_features());
        let (mut extractor, mut track) = open(&config, samples.clone());
        prop_assume!(!track.looped());
        for index in 0..track.windows().len() {
            let window = track.windows()[index].clone();
            let mut db = power(&samples, window.first_frame, window.n_frames);
            let loudest = db.iter().fold(0.0_f32, |max, p| max.max(*p));
            power_to_db(&mut db, loudest, 80.0);

            let got = extractor.window(&mut track, index).features;
            prop_assert_eq!(got.len(), 8 * 16);
            for (i, value) in got.iter().enumerate() {
                let (mel, column) = (i / 16, i % 16);
                let frame = ((column as f64 + 0.5) * window.n_frames as f64 / 16.0) as usize;
                let expected = (db[frame * 8 + mel] + 80.0) / 80.0;
                prop_assert!((value - expected).abs() < 1e-6, "{value} instead of {expected}");
                prop_assert!((0.0..=1.0).contains(value), "{value}");
            }
        }
    }

    #[test]
    fn mfcc_segments_are_consecutive_and_end_with_the_window(samples in audio()) {
        let config = FeatureConfig::Mfcc(mfcc_features());
        let (mut extractor, mut track) = open(&config, samples.clone());
        prop_assume!(!track.looped());
        let window = track.windows()[0].clone();
        let dct = Dct::new(5, 8).expect("the sizes are valid");
        let whole = mfcc(&mut power(&samples, 0, window.n_frames), &dct, 80.0);

        let got = extractor.window(&mut track, 0).features;
        let n_segments = mfcc_features().n_segments();
        prop_assert_eq!(got.len(), n_segments * 50 * 5);
        for (index, segment) in got.chunks_exact(50 * 5).enumerate() {
            let start = (50 * index).min(window.n_frames - 50) * 5;
            prop_assert_eq!(segment, &whole[start..start + 50 * 5]);
        }
    }

    #[test]
    fn a_short_track_is_analysed_as_its_repetition(config in kinds(), samples in audio()) {
        prop_assume!(samples.len() < 5 * 2_000);
        let repeated: Vec<f32> = samples.iter().copied().cycle().take(6 * 2_000).collect();
        prop_assert_eq!(analyse(&config, &samples, &[0]), analyse(&config, &repeated, &[0]));
    }

    #[test]
    fn the_spectrogram_is_computed_on_request_and_as_long_as_the_track(config in kinds(), samples in audio()) {
        let (mut extractor, mut without) = open(&config, samples.clone());
        let clip = Clip::new(samples.clone(), 2_000).expect("valid samples");
        let mut track = extractor.open_with_spectrogram(clip).expect("long enough");
        for index in 0..track.windows().len() {
            prop_assert_eq!(extractor.window(&mut track, index), extractor.window(&mut without, index));
        }
        prop_assert_eq!(without.into_spectrogram(), None);
        let spectrogram = track.into_spectrogram().expect("requested");
        prop_assert_eq!(spectrogram.n_columns, 1 + samples.len() / 50);
        prop_assert_eq!(spectrogram.n_mels, 8);
        prop_assert_eq!(spectrogram.data.len(), spectrogram.n_columns * spectrogram.n_mels);
        prop_assert_eq!(spectrogram.data.iter().max(), Some(&255));
        prop_assert!((spectrogram.seconds - samples.len() as f64 / 2_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_shared_extractor_computes_the_same_as_a_new_one(
        config in kinds(),
        samples in audio(),
        rates in vec(prop::sample::select(&[1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 16_411][..]), 1..8),
    ) {
        let features = |mut extractor: Extractor, rate: u32| {
            let enough = samples.iter().copied().cycle().take(samples.len().max(rate as usize));
            let clip = Clip::new(enough.collect(), rate).expect("the clip is valid");
            let mut track = extractor.open(clip).expect("the clip is long enough");
            extractor.window(&mut track, 0)
        };
        let shared = Extractor::new(&config).expect("the config is valid");
        for rate in rates {
            let new = Extractor::new(&config).expect("the config is valid");
            prop_assert_eq!(features(shared.clone(), rate), features(new, rate));
        }
    }

    #[test]
    fn the_peak_determines_silence(config in kinds(), loud in any::<bool>()) {
        let mut samples = vec![0.0; 12_000];
        // -69 or -71 dB of full scale
        samples[7_000] = if loud { -3.5e-4 } else { -2.8e-4 };
        prop_assert_eq!(analyse(&config, &samples, &[0])[0].silent, !loud);
    }
}

#[test]
fn a_patch_of_silence_is_finite() {
    let window = &analyse(&FeatureConfig::Mel(mel_features()), &[0.0; 12_000], &[0])[0];
    assert!(window.silent);
    assert!(
        window.features.iter().all(|value| *value == 1.0),
        "silence is at the reference level, as in librosa"
    );
}

#[test]
fn the_loudest_audio_allowed_gives_finite_features() {
    let samples: Vec<f32> = (0..12_000)
        .map(|i| if i % 7 < 3 { 1e12 } else { -1e12 })
        .collect();
    for config in [
        FeatureConfig::Mel(mel_features()),
        FeatureConfig::Mfcc(mfcc_features()),
    ] {
        let features = &analyse(&config, &samples, &[0])[0].features;
        assert!(features.iter().all(|value| value.is_finite()));
    }
}

#[test]
fn a_fingerprint_names_one_configuration() {
    let (mel, mfcc) = (FeatureConfig::mel(), FeatureConfig::mfcc());
    assert_ne!(mel.fingerprint(), mfcc.fingerprint());
    let other = FeatureConfig::Mel(MelFeatures {
        top_db: 79.0,
        ..MelFeatures::default()
    });
    assert_ne!(mel.fingerprint(), other.fingerprint());
}

#[test]
fn the_defaults_keep_their_fingerprints() {
    // Weights files store these fingerprints. A change of any feature value is a breaking change.
    assert_eq!(FeatureConfig::mel().fingerprint(), "424a6fb32bf5625b");
    assert_eq!(FeatureConfig::mfcc().fingerprint(), "f896e72052b05142");
}

#[test]
fn a_configuration_survives_json_and_an_unknown_field_is_refused() {
    for config in [FeatureConfig::mel(), FeatureConfig::mfcc()] {
        let json = serde_json::to_string(&config).expect("serialisable");
        let parsed: FeatureConfig = serde_json::from_str(&json).expect("the JSON is valid");
        assert_eq!(parsed, config);
    }
    let json =
        r#"{"kind":"mel","mel":{},"window_seconds":30,"n_columns":128,"top_db":80,"gain":2}"#;
    let error = serde_json::from_str::<FeatureConfig>(json).expect_err("`gain` is unknown");
    assert!(
        error.to_string().contains("unknown field `gain`"),
        "{error}"
    );
}

#[test]
fn a_hostile_configuration_is_refused_before_anything_is_allocated() {
    let refused = |config: FeatureConfig, name: &str| match Extractor::new(&config) {
        Err(Error::Config(ConfigError { field, .. })) => assert_eq!(field, name),
        other => panic!("{name}: {other:?}"),
    };
    let mel = |change: fn(&mut MelFeatures)| {
        let mut config = MelFeatures::default();
        change(&mut config);
        FeatureConfig::Mel(config)
    };
    let mfcc = |change: fn(&mut MfccFeatures)| {
        let mut config = MfccFeatures::default();
        change(&mut config);
        FeatureConfig::Mfcc(config)
    };
    refused(mel(|c| c.mel.n_fft = usize::MAX - 1), "n_fft");
    refused(mel(|c| c.mel.hop = 0), "hop");
    refused(mel(|c| c.mel.hop = 1), "hop");
    refused(mel(|c| c.mel.hop = 65_536 * 2), "hop");
    refused(
        mel(|c| (c.mel.hop, c.window_seconds) = (65_536, 6.0)),
        "hop",
    );
    refused(mel(|c| c.mel.n_mels = usize::MAX), "n_mels");
    refused(mel(|c| c.mel.sample_rate = 768_000), "sample_rate");
    refused(mel(|c| c.mel.sample_rate = 0), "sample_rate");
    refused(mel(|c| c.mel.f_min = f64::NAN), "f_min");
    refused(mel(|c| c.n_columns = usize::MAX), "n_columns");
    refused(mel(|c| c.window_seconds = f64::INFINITY), "window_seconds");
    refused(mel(|c| c.top_db = f32::NAN), "top_db");
    refused(mfcc(|c| c.n_mfcc = 129), "n_mfcc");
    refused(mfcc(|c| c.segment_frames = 0), "segment_frames");
    refused(mfcc(|c| c.segment_frames = 647), "segment_frames");
}
