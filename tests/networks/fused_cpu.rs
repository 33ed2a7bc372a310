//! The fused CPU networks compute the same as the networks on Burn.

use std::fs;
use std::path::Path;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tonearm::Classifier;
use tonearm::models::Network;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::rnn::RnnConfig;
use tonearm::weights::Weights;

/// Largest error relative to the largest feature; the order of summation differs.
const TOLERANCE: f32 = 1e-5;

#[test]
fn features_of_the_shipped_networks_match_burn() {
    for (network, shape) in [("cnn", [2, 128, 128]), ("rnn", [10, 130, 20])] {
        let weights = Weights::read(&shipped(network)).expect("the shipped weights are valid");
        let network = weights
            .network(&Device::flex())
            .expect("the weights are complete");
        assert_features_match(&network, shape);
    }
}

#[test]
fn features_match_burn_when_sizes_are_not_multiples_of_a_tile() {
    let channels = [3, 5, 5, 9, 9, 17];
    let config = CnnConfig::new(2).with_n_mels(32).with_channels(channels);
    let cnn = Network::Cnn(config.init(&Device::flex())).map(&mut RandomOffsets);
    for n_columns in [8, 24, 40] {
        assert_features_match(&cnn, [1, 32, n_columns]);
    }
    let config = RnnConfig::new(2).with_n_mfcc(7).with_channels(11);
    for n_hidden in [3, 8, 13] {
        let config = config.clone().with_hidden(n_hidden);
        let rnn = Network::Rnn(config.init(&Device::flex())).map(&mut RandomOffsets);
        for (n_batch, n_frames) in [(1, 16), (3, 33), (5, 47), (2, 128)] {
            assert_features_match(&rnn, [n_batch, n_frames, 7]);
        }
    }
}

#[test]
fn features_match_burn_when_the_gru_gates_saturate() {
    // Inputs so large that the sigmoids of the gates saturate at 0 and at 1.
    let rnn = RnnConfig::new(2).init(&Device::flex());
    let rnn = Network::Rnn(rnn).map(&mut RandomOffsets);
    let rows: Vec<f32> = noise(2 * 64 * 20).iter().map(|x| 1e4 * (x - 0.5)).collect();
    assert_features_match_on(&rnn, &rows, [2, 64, 20]);
}

#[test]
fn predictions_of_the_shipped_networks_match_burn() {
    for network in ["cnn", "rnn", "fusion"] {
        let bytes = shipped(network);
        let burn_classifier =
            Classifier::from_bytes(&bytes, &Device::flex()).expect("the shipped weights are valid");
        let fused_classifier = block_on(Classifier::on_cpu(&bytes, &Device::flex()))
            .expect("the shipped weights are valid");
        let configs = burn_classifier
            .metadata()
            .audio_features()
            .expect("the network reads audio");
        let rows = || {
            configs.iter().map(|config| {
                let [height, width] = config.shape();
                noise(config.n_segments() * height * width)
            })
        };
        let [expected, got] = [&burn_classifier, &fused_classifier].map(|classifier| {
            block_on(classifier.features(rows().collect())).expect("the features are valid")
        });
        for ((label, expected), (got_label, got)) in expected.ranked().iter().zip(got.ranked()) {
            assert_eq!(*label, got_label, "{network}");
            assert!(
                (expected - got).abs() < 1e-5,
                "{network}, {label}: {got} instead of {expected}"
            );
        }
    }
}

/// Adds noise to every parameter, so that batch norm differs from its initial identity.
struct RandomOffsets;

impl ModuleMapper for RandomOffsets {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let offsets = noise(shape.num_elements())
                .into_iter()
                .map(|x| 0.6 * x - 0.3);
            let offsets = TensorData::new(offsets.collect(), shape);
            tensor.clone() + Tensor::from_data(offsets, &tensor.device())
        })
    }
}

fn assert_features_match(network: &Network, shape: [usize; 3]) {
    assert_features_match_on(network, &noise(shape.iter().product()), shape);
}

fn assert_features_match_on(network: &Network, values: &[f32], shape: [usize; 3]) {
    let rows = TensorData::new(values.to_vec(), shape);
    let (_, expected) = network.forward_with_features(Tensor::from_data(rows, &Device::flex()));
    let expected = expected.expect("the network has features").into_data();
    let expected = expected
        .try_to_vec::<f32>()
        .expect("the features are floats");
    let fused = block_on(network.fused_cpu()).expect("the CPU can be read");
    let fused = fused.expect("the network has a fused implementation");
    let (got, _) = fused.features(values, [shape[1], shape[2]]);
    assert_eq!(got.len(), expected.len());
    let largest = expected
        .iter()
        .fold(0.0_f32, |max, value| max.max(value.abs()));
    assert!(largest > 0.0);
    for (got, expected) in got.iter().zip(&expected) {
        assert!(
            (got - expected).abs() <= TOLERANCE * largest,
            "{got} instead of {expected}, largest {largest}, shape {shape:?}"
        );
    }
}

/// The bytes of a shipped weights file.
fn shipped(network: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/weights");
    fs::read(folder.join(format!("{network}.bpk"))).expect("it is in the repository")
}

/// Random numbers in 0..1, the same on every call.
fn noise(n: usize) -> Vec<f32> {
    let mut rng = Pcg64::seed_from_u64(1);
    (0..n).map(|_| rng.random()).collect()
}
