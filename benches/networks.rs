//! Features of one window: computed by Burn and by the fused CPU kernels.

use burn::tensor::{Device, Tensor, TensorData};
use criterion::{Criterion, criterion_group, criterion_main};
use tonearm::models::Network;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::rnn::RnnConfig;

fn benches(criterion: &mut Criterion) {
    let device = Device::flex();
    let cnn = Network::Cnn(CnnConfig::new(8).init(&device));
    let rnn = Network::Rnn(RnnConfig::new(8).init(&device));
    for (name, network, shape) in [("CNN", cnn, [1, 128, 128]), ("RNN", rnn, [10, 130, 20])] {
        let n_values = shape.iter().product::<usize>();
        let rows: Vec<f32> = (0..n_values).map(|i| (i as f32 * 0.1).sin()).collect();
        criterion.bench_function(&format!("{name} by Burn"), |bencher| {
            bencher.iter(|| {
                let rows = TensorData::new(rows.clone(), shape);
                let (_, features) = network.forward_with_features(Tensor::from_data(rows, &device));
                features.expect("it has features").into_data()
            });
        });
        let fused = pollster::block_on(network.fused_cpu()).expect("a CPU does not fail");
        let fused = fused.expect("CNN and RNN have fused kernels");
        criterion.bench_function(&format!("{name} fused"), |bencher| {
            bencher.iter(|| fused.features(&rows, [shape[1], shape[2]]));
        });
    }
}

criterion_group!(group, benches);
criterion_main!(group);
