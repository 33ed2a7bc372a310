//! Time to compute the power spectrum and the mel spectrum of one frame.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tonearm_dsp::{MelConfig, MelSpectrogram, Stft, StftConfig};

fn benches(criterion: &mut Criterion) {
    let samples: Vec<f32> = (0..44_100).map(|i| (i as f32 * 0.1).sin()).collect();

    let mut stft = Stft::new(&StftConfig::default()).expect("the defaults are valid");
    let mut power = vec![0.0; stft.n_bins()];
    criterion.bench_function("stft frame of 2048", |bencher| {
        bencher.iter(|| stft.power(black_box(&samples), 40, &mut power));
    });

    let mut mel = MelSpectrogram::new(&MelConfig::default()).expect("the defaults are valid");
    let mut bands = vec![0.0; MelConfig::default().n_mels];
    criterion.bench_function("mel frame of 2048, 128 bands", |bencher| {
        bencher.iter(|| mel.frame(black_box(&samples), 40, &mut bands));
    });
}

criterion_group!(group, benches);
criterion_main!(group);
