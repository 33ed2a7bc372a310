//! Metadata of small networks, and weights files with random parameters.

use std::collections::BTreeMap;

use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::split::SplitConfig;
use tonearm::evaluation::figures::Confident;
use tonearm::features::{Columns, FeatureConfig, Input};
use tonearm::models::attributes::AttributesConfig;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::rnn::RnnConfig;
use tonearm::models::{ModelConfig, Normalisation};
use tonearm::recipe::Recipe;
use tonearm::weights::{
    ATTRIBUTES, Artists, Card, DataCard, Estimate, FORMAT_VERSION, Grouping, Metadata, NetworkSpec,
    TABLE, Weights,
};

/// A small CNN with two labels.
pub fn cnn() -> CnnConfig {
    CnnConfig::new(2).with_channels([4; 6])
}

/// A network for channels with a mean of 0.5 and a standard deviation of 0.2.
pub fn part(model: ModelConfig, input: Input) -> NetworkSpec {
    let n_channels = input.layout().n_channels;
    let normalisation = Normalisation::Standard {
        mean: vec![0.5; n_channels],
        deviation: vec![0.2; n_channels],
    };
    NetworkSpec::new(model, input, normalisation)
}

/// Metadata of a CNN with two labels.
pub fn metadata() -> Metadata {
    let network = part(ModelConfig::Cnn(cnn()), Input::Audio(FeatureConfig::mel()));
    Metadata {
        format_version: FORMAT_VERSION,
        labels: vec!["Folk".into(), "Rock".into()],
        temperature: 1.25,
        threshold: 0.5,
        card: Card {
            name: "a network for this test".into(),
            command: "tonearm train cnn".into(),
            date: String::new(),
            version: String::new(),
            data: DataCard {
                file: "none.npz".into(),
                rows: 0,
                artists: 0,
                grouping: Grouping::Artist,
                licence: String::new(),
            },
            fitted_on: "nothing".into(),
            split: SplitConfig::default(),
            folds: 0,
            recipe: Some(Recipe::cnn()),
            n_parameters: 0,
            multiply_adds: network.model.multiply_adds(&network.input),
            estimates: Vec::new(),
            confident: Confident::default(),
            repeats: None,
            figures: Vec::new(),
            headline: None,
        },
        network,
        parts: BTreeMap::new(),
    }
}

/// Metadata of an RNN with two labels.
pub fn rnn() -> Metadata {
    let model = RnnConfig::new(2).with_channels(4).with_hidden(4);
    let input = Input::Audio(FeatureConfig::mfcc());
    Metadata {
        network: part(ModelConfig::Rnn(model), input),
        ..metadata()
    }
}

/// Metadata of an MLP with two labels and two ensemble members; its inputs are normalised by rank.
pub fn mlp() -> Metadata {
    let model = MlpConfig::new(8, 2).with_hidden(vec![4]).with_members(2);
    let ranks = Normalisation::Rank {
        values: vec![vec![0.0, 0.25, 1.0]; 8],
    };
    let input = Input::Columns(Columns::echo_nest());
    Metadata {
        network: NetworkSpec::new(ModelConfig::Mlp(model), input, ranks),
        ..metadata()
    }
}

/// Metadata of a fusion of all networks, with estimates of which the first two are shown.
pub fn fusion() -> Metadata {
    let estimator = ModelConfig::Attributes(AttributesConfig::new());
    let columns = [
        "cnn Folk", "cnn Rock", "mlp Folk", "mlp Rock", "rnn Folk", "rnn Rock",
    ];
    let names = columns.map(String::from).to_vec();
    let estimates = Columns::echo_nest().names.into_iter().enumerate();
    Metadata {
        network: part(
            ModelConfig::Mlp(MlpConfig::new(6, 2)),
            Input::Columns(Columns { names }),
        ),
        parts: BTreeMap::from([
            (
                ATTRIBUTES.into(),
                part(estimator, Input::Audio(FeatureConfig::mel())),
            ),
            ("cnn".into(), metadata().network),
            (TABLE.into(), mlp().network),
            ("rnn".into(), rnn().network),
        ]),
        card: Card {
            estimates: estimates
                .map(|(index, name)| Estimate::new(&name, if index < 2 { 0.4 } else { 0.1 }))
                .collect(),
            ..metadata().card
        },
        ..metadata()
    }
}

/// A weights file with random parameters.
pub fn bytes_of(metadata: &Metadata, artists: &Artists) -> Vec<u8> {
    let device = Device::flex();
    device.seed(1);
    let build = |part: &NetworkSpec| part.model.init(&device);
    let network = build(&metadata.network);
    let parts = metadata.parts.iter();
    let parts = parts
        .map(|(name, part)| (name.clone(), build(part)))
        .collect();
    let weights = Weights::of(&network, &parts, metadata.clone(), artists.clone());
    let weights = block_on(weights).expect("the CPU does not fail");
    weights.to_bytes().expect("serialisable")
}
