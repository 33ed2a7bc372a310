//! The answer for a track: windows, moments, silence, short and long clips.

use burn::tensor::Device;
use pollster::block_on;
use tonearm::classifier::Span;
use tonearm::weights::{Artists, Metadata};
use tonearm::{Classifier, Clip, Prediction};

use crate::fixtures::{bytes_of, fusion, metadata, mlp, rnn};

const RATE: u32 = 44_100;

fn classifier() -> Classifier {
    classifier_of(&metadata())
}

fn classifier_of(metadata: &Metadata) -> Classifier {
    let bytes = bytes_of(metadata, &Artists::default());
    Classifier::from_bytes(&bytes, &Device::flex()).expect("a sound file")
}

/// A chord that swells and fades twice a second.
fn chord(seconds: f32) -> Vec<f32> {
    let sample = |index: u32| {
        let t = index as f32 / RATE as f32;
        let swell = (t * 3.1).sin().abs();
        let tones = [220.0, 277.2, 329.6, 3_000.0].map(|hz| (t * hz * std::f32::consts::TAU).sin());
        0.2 * swell * tones.iter().sum::<f32>()
    };
    (0..(seconds * RATE as f32) as u32).map(sample).collect()
}

fn predict(samples: Vec<f32>) -> Prediction {
    predict_with(&classifier(), samples)
}

fn predict_with(classifier: &Classifier, samples: Vec<f32>) -> Prediction {
    let clip = Clip::new(samples, RATE).expect("finite samples");
    let mut analysis = classifier.analysis(clip).expect("long enough");
    while block_on(analysis.step()).expect("a CPU does not fail") {}
    analysis.finish().0
}

fn assert_sums_to_one(values: &[f32]) {
    let sum: f32 = values.iter().sum();
    assert!((sum - 1.0).abs() < 1e-5, "{values:?} sum to {sum}");
}

#[test]
fn half_a_minute_is_one_window_of_sixteen_moments() {
    let prediction = predict(chord(30.0));
    assert_eq!(
        (prediction.windows.len(), prediction.timeline.len()),
        (1, 16)
    );
    assert!(!prediction.looped);
    for span in prediction.windows.iter().chain(&prediction.timeline) {
        let probabilities = span.probabilities.as_ref().expect("it sounds");
        assert_sums_to_one(probabilities.values());
    }
}

#[test]
fn moments_cover_the_track_without_a_gap() {
    let moments = predict(chord(70.0)).timeline;
    assert_eq!(moments[0].start_seconds, 0.0);
    assert!(
        moments
            .windows(2)
            .all(|pair| pair[0].end_seconds == pair[1].start_seconds)
    );
    let last = moments.last().expect("there are moments");
    assert!((last.end_seconds - 70.0).abs() < 1e-9);
    assert!(
        moments
            .iter()
            .all(|moment| (1.0..=2.5).contains(&(moment.end_seconds - moment.start_seconds)))
    );
}

#[test]
fn the_track_is_the_mean_of_its_windows() {
    let prediction = predict(chord(70.0));
    let n = prediction.windows.len() as f32;
    assert!(n > 2.0, "70 s have {n} windows");
    let track = prediction.probabilities.expect("it sounds");
    for (label, value) in track.values().iter().enumerate() {
        let of = |span: &Span| {
            span.probabilities
                .as_ref()
                .map_or(0.0, |p| p.values()[label])
        };
        let mean = prediction.windows.iter().map(of).sum::<f32>() / n;
        assert!((value - mean).abs() < 1e-6);
    }
}

#[test]
fn a_short_clip_is_repeated_and_its_moments_end_with_it() {
    let prediction = predict(chord(6.0));
    assert!(prediction.looped);
    assert_eq!(prediction.timeline.len(), 3);
    let ends = [&prediction.timeline, &prediction.windows]
        .map(|spans| spans.last().expect("one").end_seconds);
    assert_eq!(ends, [6.0, 6.0]);
}

#[test]
fn silence_is_no_sound() {
    let prediction = predict(vec![0.0; 40 * RATE as usize]);
    assert_eq!(prediction.label, None);
    assert_eq!(prediction.probabilities, None);
    assert!(!prediction.confident);
    assert!(
        prediction
            .timeline
            .iter()
            .all(|moment| moment.probabilities.is_none())
    );
}

#[test]
fn silent_windows_leave_the_mean() {
    let mut samples = chord(30.0);
    let alone = predict(samples.clone());
    samples.resize(90 * RATE as usize, 0.0);
    let with_silence = predict(samples);
    let sounding = with_silence
        .windows
        .iter()
        .filter(|window| window.probabilities.is_some());
    let n = sounding.count();
    assert!(
        n < with_silence.windows.len(),
        "a minute of silence has silent windows"
    );
    let first = with_silence.windows[0]
        .probabilities
        .as_ref()
        .expect("it sounds");
    let expected = alone.probabilities.expect("it sounds");
    for (got, expected) in first.values().iter().zip(expected.values()) {
        assert!(
            (got - expected).abs() < 1e-3,
            "{got} alone, {expected} before silence"
        );
    }
}

