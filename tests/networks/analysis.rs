//! Predictions for tracks: windows, timelines, silence, short and long clips.

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
    Classifier::from_bytes(&bytes, &Device::flex()).expect("the weights are valid")
}

/// A chord that swells and fades about once a second.
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
    let clip = Clip::new(samples, RATE).expect("the samples are finite");
    let mut analysis = classifier.analysis(clip).expect("the clip is long enough");
    while block_on(analysis.step()).expect("the CPU does not fail") {}
    analysis.finish().0
}

fn assert_sums_to_one(values: &[f32]) {
    let sum: f32 = values.iter().sum();
    assert!((sum - 1.0).abs() < 1e-5, "{values:?} sum to {sum}");
}

#[test]
fn thirty_seconds_are_one_window_with_sixteen_timeline_steps() {
    let prediction = predict(chord(30.0));
    assert_eq!(
        (prediction.windows.len(), prediction.timeline.len()),
        (1, 16)
    );
    assert!(!prediction.looped);
    for span in prediction.windows.iter().chain(&prediction.timeline) {
        let probabilities = span.probabilities.as_ref().expect("the span is not silent");
        assert_sums_to_one(probabilities.values());
    }
}

#[test]
fn the_timeline_covers_the_track_without_gaps() {
    let timeline = predict(chord(70.0)).timeline;
    assert_eq!(timeline[0].start_seconds, 0.0);
    assert!(
        timeline
            .windows(2)
            .all(|pair| pair[0].end_seconds == pair[1].start_seconds)
    );
    let last = timeline.last().expect("the timeline is not empty");
    assert!((last.end_seconds - 70.0).abs() < 1e-9);
    assert!(
        timeline
            .iter()
            .all(|step| (1.0..=2.5).contains(&(step.end_seconds - step.start_seconds)))
    );
}

#[test]
fn the_probabilities_of_a_track_are_the_mean_over_its_windows() {
    let prediction = predict(chord(70.0));
    let n = prediction.windows.len() as f32;
    assert!(n > 2.0, "70 s have {n} windows");
    let track = prediction.probabilities.expect("the track is not silent");
    for (label, value) in track.values().iter().enumerate() {
        let probability = |span: &Span| {
            span.probabilities
                .as_ref()
                .map_or(0.0, |p| p.values()[label])
        };
        let mean = prediction.windows.iter().map(probability).sum::<f32>() / n;
        assert!((value - mean).abs() < 1e-6);
    }
}

#[test]
fn a_short_clip_is_looped_and_its_timeline_ends_with_it() {
    let prediction = predict(chord(6.0));
    assert!(prediction.looped);
    assert_eq!(prediction.timeline.len(), 3);
    let ends = [&prediction.timeline, &prediction.windows]
        .map(|spans| spans.last().expect("neither is empty").end_seconds);
    assert_eq!(ends, [6.0, 6.0]);
}

#[test]
fn silence_has_no_label_and_no_probabilities() {
    let prediction = predict(vec![0.0; 40 * RATE as usize]);
    assert_eq!(prediction.label, None);
    assert_eq!(prediction.probabilities, None);
    assert!(!prediction.confident);
    assert!(
        prediction
            .timeline
            .iter()
            .all(|step| step.probabilities.is_none())
    );
}

#[test]
fn silent_windows_have_no_probabilities_and_do_not_affect_the_others() {
    let mut samples = chord(30.0);
    let alone = predict(samples.clone());
    samples.resize(90 * RATE as usize, 0.0);
    let with_silence = predict(samples);
    let audible = with_silence
        .windows
        .iter()
        .filter(|window| window.probabilities.is_some());
    let n = audible.count();
    assert!(
        n < with_silence.windows.len(),
        "a minute of silence has silent windows"
    );
    let first = with_silence.windows[0]
        .probabilities
        .as_ref()
        .expect("the window is not silent");
    let expected = alone.probabilities.expect("the track is not silent");
    for (got, expected) in first.values().iter().zip(expected.values()) {
        assert!(
            (got - expected).abs() < 1e-3,
            "{got} before silence, {expected} alone"
        );
    }
}

#[test]
fn a_batch_of_windows_is_classified_like_single_windows() {
    // Eleven windows: a full batch with silence in the middle, and a partial batch.
    let mut samples = chord(170.0);
    samples[40 * RATE as usize..100 * RATE as usize].fill(0.0);
    for metadata in [metadata(), rnn(), fusion()] {
        let bytes = bytes_of(&metadata, &Artists::default());
        let device = Device::flex();
        let single = Classifier::from_bytes(&bytes, &device).expect("the weights are valid");
        let batched = Classifier::on_gpu(&bytes, &device).expect("the weights are valid");
        let expected = predict_with(&single, samples.clone());
        let got = predict_with(&batched, samples.clone());
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
            let expected = expected.estimates.as_ref().expect("both have estimates")[name];
            assert!((value - expected).abs() < 1e-5, "{name}");
        }
    }
}

