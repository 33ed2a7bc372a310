//! The networks without Burn answer as those by Burn.

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

/// Of the largest feature: sums run in another order.
const TOLERANCE: f32 = 1e-5;

#[test]
fn features_of_the_shipped_networks() {
    for (network, shape) in [("cnn", [2, 128, 128]), ("rnn", [10, 130, 20])] {
        let weights = Weights::read(&shipped(network)).expect("a sound file");
        let network = weights.network(&Device::flex()).expect("it is whole");
        agree(&network, shape);
    }
}

#[test]
fn features_of_channels_and_columns_that_fill_no_tile() {
    let channels = [3, 5, 5, 9, 9, 17];
    let config = CnnConfig::new(2).with_n_mels(32).with_channels(channels);
    let cnn = Network::Cnn(config.init(&Device::flex())).map(&mut Shaken);
    for n_columns in [8, 24, 40] {
        agree(&cnn, [1, 32, n_columns]);
    }
    let config = RnnConfig::new(2).with_n_mfcc(7).with_channels(11);
    for n_hidden in [3, 8, 13] {
        let config = config.clone().with_hidden(n_hidden);
        let rnn = Network::Rnn(config.init(&Device::flex())).map(&mut Shaken);
        for (n_batch, n_frames) in [(1, 16), (3, 33), (5, 47), (2, 128)] {
            agree(&rnn, [n_batch, n_frames, 7]);
        }
    }
}

#[test]
fn a_state_that_runs_to_its_ends_is_no_different() {
    // Gates far beyond what a sigmoid can tell apart, to both sides.
    let rnn = RnnConfig::new(2).init(&Device::flex());
    let rnn = Network::Rnn(rnn).map(&mut Shaken);
    let rows: Vec<f32> = noise(2 * 64 * 20).iter().map(|x| 1e4 * (x - 0.5)).collect();
    agree_on(&rnn, &rows, [2, 64, 20]);
}

#[test]
fn answers_of_the_shipped_networks() {
    for network in ["cnn", "rnn", "fusion"] {
        let bytes = shipped(network);
        let by_burn = Classifier::from_bytes(&bytes, &Device::flex()).expect("a sound file");
        let fused = block_on(Classifier::on_cpu(&bytes, &Device::flex())).expect("a sound file");
        let kinds = by_burn.metadata().audio_features().expect("it hears");
        let rows = || {
            kinds.iter().map(|kind| {
                let [height, width] = kind.shape();
                noise(kind.n_segments() * height * width)
            })
        };
        let [expected, got] = [&by_burn, &fused]
            .map(|classifier| block_on(classifier.features(rows().collect())).expect("it answers"));
        for ((label, expected), (other, got)) in expected.ranked().iter().zip(got.ranked()) {
            assert_eq!(*label, other, "{network}");
            assert!(
                (expected - got).abs() < 1e-5,
                "{network}, {label}: {expected} and {got}"
            );
        }
    }
}

/// Moves every number, so that batch norm is not what it begins as.
struct Shaken;

impl ModuleMapper for Shaken {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let moves = noise(shape.num_elements())
                .into_iter()
                .map(|x| 0.6 * x - 0.3);
            let moves = TensorData::new(moves.collect(), shape);
            tensor.clone() + Tensor::from_data(moves, &tensor.device())
        })
    }
}

fn agree(network: &Network, shape: [usize; 3]) {
    agree_on(network, &noise(shape.iter().product()), shape);
}

fn agree_on(network: &Network, values: &[f32], shape: [usize; 3]) {
    let rows = TensorData::new(values.to_vec(), shape);
    let (_, expected) = network.forward_with_features(Tensor::from_data(rows, &Device::flex()));
    let expected = expected.expect("it has features").into_data();
    let expected = expected.try_to_vec::<f32>().expect("floats");
    let fused = block_on(network.fused_cpu()).expect("the device is there");
    let fused = fused.expect("there is another way");
    let (got, _) = fused.features(values, [shape[1], shape[2]]);
    assert_eq!(got.len(), expected.len());
    let largest = expected
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(largest > 0.0);
    for (got, expected) in got.iter().zip(&expected) {
        assert!(
            (got - expected).abs() <= TOLERANCE * largest,
            "{got} and {expected}, of {largest}, {shape:?}"
        );
    }
}

/// The bytes of a weights file that is shipped.
fn shipped(network: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/weights");
    fs::read(folder.join(format!("{network}.bpk"))).expect("it is in the repository")
}

/// Numbers in 0..1, the same each time.
fn noise(n: usize) -> Vec<f32> {
    let mut random = Pcg64::seed_from_u64(1);
    (0..n).map(|_| random.random()).collect()
}
