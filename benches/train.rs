//! Training speed of each network, in rows per second; a step builds the batch, computes the
//! gradients and runs the optimiser.
//!
//! Prints one line of JSON per network, with the speed of a single trainer and the total speed of
//! parallel trainers: one single-threaded process per core, as in `tonearm train --folds`. The
//! arguments `-- cnn rnn` measure only these two networks; `-- --list` prints the names of all
//! networks. The rows are noise with the shape and type of real features. There is no teacher,
//! because it adds only one layer, which is small compared with the network.
//!
//! `cargo xtask bench train` compares the speed with TensorFlow.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use half::f16;
use rand::RngExt;
use rand_pcg::Pcg64;
use tonearm::data::{Dataset, Values};
use tonearm::features::{ECHO_NEST, FeatureConfig};
use tonearm::models::ModelConfig;
use tonearm::models::cnn::CnnConfig;
use tonearm::models::mlp::MlpConfig;
use tonearm::models::original::{OriginalCnnConfig, OriginalRnnConfig};
use tonearm::models::rnn::RnnConfig;
use tonearm::recipe::Recipe;
use tonearm::training::trainer::{Trainer, TrainingData};

/// Number of genres of the networks that read audio.
const GENRES: usize = 8;

/// Untimed steps at the start, which allocate memory and start threads.
const WARM_UP: usize = 3;

/// Measured time per network.
const DURATION: Duration = Duration::from_secs(5);

fn main() {
    let (options, names): (Vec<_>, Vec<_>) = env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let has_option = |name: &str| options.iter().any(|option| option == name);
    for (name, model, recipe) in networks() {
        if has_option("--list") {
            println!("{name}");
        } else if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            let mut line = measure(name, &model, recipe);
            if !has_option(ALONE) {
                line["rows_per_second_at_once"] = parallel_rows_per_second(name).into();
            }
            println!("{line}");
        }
    }
}

/// Option that measures a single trainer only; passed to each parallel process.
const ALONE: &str = "--alone";

/// Environment variables that `tonearm train --folds` sets for its worker processes.
const WORKER: [(&str, &str); 4] = [
    ("RAYON_NUM_THREADS", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Total rows per second of parallel trainers, one process per core.
fn parallel_rows_per_second(name: &str) -> f64 {
    let n_processes = thread::available_parallelism().map_or(1, |cores| cores.get());
    let spawn = |_| {
        Command::new(env::current_exe().expect("the executable has a path"))
            .args([ALONE, name])
            .envs(WORKER)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the benchmark can be started again")
    };
    let children: Vec<_> = (0..n_processes).map(spawn).collect();
    let speeds = children.into_iter().map(|child| {
        let output = child.wait_with_output().expect("the output is readable");
        let line: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("the output is JSON");
        line["rows_per_second"]
            .as_f64()
            .expect("the speed is a number")
    });
    speeds.sum()
}

/// The networks as `tonearm train` trains them: on eight genres of audio, except for the MLPs,
/// which read the Echo Nest table, ours with eleven genres and the original study's with two.
fn networks() -> [(&'static str, ModelConfig, Recipe); 6] {
    let table = |n_labels| MlpConfig::new(ECHO_NEST.len(), n_labels);
    let mlp = table(11)
        .with_hidden(vec![128, 128])
        .with_members(8)
        .with_dropout(0.3);
    let original_mlp = table(2).with_hidden(vec![90]).with_single(true);
    [
        (
            "cnn",
            ModelConfig::Cnn(CnnConfig::new(GENRES)),
            Recipe::cnn(),
        ),
        (
            "rnn",
            ModelConfig::Rnn(RnnConfig::new(GENRES)),
            Recipe::rnn(),
        ),
        ("mlp", ModelConfig::Mlp(mlp), Recipe::mlp()),
        (
            "original-cnn",
            ModelConfig::OriginalCnn(OriginalCnnConfig::new(GENRES)),
            Recipe::original_cnn(),
        ),
        (
            "original-rnn",
            ModelConfig::OriginalRnn(OriginalRnnConfig::new(GENRES)),
            Recipe::original_rnn(),
        ),
        (
            "original-mlp",
            ModelConfig::Mlp(original_mlp),
            Recipe::original_mlp(),
        ),
    ]
}

/// Measures the training speed of one network; `train.py` reads the returned JSON.
fn measure(name: &str, model: &ModelConfig, recipe: Recipe) -> serde_json::Value {
    let batch = recipe.batch;
    let rows = random_rows(model, 8 * batch);
    let data = TrainingData {
        rows: &rows,
        teacher: None,
    };
    let layout = rows.layout();
    let cropped = layout.with_frames(recipe.crop.unwrap_or(layout.n_frames));
    let mut trainer = Trainer::new(
        model,
        recipe,
        data,
        (0..rows.len()).collect(),
        &Device::flex(),
    )
    .expect("the rows match the network");

    for _ in 0..WARM_UP {
        trainer.step(data);
    }
    let started = Instant::now();
    let mut steps = 0;
    while started.elapsed() < DURATION {
        trainer.step(data);
        steps += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    serde_json::json!({
        "network": name,
        "parameters": trainer.n_parameters(),
        "batch": batch,
        "shape": cropped.shape(),
        "rows_per_second": (steps * batch) as f64 / seconds,
    })
}

/// Rows of noise with the shape and type of the features that the network reads.
fn random_rows(model: &ModelConfig, n: usize) -> Dataset {
    let shape = match model {
        ModelConfig::Cnn(_) | ModelConfig::OriginalCnn(_) => FeatureConfig::mel().shape(),
        ModelConfig::Rnn(_) | ModelConfig::OriginalRnn(_) => FeatureConfig::mfcc().shape(),
        _ => [1, ECHO_NEST.len()],
    };
    let mut rng = Pcg64::new(1, 1);
    let mut value = || rng.random::<f32>();
    let n_values = n * shape[0] * shape[1];
    let x = match model {
        ModelConfig::Cnn(_) | ModelConfig::OriginalCnn(_) => {
            Values::U8((0..n_values).map(|_| (value() * 255.0) as u8).collect())
        }
        ModelConfig::Rnn(_) | ModelConfig::OriginalRnn(_) => {
            Values::F16((0..n_values).map(|_| f16::from_f32(value())).collect())
        }
        _ => Values::F32((0..n_values).map(|_| value()).collect()),
    };
    let ids: Vec<i32> = (0..n as i32).collect();
    let labels = (0..n).map(|row| (row % model.n_labels()) as u8).collect();
    Dataset::new(x, shape, labels, ids.clone(), ids).expect("the arrays match")
}
