//! Weights files: round trips, and errors for invalid files.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use pollster::block_on;
use proptest::prelude::*;
use tonearm::classifier::Classifier;
use tonearm::features::{FeatureConfig, Input, MelFeatures, MfccFeatures};
use tonearm::models::attributes::AttributesConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::rnn::RnnConfig;
use tonearm::models::{ModelConfig, Network, Normalisation};
use tonearm::weights::{ATTRIBUTES, Artists, FORMAT_VERSION, Metadata, NetworkSpec, Weights};

use crate::fixtures::{bytes_of, cnn, fusion, metadata, mlp, part, rnn};

fn artists() -> Artists {
    Artists {
        train: vec![1, 5, 9],
        validation: vec![-3],
        test: Vec::new(),
    }
}

fn file(metadata: &Metadata) -> Vec<u8> {
    bytes_of(metadata, &artists())
}

/// A file with a network that may differ from the one in its metadata.
fn file_of(network: &Network, metadata: &Metadata) -> Vec<u8> {
    let parts = BTreeMap::new();
    let weights = Weights::of(network, &parts, metadata.clone(), artists());
    let weights = block_on(weights).expect("the CPU does not fail");
    weights.to_bytes().expect("serialisable")
}

fn refusal(bytes: &[u8]) -> String {
    Classifier::from_bytes(bytes, &Device::flex())
        .expect_err("the file is refused")
        .to_string()
}

#[test]
fn a_weights_file_survives_a_round_trip() {
    for metadata in [metadata(), rnn(), mlp(), fusion()] {
        let bytes = file(&metadata);
        let weights = Weights::read(&bytes).expect("the weights are valid");
        assert_eq!(weights.metadata, metadata);
        assert_eq!(weights.artists, artists());
        Classifier::from_bytes(&bytes, &Device::flex()).expect("the weights are complete");
    }
}

#[test]
fn a_network_survives_a_round_trip_up_to_16_bit_rounding() {
    let device = Device::flex();
    let metadata = metadata();
    device.seed(7);
    let network = metadata.network.model.init(&device);
    let loaded = Weights::read(&file_of(&network, &metadata))
        .expect("the weights are valid")
        .network(&device)
        .expect("the parameters match the network");

    let patch = Tensor::<3>::random([1, 128, 128], burn::tensor::Distribution::Default, &device);
    let before = network.forward(patch.clone()).into_data();
    let after = loaded.forward(patch).into_data();
    assert_eq!(before.shape().to_vec(), [1, 16, 2]);
    for (before, after) in before.iter::<f32>().zip(after.iter::<f32>()) {
        assert!((before - after).abs() < 2e-2, "{before} became {after}");
    }
}

#[test]
fn a_newer_format_is_refused_naming_both_versions() {
    let newer = Metadata {
        format_version: FORMAT_VERSION + 1,
        ..metadata()
    };
    assert_eq!(
        refusal(&file(&newer)),
        "the weights file has format 3, but this version reads only format 2; update Tonearm"
    );
}

#[test]
fn weights_for_other_features_are_refused_naming_both() {
    let other = with_network(NetworkSpec {
        fingerprint: "0123".into(),
        ..metadata().network
    });
    let expected = Input::Audio(FeatureConfig::mel()).fingerprint();
    let message = refusal(&file(&other));
    assert!(
        message.contains("`0123`") && message.contains(&expected),
        "{message}"
    );
}

#[test]
fn parameters_of_another_network_are_refused() {
    let device = Device::flex();
    let other = cnn().with_channels([8, 4, 4, 4, 4, 4]);
    let network = Network::Cnn(other.init(&device));
    let message = refusal(&file_of(&network, &metadata()));
    assert!(
        message.contains("its parameters must match its network"),
        "{message}"
    );
}

#[test]
fn settings_that_claim_more_memory_than_the_file_has_are_refused() {
    let small = mlp();
    let network = small.network.model.init(&Device::flex());
    let ModelConfig::Mlp(config) = &small.network.model else {
        panic!("the network is an MLP");
    };
    // 17 GB of parameters for each hidden layer.
    let huge = MlpConfig {
        hidden: vec![4096; 8],
        members: 64,
        ..config.clone()
    };
    let huge = Metadata {
        network: NetworkSpec {
            model: ModelConfig::Mlp(huge),
            ..small.network.clone()
        },
        ..small
    };
    let message = refusal(&file_of(&network, &huge));
    assert!(
        message.contains("its parameters must match its network"),
        "{message}"
    );
}

fn with_network(network: NetworkSpec) -> Metadata {
    Metadata {
        network,
        ..metadata()
    }
}

fn with_normalisation(normalisation: Normalisation) -> Metadata {
    with_network(NetworkSpec {
        normalisation,
        ..metadata().network
    })
}

#[test]
fn a_fusion_without_one_of_its_networks_is_refused() {
    let fusion = fusion();
    for name in fusion.parts.keys() {
        let mut metadata = fusion.clone();
        metadata.parts.remove(name);
        refusal(&file(&metadata));
    }
}

