//! Small networks with random parameters, and the sounds that they are asked about.

use burn::tensor::Device;
use pollster::block_on;
use tonearm::features::FeatureConfig;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::{ModelConfig, Normalisation};
use tonearm::split::SplitConfig;
use tonearm::trainer::Recipe;
use tonearm::weights::{Artists, Card, DataCard, FORMAT_VERSION, Metadata, write};

/// Metadata of a network of two labels.
pub fn metadata() -> Metadata {
    let model = CnnConfig::new(2).with_channels([4, 4, 4, 4, 4]);
    let features = FeatureConfig::mel();
    Metadata {
        format_version: FORMAT_VERSION,
        fingerprint: features.fingerprint(),
        labels: vec!["Folk".into(), "Rock".into()],
        normalisation: Normalisation {
            mean: vec![0.5; 128],
            deviation: vec![0.2; 128],
        },
        temperature: 1.25,
        threshold: 0.5,
        card: Card {
            name: "a network for this test".into(),
            command: "tonearm train cnn".into(),
            data: DataCard {
                file: "none.npz".into(),
                rows: 0,
                artists: 0,
            },
            fitted_on: "nothing".into(),
            split: SplitConfig::default(),
            folds: 0,
            recipe: Recipe::default(),
            n_parameters: 0,
            multiply_adds: model.multiply_adds(128),
            figures: Vec::new(),
        },
        model: ModelConfig::Cnn(model),
        features,
    }
}

/// A weights file around random parameters.
pub fn bytes_of(metadata: &Metadata, artists: &Artists) -> Vec<u8> {
    let device = Device::flex();
    device.seed(1);
    let ModelConfig::Cnn(config) = &metadata.model;
    block_on(write(&config.init(&device), metadata, artists)).expect("it can be packed")
}
