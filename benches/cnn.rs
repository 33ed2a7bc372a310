//! The CNN on one window: by Burn, and without.

use burn::tensor::{Device, Tensor, TensorData};
use criterion::{Criterion, criterion_group, criterion_main};
use tonearm::models::cnn::CnnConfig;

const SIDE: usize = 128;

fn benches(criterion: &mut Criterion) {
    let device = Device::flex();
    let cnn = CnnConfig::new(8).init(&device);
    let picture: Vec<f32> = (0..SIDE * SIDE).map(|i| (i as f32 * 0.1).sin()).collect();
    criterion.bench_function("CNN by Burn", |bencher| {
        bencher.iter(|| {
            let rows = TensorData::new(picture.clone(), [1, SIDE, SIDE]);
            cnn.features(Tensor::from_data(rows, &device)).into_data()
        });
    });
    let direct = pollster::block_on(cnn.direct()).expect("the device is there");
    criterion.bench_function("CNN direct", |bencher| {
        bencher.iter(|| direct.features(&picture, [SIDE, SIDE]));
    });
}

criterion_group!(group, benches);
criterion_main!(group);