#[test]
fn a_clip_under_one_second_is_refused() {
    let clip = Clip::new(chord(0.2), RATE).expect("the samples are finite");
    let error = classifier()
        .analysis(clip)
        .expect_err("the clip is too short");
    assert_eq!(
        error.to_string(),
        "too short: 0.20 s; a clip needs at least 1 second"
    );
}

#[test]
fn an_unconfident_prediction_names_its_two_most_probable_classes() {
    let predict_with_threshold = |threshold| {
        let metadata = tonearm::weights::Metadata {
            threshold,
            ..metadata()
        };
        let bytes = bytes_of(&metadata, &Artists::default());
        let classifier =
            Classifier::from_bytes(&bytes, &Device::flex()).expect("the weights are valid");
        let clip = Clip::new(chord(30.0), RATE).expect("the samples are finite");
        let mut analysis = classifier.analysis(clip).expect("the clip is long enough");
        while block_on(analysis.step()).expect("the CPU does not fail") {}
        analysis.finish().0
    };
    let (confident, unconfident) = (predict_with_threshold(0.0), predict_with_threshold(1.0));
    assert!(confident.confident && confident.between.is_none());
    let [first, second] = unconfident
        .between
        .expect("the prediction is not confident");
    assert_eq!(Some(&first), unconfident.label.as_ref());
    assert_ne!(first, second);
}

#[test]
fn a_prediction_serialises_to_json_with_a_number_for_each_label() {
    let json = serde_json::to_value(predict(chord(30.0))).expect("serialisable");
    assert!(json["probabilities"]["Folk"].is_number());
    assert!(json["timeline"][15]["probabilities"]["Rock"].is_number());
    assert!(json["windows"][0]["start_seconds"].is_number());
}

#[test]
fn an_rnn_has_as_many_windows_as_a_cnn_and_timeline_steps_of_1_to_2_5_s() {
    let prediction = predict_with(&classifier_of(&rnn()), chord(70.0));
    assert_eq!(prediction.windows.len(), predict(chord(70.0)).windows.len());
    let length = |span: &Span| span.end_seconds - span.start_seconds;
    assert!(
        prediction
            .timeline
            .iter()
            .all(|step| (1.0..=2.5).contains(&length(step)))
    );
}

#[test]
fn a_fusion_predicts_a_timeline_and_estimates() {
    let classifier = classifier_of(&fusion());
    let prediction = predict_with(&classifier, chord(70.0));
    for span in prediction.windows.iter().chain(&prediction.timeline) {
        assert_sums_to_one(
            span.probabilities
                .as_ref()
                .expect("the span is not silent")
                .values(),
        );
    }
    let estimates = prediction.estimates.expect("the track is not silent");
    // Only the estimates that the model card marks as shown.
    assert_eq!(
        estimates.keys().collect::<Vec<_>>(),
        ["acousticness", "danceability"]
    );
    // The last layer is linear, and its inputs for a window are nearly the means over its steps.
    let one_window = predict_with(&classifier, chord(30.0));
    let log_odds = |span: &Span| {
        let values = span
            .probabilities
            .as_ref()
            .expect("the span is not silent")
            .values();
        f64::from(values[0]).ln() - f64::from(values[1]).ln()
    };
    assert!(one_window.timeline.len() >= 12);
    let mean: f64 =
        one_window.timeline.iter().map(log_odds).sum::<f64>() / one_window.timeline.len() as f64;
    assert!(
        (mean - log_odds(&one_window.windows[0])).abs() < 0.05 * mean.abs().max(1.0),
        "{mean}"
    );
}

#[test]
fn silence_has_no_estimates() {
    let prediction = predict_with(&classifier_of(&fusion()), vec![0.0; 30 * RATE as usize]);
    assert_eq!((prediction.estimates, prediction.label), (None, None));
}

#[test]
fn a_table_network_classifies_one_row_and_refuses_other_inputs() {
    let classifier = classifier_of(&mlp());
    let probabilities =
        block_on(classifier.features(vec![vec![0.4; 8]])).expect("the row is valid");
    assert_sums_to_one(probabilities.values());
    for wrong in [
        vec![],
        vec![vec![]],
        vec![vec![0.4; 7]],
        vec![vec![0.4; 8], vec![0.4; 8]],
        vec![vec![f32::NAN; 8]],
    ] {
        assert!(block_on(classifier.features(wrong)).is_err());
    }
    let clip = Clip::new(chord(30.0), RATE).expect("the samples are finite");
    let message = classifier
        .analysis(clip)
        .expect_err("the network reads a table")
        .to_string();
    assert!(
        message.contains("energy") && message.contains("not audio"),
        "{message}"
    );
    assert!(block_on(classifier.warm_up()).is_err());
}
