//! The map of a weights file: written, read, used, and refused when it is broken.

use burn::tensor::Device;
use pollster::block_on;
use tonearm::embedding_map::Map;
use tonearm::weights::{Artists, Metadata, Weights};
use tonearm::{Classifier, Clip, Prediction};

use crate::fixtures::{bytes_of, fusion, metadata, mlp, rnn};

/// Embeddings around one point, so that whatever sounds at all is unlike them, or around every point
/// of a wide cloud, so that nothing is.
fn map(metadata: &Metadata, wide: bool) -> Map {
    let (_, part) = metadata.embedding().expect("it has one");
    let n_features = part.model.n_features().expect("it has features");
    let scale = if wide { 100.0 } else { 1e-3 };
    let mut noise = 1_u32;
    let mut value = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let unit = (noise >> 8) as f32 / (1 << 23) as f32 - 1.0;
        50.0 * f32::from(u8::from(!wide)) + scale * unit
    };
    let embeddings: Vec<Vec<f32>> = (0..40)
        .map(|_| (0..n_features).map(|_| value()).collect())
        .collect();
    let places = (0..40).map(|row| [row as f32, -(row as f32)]).collect();
    let labels = (0..40).map(|row| (row % 2) as u8).collect();
    Map::new(&embeddings, places, labels, (100..140).collect()).expect("they fit")
}

fn mapped(metadata: &Metadata, wide: bool) -> Vec<u8> {
    let bytes = bytes_of(metadata, &Artists::default());
    let mut weights = Weights::read(&bytes).expect("a sound file");
    weights
        .set_map(map(metadata, wide))
        .expect("it is of this network");
    weights.to_bytes().expect("it can be packed")
}

fn hear(bytes: &[u8]) -> Prediction {
    let classifier = Classifier::from_bytes(bytes, &Device::flex()).expect("a sound file");
    let samples = (0..31 * 22_050).map(|i| 0.3 * (i as f32 * 0.05).sin() * (i as f32 * 1e-3).cos());
    let clip = Clip::new(samples.collect(), 22_050).expect("finite samples");
    let mut analysis = classifier.analysis(clip).expect("long enough");
    while block_on(analysis.step()).expect("a CPU does not fail") {}
    analysis.finish().0
}

#[test]
fn a_map_is_read_back_but_for_16_bit_rounding() {
    for metadata in [metadata(), rnn(), fusion()] {
        let map = map(&metadata, true);
        let read = Weights::read(&mapped(&metadata, true)).expect("sound").map;
        let read = read.expect("it was written");
        assert_eq!(
            (read.labels(), read.coordinates()),
            (map.labels(), map.coordinates())
        );
        // What was rounded once is not rounded again.
        let weights = Weights::read(&mapped(&metadata, true)).expect("sound");
        let again = weights.to_bytes().expect("it can be packed");
        assert_eq!(Weights::read(&again).expect("sound").map, Some(read));
    }
}

#[test]
fn a_track_is_placed_by_every_network_that_has_a_map() {
    for metadata in [metadata(), rnn(), fusion()] {
        let place = hear(&mapped(&metadata, true)).place.expect("it has a map");
        assert!((0.0..=39.0).contains(&place.x), "{place:?}");
        assert!((place.x + place.y).abs() < 1e-3, "{place:?}");
        let known = |id: &i32| (100..140).contains(id);
        assert!(place.neighbours.iter().all(|track| known(&track.track_id)));
    }
    assert_eq!(
        hear(&bytes_of(&metadata(), &Artists::default())).place,
        None
    );
}

#[test]
fn what_is_unlike_all_tracks_is_answered_without_confidence() {
    // Of more features than a map has axes, so that there is a beyond.
    let sure = Metadata {
        threshold: 0.0,
        ..rnn()
    };
    let familiar = hear(&mapped(&sure, true));
    assert!(familiar.confident, "{:?}", familiar.place);
    let strange = hear(&mapped(&sure, false));
    assert!(strange.place.expect("it has a map").out_of_distribution);
    assert!(!strange.confident);
    assert_eq!(strange.between, None);
    assert!(strange.label.is_some());
}

#[test]
fn what_sounds_like_speech_is_answered_without_confidence_from_a_file_too() {
    let sure = Metadata {
        threshold: 0.0,
        ..rnn()
    };
    let n_features = sure.network.model.n_features().expect("it has features");
    let hear_with = |limit: f32| {
        let map = map(&sure, true).with_speech(&vec![1.0; n_features], limit);
        let mut weights = Weights::read(&mapped(&sure, true)).expect("sound");
        weights.set_map(map.expect("it fits")).expect("it fits");
        hear(&weights.to_bytes().expect("it can be packed"))
    };
    let spoken = hear_with(-1e4);
    let place = spoken.place.expect("it has a map");
    assert!(place.speech && place.out_of_distribution && !spoken.confident);
    assert_eq!(spoken.between, None);

    let music = hear_with(1e4);
    assert!(!music.place.expect("it has a map").speech && music.confident);
}

#[test]
fn a_map_of_another_network_or_of_a_table_is_refused() {
    let bytes = bytes_of(&rnn(), &Artists::default());
    let mut weights = Weights::read(&bytes).expect("sound");
    assert!(weights.set_map(map(&metadata(), true)).is_err());
    let bytes = bytes_of(&mlp(), &Artists::default());
    let mut weights = Weights::read(&bytes).expect("sound");
    assert!(weights.set_map(map(&metadata(), true)).is_err());
}

#[test]
fn a_damaged_map_is_refused_or_harmless() {
    let bytes = mapped(&metadata(), true);
    let whole = Weights::read(&bytes).expect("sound");
    let start = bytes.len() - 4_000;
    // Every byte that holds the map, turned over: no panic, and never a number that is none.
    for at in start..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0xff;
        if let Ok(weights) = Weights::read(&broken)
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
    assert!(whole.map.is_some());
}
