//! Time to compute the features of a 30 s window without resampling, and of a short clip with it.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tonearm::Clip;
use tonearm::features::{Extractor, FeatureConfig};

fn benches(criterion: &mut Criterion) {
    for (name, config) in [
        ("mel", FeatureConfig::mel()),
        ("mfcc", FeatureConfig::mfcc()),
    ] {
        let rate = config.sample_rate();
        let samples = (0..30 * rate).map(|i| (i as f32 * 0.1).sin());
        let clip = Clip::new(samples.collect(), rate).expect("a valid clip");
        let mut extractor = Extractor::new(&config).expect("the defaults are valid");
        criterion.bench_function(&format!("{name} window of 30 s"), |bencher| {
            bencher.iter_batched(
                || clip.clone(),
                |clip| {
                    let mut track = extractor.open(clip).expect("30 s are long enough");
                    extractor.window(&mut track, 0)
                },
                BatchSize::LargeInput,
            );
        });
    }
}

/// Compares a new extractor for every clip with clones of one extractor, for clips of one second.
fn short_clips(criterion: &mut Criterion) {
    let samples = (0..48_000).map(|i| (i as f32 * 0.1).sin());
    let clip = Clip::new(samples.collect(), 48_000).expect("a valid clip");
    for (name, config) in [
        ("mel", FeatureConfig::mel()),
        ("mfcc", FeatureConfig::mfcc()),
    ] {
        let new = || Extractor::new(&config).expect("the defaults are valid");
        let shared = new();
        let features = |mut extractor: Extractor| {
            let mut track = extractor.open(clip.clone()).expect("one second is enough");
            extractor.window(&mut track, 0)
        };
        criterion.bench_function(&format!("{name} of 1 s, planned again"), |bencher| {
            bencher.iter(|| features(new()));
        });
        criterion.bench_function(&format!("{name} of 1 s, planned once"), |bencher| {
            bencher.iter(|| features(shared.clone()));
        });
    }
}

criterion_group!(group, benches, short_clips);
criterion_main!(group);
