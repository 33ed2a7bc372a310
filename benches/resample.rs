//! Time to resample ten seconds of audio to the sample rates of the features.

use std::f32::consts::TAU;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tonearm::Clip;
use tonearm_dsp::resample;

fn benches(criterion: &mut Criterion) {
    for (from, to) in [
        (44_100, 22_050),
        (48_000, 44_100),
        (8_000, 44_100),
        (96_000, 44_100),
    ] {
        let samples = (0..10 * from).map(|i| (TAU * 440.0 * i as f32 / from as f32).sin());
        let clip = Clip::new(samples.collect(), from).expect("a valid clip");
        criterion.bench_function(&format!("resample 10 s, {from} to {to} Hz"), |bencher| {
            let copy = || clip.clone();
            bencher.iter_batched(copy, |clip| resample(clip, to), BatchSize::LargeInput);
        });
    }
}

criterion_group!(group, benches);
criterion_main!(group);
