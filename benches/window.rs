//! Time to compute the features of a 30 s window, without resampling.

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

criterion_group!(group, benches);
criterion_main!(group);
