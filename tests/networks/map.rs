//! The embedding map of a weights file: round trips, placement of tracks, and damaged maps.

use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::Matrix;
use tonearm::embedding_map::Map;
use tonearm::weights::{Artists, Metadata, Weights};
use tonearm::{Classifier, Clip, Prediction};

use crate::fixtures::{bytes_of, fusion, metadata, mlp, rnn};
use crate::noise::Noise;

/// A map of random embeddings. If `wide`, they spread so far that every track is in distribution;
/// otherwise they lie so close to one point that every track is out of distribution.
fn map(metadata: &Metadata, wide: bool) -> Map {
    let (_, part) = metadata.embedding().expect("the network reads audio");
    let n_features = part.model.n_features().expect("the network has features");
    let scale = if wide { 100.0 } else { 1e-3 };
    let mut noise = Noise(1);
    let mut value = || 50.0 * f32::from(u8::from(!wide)) + scale * noise.sample();
    let embeddings: Matrix = (0..40)
        .map(|_| (0..n_features).map(|_| value()).collect::<Vec<f32>>())
        .collect();
    let coordinates = (0..40).map(|row| [row as f32, -(row as f32)]).collect();
    let labels = (0..40).map(|row| (row % 2) as u8).collect();
    Map::new(&embeddings, coordinates, labels, (100..140).collect()).expect("the lengths match")
}

fn bytes_with_map(metadata: &Metadata, wide: bool) -> Vec<u8> {
    let bytes = bytes_of(metadata, &Artists::default());
    let mut weights = Weights::read(&bytes).expect("the weights are valid");
    weights
        .set_map(map(metadata, wide))
        .expect("the map matches the network");
    weights.to_bytes().expect("serialisable")
}

fn predict(bytes: &[u8]) -> Prediction {
    let classifier = Classifier::from_bytes(bytes, &Device::flex()).expect("the weights are valid");
    let samples = (0..31 * 22_050).map(|i| 0.3 * (i as f32 * 0.05).sin() * (i as f32 * 1e-3).cos());
    let clip = Clip::new(samples.collect(), 22_050).expect("the samples are finite");
    let mut analysis = classifier.analysis(clip).expect("the clip is long enough");
    while block_on(analysis.step()).expect("the CPU does not fail") {}
    analysis.finish().0
}

#[test]
fn a_map_survives_a_round_trip_up_to_16_bit_rounding() {
    for metadata in [metadata(), rnn(), fusion()] {
        let map = map(&metadata, true);
        let read = Weights::read(&bytes_with_map(&metadata, true))
            .expect("the weights are valid")
            .map;
        let read = read.expect("the file has a map");
        assert_eq!(
            (read.labels(), read.coordinates()),
            (map.labels(), map.coordinates())
        );
        // Rounded values survive a second round trip unchanged.
        let weights =
            Weights::read(&bytes_with_map(&metadata, true)).expect("the weights are valid");
        let bytes = weights.to_bytes().expect("serialisable");
        assert_eq!(
            Weights::read(&bytes).expect("the weights are valid").map,
            Some(read)
        );
    }
}

#[test]
fn every_network_with_a_map_places_the_track_on_it() {
    for metadata in [metadata(), rnn(), fusion()] {
        let position = predict(&bytes_with_map(&metadata, true))
            .map_position
            .expect("the file has a map");
        assert!((0.0..=39.0).contains(&position.x), "{position:?}");
        assert!((position.x + position.y).abs() < 1e-3, "{position:?}");
        let is_on_map = |id: &i32| (100..140).contains(id);
        assert!(
            position
                .neighbours
                .iter()
                .all(|track| is_on_map(&track.track_id))
        );
    }
    assert_eq!(
        predict(&bytes_of(&metadata(), &Artists::default())).map_position,
        None
    );
}

#[test]
fn an_out_of_distribution_track_is_not_confident() {
    // The RNN has more features than the map has axes; otherwise the residual is ignored.
    let metadata = Metadata {
        threshold: 0.0,
        ..rnn()
    };
    let near = predict(&bytes_with_map(&metadata, true));
    assert!(near.confident, "{:?}", near.map_position);
    let far = predict(&bytes_with_map(&metadata, false));
    assert!(
        far.map_position
            .expect("the file has a map")
            .out_of_distribution
    );
    assert!(!far.confident);
    assert_eq!(far.between, None);
    assert!(far.label.is_some());
}

#[test]
fn speech_is_not_confident_after_a_round_trip_through_a_file() {
    let metadata = Metadata {
        threshold: 0.0,
        ..rnn()
    };
    let n_features = metadata
        .network
        .model
        .n_features()
        .expect("the network has features");
    let predict_with_limit = |limit: f32| {
        let map = map(&metadata, true).with_speech(&vec![1.0; n_features], limit);
        let mut weights =
            Weights::read(&bytes_with_map(&metadata, true)).expect("the weights are valid");
        weights
            .set_map(map.expect("the direction matches the map"))
            .expect("the map matches the network");
        predict(&weights.to_bytes().expect("serialisable"))
    };
    let speech = predict_with_limit(-1e4);
    let position = speech.map_position.expect("the file has a map");
    assert!(position.speech && position.out_of_distribution && !speech.confident);
    assert_eq!(speech.between, None);

    let music = predict_with_limit(1e4);
    assert!(!music.map_position.expect("the file has a map").speech && music.confident);
}

#[test]
fn a_map_is_refused_by_another_network_and_by_a_table_network() {
    let bytes = bytes_of(&rnn(), &Artists::default());
    let mut weights = Weights::read(&bytes).expect("the weights are valid");
    assert!(weights.set_map(map(&metadata(), true)).is_err());
    let bytes = bytes_of(&mlp(), &Artists::default());
    let mut weights = Weights::read(&bytes).expect("the weights are valid");
    assert!(weights.set_map(map(&metadata(), true)).is_err());
}

#[test]
fn a_damaged_map_is_refused_or_harmless() {
    let bytes = bytes_with_map(&metadata(), true);
    let intact = Weights::read(&bytes).expect("the weights are valid");
    let start = bytes.len() - 4_000;
    // Inverts each byte of the map: reading must not panic or yield non-finite coordinates.
    for index in start..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0xff;
        if let Ok(weights) = Weights::read(&damaged)
            && let Some(map) = weights.map
        {
            assert!(
                map.coordinates()
                    .as_flattened()
                    .iter()
                    .all(|value| value.is_finite())
            );
            assert!(map.labels().iter().all(|&label| label < 2));
        }
    }
    assert!(intact.map.is_some());
}