#[test]
fn windows_answered_at_once_are_answered_as_one_by_one() {
    // Eleven windows: a whole step and a part of one, and silence in the middle of the first.
    let mut samples = chord(170.0);
    samples[40 * RATE as usize..100 * RATE as usize].fill(0.0);
    for metadata in [metadata(), rnn(), fusion()] {
        let bytes = bytes_of(&metadata, &Artists::default());
        let device = Device::flex();
        let one_by_one = Classifier::from_bytes(&bytes, &device).expect("a sound file");
        let at_once = Classifier::on_gpu(&bytes, &device).expect("a sound file");
        let expected = predict_with(&one_by_one, samples.clone());
        let got = predict_with(&at_once, samples.clone());
        assert!(expected.windows.len() > 8);
        assert!(expected.windows.iter().any(|w| w.probabilities.is_none()));
        for (got, expected) in [
            (&got.windows, &expected.windows),
            (&got.timeline, &expected.timeline),
        ] {
            assert_eq!(got.len(), expected.len());
            for (got, expected) in got.iter().zip(expected) {
                assert_eq!(got.start_seconds, expected.start_seconds);
                let values = |span: &Span| span.probabilities.as_ref().map(|p| p.values().to_vec());
                let (Some(got), Some(expected)) = (values(got), values(expected)) else {
                    assert_eq!(values(got), values(expected));
                    continue;
                };
                let pairs = got.iter().zip(&expected);
                assert!(
                    pairs.clone().all(|(a, b)| (a - b).abs() < 1e-5),
                    "{pairs:?}"
                );
            }
        }
        assert_eq!(got.estimates.is_some(), expected.estimates.is_some());
        for (name, value) in got.estimates.iter().flatten() {
            let by_itself = expected.estimates.as_ref().expect("as many")[name];
            assert!((value - by_itself).abs() < 1e-5, "{name}");
        }
    }
}

#[test]
fn under_one_second_is_refused() {
    let clip = Clip::new(chord(0.2), RATE).expect("finite samples");
    let error = classifier().analysis(clip).expect_err("0.2 s");
    assert_eq!(
        error.to_string(),
        "too short: 0.20 s; a clip needs at least 1 second"
    );
}

#[test]
fn an_unsure_answer_names_the_two_it_is_between() {
    let answer = |threshold| {
        let metadata = tonearm::weights::Metadata {
            threshold,
            ..metadata()
        };
        let bytes = bytes_of(&metadata, &Artists::default());
        let classifier = Classifier::from_bytes(&bytes, &Device::flex()).expect("sound");
        let clip = Clip::new(chord(30.0), RATE).expect("finite samples");
        let mut analysis = classifier.analysis(clip).expect("long enough");
        while block_on(analysis.step()).expect("a CPU does not fail") {}
        analysis.finish().0
    };
    let (sure, unsure) = (answer(0.0), answer(1.0));
    assert!(sure.confident && sure.between.is_none());
    let [first, second] = unsure.between.expect("not confident");
    assert_eq!(Some(&first), unsure.label.as_ref());
    assert_ne!(first, second);
}

#[test]
fn the_answer_is_json_with_a_number_for_each_label() {
    let json = serde_json::to_value(predict(chord(30.0))).expect("plain data");
    assert!(json["probabilities"]["Folk"].is_number());
    assert!(json["moments"][15]["probabilities"]["Rock"].is_number());
    assert!(json["windows"][0]["start_seconds"].is_number());
}

#[test]
fn the_rnn_answers_twice_for_each_piece_of_3_s() {
    let prediction = predict_with(&classifier_of(&rnn()), chord(70.0));
    assert_eq!(prediction.windows.len(), predict(chord(70.0)).windows.len());
    let length = |span: &Span| span.end_seconds - span.start_seconds;
    assert!(
        prediction
            .timeline
            .iter()
            .all(|moment| (1.0..=2.5).contains(&length(moment)))
    );
}

#[test]
fn networks_together_answer_moment_by_moment_and_estimate() {
    let classifier = classifier_of(&fusion());
    let prediction = predict_with(&classifier, chord(70.0));
    for span in prediction.windows.iter().chain(&prediction.timeline) {
        assert_sums_to_one(span.probabilities.as_ref().expect("it sounds").values());
    }
    let estimates = prediction.estimates.expect("it sounds");
    // Those that the card vouches for, and no others.
    assert_eq!(
        estimates.keys().collect::<Vec<_>>(),
        ["acousticness", "danceability"]
    );
    // The layer is linear in what it reads: the window is answered from the means of the steps.
    let one = predict_with(&classifier, chord(30.0));
    let log_odds = |span: &Span| {
        let values = span.probabilities.as_ref().expect("it sounds").values();
        f64::from(values[0]).ln() - f64::from(values[1]).ln()
    };
    assert!(one.timeline.len() >= 12);
    let mean: f64 = one.timeline.iter().map(log_odds).sum::<f64>() / one.timeline.len() as f64;
    assert!(
        (mean - log_odds(&one.windows[0])).abs() < 0.05 * mean.abs().max(1.0),
        "{mean}"
    );
}

#[test]
fn silence_has_no_estimates() {
    let prediction = predict_with(&classifier_of(&fusion()), vec![0.0; 30 * RATE as usize]);
    assert_eq!((prediction.estimates, prediction.label), (None, None));
}

#[test]
fn a_row_of_a_table_is_answered_and_anything_else_refused() {
    let classifier = classifier_of(&mlp());
    let answer = block_on(classifier.features(vec![vec![0.4; 8]])).expect("a row");
    assert_sums_to_one(answer.values());
    for wrong in [
        vec![],
        vec![vec![]],
        vec![vec![0.4; 7]],
        vec![vec![0.4; 8], vec![0.4; 8]],
        vec![vec![f32::NAN; 8]],
    ] {
        assert!(block_on(classifier.features(wrong)).is_err());
    }
    let clip = Clip::new(chord(30.0), RATE).expect("finite samples");
    let message = classifier.analysis(clip).expect_err("no audio").to_string();
    assert!(
        message.contains("energy") && message.contains("not audio"),
        "{message}"
    );
    assert!(block_on(classifier.warm_up()).is_err());
}
