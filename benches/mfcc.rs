//! Time to compute the MFCCs of a 30 s window from its mel powers.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tonearm_dsp::{Dct, mfcc};

/// Number of frames in 30 s at 22.05 kHz.
const N_FRAMES: usize = 1292;

fn benches(criterion: &mut Criterion) {
    let power: Vec<f32> = (0..N_FRAMES * 128)
        .map(|i| 1.0 + (i % 977) as f32)
        .collect();
    let dct = Dct::new(20, 128).expect("20 of 128");
    criterion.bench_function("mfcc of 1292 mel frames", |bencher| {
        bencher.iter_batched(
            || power.clone(),
            |mut power| mfcc(&mut power, &dct, 80.0),
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(group, benches);
criterion_main!(group);
