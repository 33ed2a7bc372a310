//! The CNN without Burn answers as the CNN by Burn.

use std::fs;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tonearm::Classifier;
use tonearm::models::Network;
use tonearm::models::cnn::{Cnn, CnnConfig};
use tonearm::weights::Weights;

/// Of the largest feature: sums run in another order.
const TOLERANCE: f32 = 1e-5;

#[test]
fn features_of_the_shipped_cnn() {
    let weights = Weights::read(&shipped("cnn")).expect("a sound file");
    let Network::Cnn(cnn) = weights.network(&Device::flex()).expect("it is whole") else {
        panic!("cnn.bpk holds another network");
    };
    agree(&cnn, [2, 128, 128]);
}

#[test]
fn features_of_channels_and_columns_that_fill_no_tile() {
    let channels = [3, 5, 5, 9, 9, 17];
    let config = CnnConfig::new(2).with_n_mels(32).with_channels(channels);
    let cnn = config.init(&Device::flex());
    for n_columns in [8, 24, 40] {
        agree(&cnn, [1, 32, n_columns]);
    }
}

#[test]
fn answers_of_the_shipped_networks() {
    for network in ["cnn", "fusion"] {
        let bytes = shipped(network);
        let by_burn = Classifier::from_bytes(&bytes, &Device::flex()).expect("a sound file");
        let direct = block_on(Classifier::on_cpu(&bytes, &Device::flex())).expect("a sound file");
        let kinds = by_burn.metadata().audio_features().expect("it hears");
        let rows = || {
            kinds.iter().map(|kind| {
                let [height, width] = kind.shape();
                noise(kind.n_pieces() * height * width)
            })
        };
        let [expected, got] = [&by_burn, &direct]
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

fn agree(cnn: &Cnn, shape: [usize; 3]) {
    let pictures = noise(shape.iter().product());
    let rows = TensorData::new(pictures.clone(), shape);
    let expected = cnn
        .features(Tensor::from_data(rows, &Device::flex()))
        .into_data();
    let expected = expected.try_to_vec::<f32>().expect("floats");
    let direct = block_on(cnn.direct()).expect("the device is there");
    let (got, _) = direct.features(&pictures, [shape[1], shape[2]]);
    assert_eq!(got.len(), expected.len());
    let largest = expected
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(largest > 0.0);
    for (got, expected) in got.iter().zip(&expected) {
        assert!(
            (got - expected).abs() <= TOLERANCE * largest,
            "{got} and {expected}, of {largest}"
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
