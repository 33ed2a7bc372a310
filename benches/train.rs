//! Rows that each network trains on in a second: batch, gradients and optimiser.
//!
//! Prints a line of JSON a network: of one trainer, and of as many at once as there are cores, each in a
//! process of its own, as `tonearm train --folds` has them. `-- cnn rnn` behind the command times those two
//! alone, and `-- --list` only names them all. The rows are made up, of the shape of real ones. There is no
//! teacher: what it adds is one layer, small beside the network. `cargo xtask bench train` sets
//! TensorFlow beside it.

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

/// Genres that audio is told apart into.
const GENRES: usize = 8;

/// Steps before the clock starts: memory is touched, threads are there.
const WARM_UP: usize = 3;

/// Time that each network trains for.
const TIME: Duration = Duration::from_secs(5);

fn main() {
    let (options, named): (Vec<_>, Vec<_>) = env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let given = |name: &str| options.iter().any(|option| option == name);
    for (name, model, recipe) in networks() {
        if given("--list") {
            println!("{name}");
        } else if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            let mut line = measure(name, &model, recipe);
            if !given(ALONE) {
                line["rows_per_second_at_once"] = at_once(name).into();
            }
            println!("{line}");
        }
    }
}

/// What one of several processes is told.
const ALONE: &str = "--alone";

/// What `tonearm train --folds` gives its processes.
const WORKER: [(&str, &str); 4] = [
    ("RAYON_NUM_THREADS", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Rows a second of as many trainers as there are cores, a process and a core each.
fn at_once(name: &str) -> f64 {
    let processes = thread::available_parallelism().map_or(1, |cores| cores.get());
    let start = |_| {
        Command::new(env::current_exe().expect("it runs"))
            .args([ALONE, name])
            .envs(WORKER)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started again")
    };
    let started: Vec<_> = (0..processes).map(start).collect();
    let rows = started.into_iter().map(|process| {
        let printed = process.wait_with_output().expect("it ends").stdout;
        let line: serde_json::Value = serde_json::from_slice(&printed).expect("a line of JSON");
        line["rows_per_second"].as_f64().expect("a number")
    });
    rows.sum()
}

/// The networks as `tonearm train` trains them: on eight genres of audio, our MLP on the eleven of
/// Echo Nest's table, the study's on two.
fn networks() -> [(&'static str, ModelConfig, Recipe); 6] {
    let table = |n_labels| MlpConfig::new(ECHO_NEST.len(), n_labels);
    let ours = table(11)
        .with_hidden(vec![128, 128])
        .with_members(8)
        .with_dropout(0.3);
    let study = table(2).with_hidden(vec![90]).with_single(true);
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
        ("mlp", ModelConfig::Mlp(ours), Recipe::mlp()),
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
            ModelConfig::Mlp(study),
            Recipe::original_mlp(),
        ),
    ]
}

/// Trains one network for a while and says how fast, in the form that `train.py` reads.
fn measure(name: &str, model: &ModelConfig, recipe: Recipe) -> serde_json::Value {
    let batch = recipe.batch;
    let rows = made_up_rows(model, 8 * batch);
    let data = TrainingData {
        rows: &rows,
        teacher: None,
    };
    let layout = rows.layout();
    let cut = layout.with_frames(recipe.crop.unwrap_or(layout.n_frames));
    let mut trainer = Trainer::new(
        model,
        recipe,
        data,
        (0..rows.len()).collect(),
        &Device::flex(),
    )
    .expect("the rows are made for the network");

    for _ in 0..WARM_UP {
        trainer.step(data);
    }
    let started = Instant::now();
    let mut steps = 0;
    while started.elapsed() < TIME {
        trainer.step(data);
        steps += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    serde_json::json!({
        "network": name,
        "parameters": trainer.n_parameters(),
        "batch": batch,
        "shape": cut.shape(),
        "rows_per_second": (steps * batch) as f64 / seconds,
    })
}

/// Rows of noise, of the shape and the type that the network is given.
fn made_up_rows(model: &ModelConfig, n: usize) -> Dataset {
    let shape = match model {
        ModelConfig::Cnn(_) | ModelConfig::OriginalCnn(_) => FeatureConfig::mel().shape(),
        ModelConfig::Rnn(_) | ModelConfig::OriginalRnn(_) => FeatureConfig::mfcc().shape(),
        _ => [1, ECHO_NEST.len()],
    };
    let mut noise = Pcg64::new(1, 1);
    let mut values = || noise.random::<f32>();
    let all = n * shape[0] * shape[1];
    let x = match model {
        ModelConfig::Cnn(_) | ModelConfig::OriginalCnn(_) => {
            Values::U8((0..all).map(|_| (values() * 255.0) as u8).collect())
        }
        ModelConfig::Rnn(_) | ModelConfig::OriginalRnn(_) => {
            Values::F16((0..all).map(|_| f16::from_f32(values())).collect())
        }
        _ => Values::F32((0..all).map(|_| values()).collect()),
    };
    let ids: Vec<i32> = (0..n as i32).collect();
    let labels = (0..n).map(|row| (row % model.n_labels()) as u8).collect();
    Dataset::new(x, shape, labels, ids.clone(), ids).expect("as many of each")
}
