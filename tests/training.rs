//! Training on rows that are easy to separate.
//!
//! A separate test program: all trainers on a device share its random number generator, so other
//! tests would change the results.

#[path = "support/noise.rs"]
mod noise;

use std::sync::Mutex;

use burn::tensor::Device;
use pollster::block_on;
use tonearm::data::{Dataset, Matrix, Values};
use tonearm::models::ModelConfig;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::original::{OriginalCnnConfig, OriginalRnnConfig};
use tonearm::models::rnn::RnnConfig;
use tonearm::recipe::{EpochSelection, Recipe};
use tonearm::training::trainer::{EpochReport, Teacher, Trainer, TrainingData};
use tonearm::weights::Weights;

use noise::Noise;

const N_ROWS: usize = 96;

/// Log-mel patches of 128 bands and 16 frames: noise that is brighter in the lower half for label
/// 0, and in the upper half for label 1.
fn data() -> Dataset {
    let mut noise = Noise(1);
    let mut grey = Vec::with_capacity(N_ROWS * 128 * 16);
    for row in 0..N_ROWS {
        for mel in 0..128 {
            for _ in 0..16 {
                let dark = (64.0 * (noise.sample() + 1.0)) as u8;
                let bright = (mel < 64) == (row % 2 == 0);
                grey.push(dark + if bright { 60 } else { 0 });
            }
        }
    }
    let ids: Vec<i32> = (0..N_ROWS as i32).collect();
    let labels = (0..N_ROWS).map(|row| (row % 2) as u8).collect();
    Dataset::new(Values::U8(grey), [128, 16], labels, ids.clone(), ids)
        .expect("one value of each for every row")
}

/// Enough steps for the running statistics of batch norm to settle. Crops and masks are small
/// because the last layer sees only two columns.
fn recipe() -> Recipe {
    Recipe {
        epochs: 12,
        batch: 8,
        crop: None,
        mask_frames: 2,
        epoch_selection: EpochSelection::Best,
        patience: 12,
        learning_rate: 5e-3,
        seed: 3,
        ..Recipe::cnn()
    }
}

/// Serialises the tests that train, because trainers on one device share its random number
/// generator.
static DEVICE: Mutex<()> = Mutex::new(());

/// Training data without a teacher.
fn without_teacher(rows: &Dataset) -> TrainingData<'_> {
    TrainingData {
        rows,
        teacher: None,
    }
}

fn trainer(data: &Dataset, recipe: Recipe) -> Trainer {
    let model = ModelConfig::Cnn(CnnConfig::new(2).with_channels([4, 4, 4, 8, 8, 8]));
    let rows = (0..64).collect();
    Trainer::new(&model, recipe, without_teacher(data), rows, &Device::flex())
        .expect("the rows match")
}

fn run(data: &Dataset, recipe: Recipe) -> Vec<EpochReport> {
    let _lock = DEVICE.lock();
    let mut trainer = trainer(data, recipe);
    let validation: Vec<usize> = (64..N_ROWS).collect();
    let labels = ["low".to_owned(), "high".to_owned()];
    let mut reports = Vec::new();
    loop {
        for _ in 0..trainer.steps_per_epoch() {
            trainer.step(without_teacher(data));
        }
        let report = block_on(trainer.end_epoch(data, &validation, &labels)).expect("finite");
        reports.push(report);
        if reports.last().is_some_and(|report| report.is_last) {
            return reports;
        }
    }
}

#[test]
fn a_separable_task_is_learnt() {
    let reports = run(&data(), recipe());
    let last = reports
        .last()
        .expect("twelve epochs")
        .validation
        .as_ref()
        .expect("validated");
    assert!(last.top1 > 0.95, "top-1 {}", last.top1);
    assert!(reports[11].train_loss < reports[0].train_loss);
    assert!(reports[11].train_top1 > reports[0].train_top1);
    assert!(reports[11].train_top1 <= 1.0);
}