#[test]
fn a_fusion_of_different_window_lengths_is_refused() {
    let mut metadata = fusion();
    let short = MelFeatures {
        window_seconds: 6.0,
        ..MelFeatures::default()
    };
    for name in [ATTRIBUTES, "cnn"] {
        let network = metadata.parts[name].model.clone();
        let input = Input::Audio(FeatureConfig::Mel(short.clone()));
        metadata.parts.insert(name.into(), part(network, input));
    }
    assert!(refusal(&file(&metadata)).contains("its networks must match each other"));
}

#[test]
fn accepted_weights_can_classify() {
    let one_coefficient = MfccFeatures {
        n_mfcc: 1,
        ..MfccFeatures::default()
    };
    let narrow = RnnConfig::new(2)
        .with_n_mfcc(1)
        .with_channels(4)
        .with_hidden(4);
    let narrow = part(
        ModelConfig::Rnn(narrow),
        Input::Audio(FeatureConfig::Mfcc(one_coefficient)),
    );
    for metadata in [metadata(), rnn(), fusion(), with_network(narrow)] {
        let bytes = file(&metadata);
        let classifier =
            Classifier::from_bytes(&bytes, &Device::flex()).expect("the weights are valid");
        block_on(classifier.warm_up()).expect("the CPU does not fail");
    }
}

#[test]
fn an_estimator_without_a_classifier_is_refused() {
    let estimator = ModelConfig::Attributes(AttributesConfig::new().with_n_outputs(2));
    let alone = with_network(part(estimator, Input::Audio(FeatureConfig::mel())));
    assert!(refusal(&file(&alone)).contains("does not classify genres"));
}

#[test]
fn metadata_that_contradicts_itself_is_refused() {
    let huge = cnn().with_channels([1 << 40, 4, 4, 4, 4, 4]);
    let contradictory = [
        Metadata {
            labels: vec!["Folk".into()],
            ..metadata()
        },
        Metadata {
            labels: vec!["Folk".into(), "Folk".into()],
            ..metadata()
        },
        Metadata {
            temperature: 0.0,
            ..metadata()
        },
        Metadata {
            threshold: 1.5,
            ..metadata()
        },
        with_normalisation(Normalisation::Standard {
            mean: vec![0.0; 3],
            deviation: vec![1.0; 3],
        }),
        with_normalisation(Normalisation::Rank {
            values: vec![vec![1.0, 0.0]; 128],
        }),
        // An MLP reads a table, even with as many columns as a log-mel patch has values.
        with_network(part(
            ModelConfig::Mlp(MlpConfig::new(128 * 128, 2)),
            Input::Audio(FeatureConfig::mel()),
        )),
        // The network reads log-mel patches.
        with_network(part(
            metadata().network.model,
            Input::Audio(FeatureConfig::mfcc()),
        )),
    ];
    for metadata in contradictory {
        refusal(&file(&metadata));
    }
    // The file holds a small network: the 2^40 channels of its metadata must not be allocated.
    let huge = with_network(NetworkSpec {
        model: ModelConfig::Cnn(huge),
        ..metadata().network
    });
    let small = Network::Cnn(cnn().init(&Device::flex()));
    assert!(refusal(&file_of(&small, &huge)).starts_with("`channels` must be"));
}

#[test]
fn parameters_that_are_not_numbers_are_refused() {
    let device = Device::flex();
    let metadata = metadata();
    let poison = Tensor::<1>::from_floats([f32::NAN], &device);
    let network = Poison(poison).apply(metadata.network.model.init(&device));
    assert!(refusal(&file_of(&network, &metadata)).contains("must be finite"));
}

/// Adds a value to every parameter.
struct Poison(Tensor<1>);

impl Poison {
    fn apply<M: burn::module::Module>(mut self, module: M) -> M {
        module.map(&mut self)
    }
}

impl burn::module::ModuleMapper for Poison {
    fn map_float<const D: usize>(
        &mut self,
        param: burn::module::Param<Tensor<D>>,
    ) -> burn::module::Param<Tensor<D>> {
        let value = self.0.clone().reshape([1; D]);
        param.map(|tensor| tensor + value)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_truncated_anywhere_is_refused(fraction in 0.0..1.0_f64) {
        let bytes = file(&metadata());
        let length = (fraction * bytes.len() as f64) as usize;
        prop_assert!(Classifier::from_bytes(&bytes[..length], &Device::flex()).is_err());
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert!(Classifier::from_bytes(&bytes, &Device::flex()).is_err());
    }

    #[test]
    fn a_replaced_byte_gives_an_error_message_or_a_classifier(
        position in 0.0..1.0_f64,
        value in any::<u8>(),
    ) {
        let mut bytes = file(&metadata());
        let index = (position * bytes.len() as f64) as usize;
        bytes[index] = value;
        match Classifier::from_bytes(&bytes, &Device::flex()) {
            Ok(classifier) => drop(block_on(classifier.warm_up()).expect("the CPU does not fail")),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