#[test]
fn the_same_run_is_bit_identical() {
    let data = data();
    let losses = |recipe| -> Vec<f64> {
        run(&data, recipe)
            .iter()
            .map(|report| report.train_loss)
            .collect()
    };
    assert_eq!(losses(recipe()), losses(recipe()));
    assert_ne!(
        losses(recipe()),
        losses(Recipe {
            seed: 4,
            ..recipe()
        })
    );
}

#[test]
fn training_stops_early_when_the_validation_loss_stagnates() {
    // At this learning rate the loss stagnates after a few epochs.
    let recipe = Recipe {
        epochs: 60,
        patience: 2,
        ..recipe()
    };
    let reports = run(&data(), recipe);
    assert!(reports.len() < 60, "{} epochs", reports.len());
    let best = reports
        .iter()
        .rposition(|report| report.is_best)
        .expect("one epoch is the best");
    assert_eq!(reports.len() - 1 - best, 2);
}

#[test]
fn a_run_without_validation_rows_keeps_its_last_epoch() {
    let _lock = DEVICE.lock();
    let data = data();
    let mut trainer = trainer(
        &data,
        Recipe {
            stop_after: Some(2),
            ..recipe()
        },
    );
    let labels = ["low".to_owned(), "high".to_owned()];
    let mut epoch = || {
        for _ in 0..trainer.steps_per_epoch() {
            trainer.step(without_teacher(&data));
        }
        let report = block_on(trainer.end_epoch(&data, &[], &labels)).expect("finite");
        (report.is_last, trainer.best_epoch())
    };
    assert_eq!([epoch(), epoch()], [(false, 1), (true, 2)]);
}

#[test]
fn every_network_learns_a_separable_task() {
    let _lock = DEVICE.lock();
    let patches = data();
    // Sequences of 16 frames with 8 coefficients, and rows of 2 columns, whose sign is the label.
    let rows_with_sign = |shape: [usize; 2]| {
        let sign = |row: usize| if row.is_multiple_of(2) { 1.0 } else { -1.0 };
        let mut noise = Noise(1);
        let values = (0..N_ROWS).flat_map(|row| vec![sign(row); shape[0] * shape[1]]);
        let values = values.map(|value| value + 0.5 * (noise.sample() + 1.0));
        Dataset {
            x: Values::F32(values.collect()),
            shape,
            ..data()
        }
    };
    let small = |recipe: Recipe| Recipe {
        epochs: 20,
        patience: 20,
        batch: 8,
        crop: None,
        learning_rate: 5e-3,
        ..recipe
    };
    let runs = [
        (
            ModelConfig::Rnn(
                RnnConfig::new(2)
                    .with_n_mfcc(8)
                    .with_channels(8)
                    .with_hidden(8),
            ),
            rows_with_sign([16, 8]),
            small(Recipe::rnn()),
        ),
        (
            ModelConfig::Mlp(MlpConfig::new(2, 2).with_hidden(vec![8]).with_members(3)),
            rows_with_sign([1, 2]),
            small(Recipe::mlp()),
        ),
        (
            ModelConfig::Mlp(MlpConfig::new(2, 2).with_hidden(vec![8]).with_single(true)),
            rows_with_sign([1, 2]),
            Recipe {
                learning_rate: 0.5,
                ..small(Recipe::original_mlp())
            },
        ),
        (
            ModelConfig::OriginalRnn(OriginalRnnConfig::new(2).with_n_mfcc(8).with_hidden(8)),
            rows_with_sign([16, 8]),
            small(Recipe::original_rnn()),
        ),
        (
            ModelConfig::OriginalCnn(OriginalCnnConfig::new(2).with_n_columns(16)),
            patches,
            small(Recipe::original_cnn()),
        ),
    ];
    for (model, data, recipe) in runs {
        let rows = (0..64).collect();
        let mut trainer = Trainer::new(
            &model,
            recipe,
            without_teacher(&data),
            rows,
            &Device::flex(),
        )
        .expect("the rows match");
        let top1 = loop {
            for _ in 0..trainer.steps_per_epoch() {
                trainer.step(without_teacher(&data));
            }
            let validation: Vec<usize> = (64..N_ROWS).collect();
            let labels = ["low".to_owned(), "high".to_owned()];
            let report = block_on(trainer.end_epoch(&data, &validation, &labels)).expect("finite");
            if report.is_last {
                break report.validation.expect("validated").top1;
            }
        };
        assert!(top1 > 0.95, "top-1 {top1} of {model:?}");
    }
}

#[test]
fn a_teacher_is_learnt_from_where_the_labels_are_noise() {
    let _lock = DEVICE.lock();
    let truth = data();
    // Random labels, while the teacher is always correct.
    let noise = Dataset {
        y: (0..N_ROWS).map(|row| (row / 2 % 2) as u8).collect(),
        ..truth.clone()
    };
    let one_hot = |label: &u8| [1.0 - f32::from(*label), f32::from(*label)];
    let probabilities: Matrix = truth.y.iter().map(one_hot).collect();
    let teacher = Teacher::new(probabilities.clone(), probabilities).expect("the rows match");
    let distilled = TrainingData {
        rows: &noise,
        teacher: Some(&teacher),
    };
    let model = ModelConfig::Cnn(CnnConfig::new(2).with_channels([4, 4, 4, 8, 8, 8]));
    let recipe = Recipe {
        distillation: 0.9,
        ..recipe()
    };
    let rows = (0..64).collect();
    let mut trainer =
        Trainer::new(&model, recipe, distilled, rows, &Device::flex()).expect("the rows match");
    let report = loop {
        for _ in 0..trainer.steps_per_epoch() {
            trainer.step(distilled);
        }
        let rows: Vec<usize> = (64..N_ROWS).collect();
        let labels = ["low".to_owned(), "high".to_owned()];
        let report = block_on(trainer.end_epoch(&truth, &rows, &labels)).expect("finite");
        if report.is_last {
            break report;
        }
    };
    assert!(report.validation.expect("validated").top1 > 0.9);
}

#[test]
fn the_shipped_weights_were_trained_with_the_default_recipes() {
    let files: [(&[u8], Recipe); 4] = [
        (include_bytes!("../pkg/weights/cnn.bpk"), Recipe::cnn()),
        (include_bytes!("../pkg/weights/rnn.bpk"), Recipe::rnn()),
        (include_bytes!("../pkg/weights/mlp-four.bpk"), Recipe::mlp()),
        (
            include_bytes!("../pkg/weights/mlp-rock-electronic.bpk"),
            Recipe::mlp(),
        ),
    ];
    for (bytes, recipe) in files {
        let weights = Weights::read(bytes).expect("the shipped weights are valid");
        // The number of epochs of the final fit comes from the cross-validation.
        let expected = Recipe {
            stop_after: Some(recipe.epochs),
            ..recipe
        };
        assert_eq!(weights.metadata.card.recipe, Some(expected));
    }
}

#[test]
fn rows_that_do_not_match_the_network_are_refused() {
    let data = data();
    let new = |model: CnnConfig, rows| {
        Trainer::new(
            &ModelConfig::Cnn(model),
            recipe(),
            without_teacher(&data),
            rows,
            &Device::flex(),
        )
        .err()
        .expect("refused")
        .to_string()
    };
    let fits = CnnConfig::new(2);
    assert!(new(fits.clone(), Vec::new()).contains("the training set must have at least one row"));
    assert!(
        new(fits.with_n_mels(64), vec![0])
            .contains("must have 64 values per frame, got rows of 128 x 16")
    );
    assert!(new(CnnConfig::new(1), vec![0]).contains("`n_labels`"));
}
