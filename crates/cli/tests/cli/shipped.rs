//! Tests of the shipped weights: their cards must agree with the records and with real data.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tonearm::data::Dataset;
use tonearm::evaluation::intervals::group_interval;
use tonearm::evaluation::metrics::{Metrics, argmax};
use tonearm::models::softmax;
use tonearm::weights::Weights;

use crate::noise::Noise;
use crate::workspace::{Workspace, fixture, text};

const NETWORKS: [&str; 6] = [
    "cnn",
    "rnn",
    "fusion",
    "mlp-rock-electronic",
    "mlp-four",
    "mlp-eleven",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn weights(name: &str) -> Weights {
    let path = root().join(format!("pkg/weights/{name}.bpk"));
    Weights::read(&fs::read(path).expect("the file exists")).expect("the file is valid")
}

fn dataset(path: &Path) -> Dataset {
    let file = File::open(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    Dataset::from_npz(file).expect("the file is valid")
}

/// Whether a part is all rows or, for the fusion, all of its networks.
fn is_complete(part: &str) -> bool {
    part.starts_with("all rows") || part == "cnn + mlp + rnn"
}

#[test]
fn files_are_small_and_the_default_weights_are_cheap() {
    for name in NETWORKS {
        let path = root().join(format!("pkg/weights/{name}.bpk"));
        let bytes = fs::metadata(path).expect("the file exists").len();
        assert!(bytes <= 2 << 20, "{name} has {bytes} bytes");
    }
    let metadata = weights("fusion").metadata;
    let parts = metadata.parts.values().chain([&metadata.network]);
    let cost: usize = parts
        .map(|part| part.model.multiply_adds(&part.input))
        .sum();
    assert_eq!(cost, metadata.card.multiply_adds);
    assert!(cost <= 60_000_000, "{cost} multiply-adds a window");
}

#[test]
fn cards_have_the_figures_of_their_records() {
    for name in NETWORKS {
        let metadata = weights(name).metadata;
        let logits_data = dataset(&root().join(format!("runs/{name}.npz")));
        let truth: Vec<usize> = logits_data
            .y
            .iter()
            .map(|&label| usize::from(label))
            .collect();
        let rows: Vec<usize> = (0..logits_data.len()).collect();
        let logits = logits_data.matrix(&rows);
        let probabilities = logits.rows().map(|row| softmax(row, 1.0)).collect();
        let got = Metrics::new(&probabilities, &truth, &metadata.labels);
        let figures = metadata
            .card
            .figures
            .iter()
            .find(|figures| is_complete(&figures.part));
        let card = figures.unwrap_or_else(|| panic!("{name} has no figures of all rows"));
        assert_eq!(card.n, got.n, "{name}");
        for (figure, card, got) in [
            ("top-1", card.top1, got.top1),
            ("top-3", card.top3, got.top3),
            ("balanced", card.balanced, got.balanced),
            ("macro F1", card.macro_f1, got.macro_f1),
            ("ECE at temperature 1", card.raw_ece, got.ece),
        ] {
            assert!(
                (card - got).abs() < 2e-3,
                "{figure} of {name}: {card} on the card, {got}"
            );
        }
        let headline = metadata.card.headline.expect("it has a headline");
        assert_eq!(headline.confusion, got.confusion, "{name}");
        let correct: Vec<bool> = probabilities
            .rows()
            .zip(&truth)
            .map(|(row, &label)| argmax(row) == label)
            .collect();
        let interval = group_interval(&correct, &logits_data.artist_id);
        assert_eq!(headline.interval, interval, "{name}");
    }
}

#[test]
fn the_command_of_every_card_and_record_is_in_commands_txt() {
    let runs = root().join("runs");
    let list = fs::read_to_string(runs.join("commands.txt")).expect("the file exists");
    // Compared word by word, because quoting may differ.
    let commands: Vec<_> = list.lines().map(shlex::split).collect();
    let is_listed = |command: &str| commands.contains(&shlex::split(command));
    for name in NETWORKS {
        let command = weights(name).metadata.card.command;
        assert!(is_listed(&command), "{name}: {command}");
    }
    let records = fs::read_dir(runs).expect("the file exists");
    let paths = records.map(|entry| entry.expect("the folder is readable").path());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let text = fs::read_to_string(&path).expect("the file is readable");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let command = record["command"].as_str().expect("text");
        assert!(is_listed(command), "{}: {command}", path.display());
    }
}

#[test]
fn the_documents_contain_every_line_that_compare_prints() {
    let text = |name: &str| fs::read_to_string(root().join(name)).expect("the file exists");
    let (results, readme) = (text("docs/results.md"), text("README.md"));
    let folder = |name: &str| root().join(name).display().to_string();
    let (weights, records, data) = (
        folder("pkg/weights"),
        folder("runs"),
        folder("../shared/data"),
    );
    let mut line = vec!["compare", "--weights", &weights, "--records", &records];
    // The last table needs the shared data.
    match Path::new(&data).exists() {
        true => line.extend(["--data", &data]),
        false => println!("shortened: there is no {data}"),
    }
    let printed = Workspace::new().run(&line).succeeds().stdout();
    for line in printed.lines() {
        assert!(results.contains(line), "docs/results.md lacks: {line}");
    }
    // The first table is in README.md too.
    for line in printed.lines().take_while(|line| !line.is_empty()) {
        assert!(readme.contains(line), "README.md lacks: {line}");
    }
}

#[test]
fn compare_checks_the_checksums_of_the_data_files() {
    let workspace = Workspace::new();
    workspace.write("data/mel-train.npz", "a different file with the same name");
    let folder = |name: &str| root().join(name).display().to_string();
    let (weights, records) = (folder("pkg/weights"), folder("runs"));
    let line = [
        "compare",
        "--weights",
        &weights,
        "--records",
        &records,
        "--data",
    ];
    workspace
        .run(&[&line[..], &["data"]].concat())
        .fails_with(1)
        .prints("mel-train.npz differs from the file that the records were created from");
    workspace.write("none/other.txt", "");
    workspace
        .run(&[&line[..], &["none"]].concat())
        .fails_with(1)
        .prints("the --data folder has no file named mel-train.npz");
}

#[test]
fn accuracy_on_training_rows_is_at_least_the_accuracy_on_the_card() {
    let shared = root().join("../shared/data");
    if !shared.exists() {
        println!("skipped: there is no {}", shared.display());
        return;
    }
    let workspace = Workspace::new();
    // About every 24th track, the same in both files.
    for features in ["mel", "mfcc"] {
        let data = dataset(&shared.join(format!("fma-small/{features}-train.npz")));
        let rows: Vec<usize> = (0..data.len())
            .filter(|&row| data.track_id[row] % 24 == 2)
            .collect();
        let slice = data.select(&rows).to_npz().expect("the rows are valid");
        workspace.write(&format!("{features}.npz"), slice);
    }
    let table = |name: &str| shared.join("echonest").join(name).display().to_string();
    for (name, data) in [
        ("cnn", vec!["mel.npz".to_owned()]),
        ("rnn", vec!["mfcc.npz".to_owned()]),
        ("fusion", vec!["mel.npz".to_owned(), "mfcc.npz".to_owned()]),
        (
            "mlp-rock-electronic",
            vec![table("ER_EchoNest_AudioFeatures.csv")],
        ),
        ("mlp-four", vec![table("echonest-train.csv")]),
        ("mlp-eleven", vec![table("echonest-train.csv")]),
    ] {
        let path = root().join(format!("pkg/weights/{name}.bpk"));
        let mut arguments = vec![
            "evaluate",
            "--json",
            "--weights",
            path.to_str().expect("text"),
        ];
        for file in &data {
            arguments.extend(["--data", file]);
        }
        let evaluation: Value = workspace.run(&arguments).succeeds().json();
        let card = weights(name).metadata.card;
        let top1 = evaluation["top1"].as_f64().expect("a number");
        let figures = card
            .figures
            .iter()
            .find(|figures| is_complete(&figures.part));
        let expected = figures.expect("figures of all rows").top1;
        assert!(
            top1 > expected - 0.02,
            "{name}: {top1} here, {expected} on the card"
        );
    }
}

/// White noise, or with `memory` towards 1, noise with less and less energy at high frequencies.
fn noise(memory: f32) -> impl FnMut(f32) -> f32 {
    let (mut white, mut value) = (Noise(1), 0.0);
    move |_| {
        value = memory * value + (1.0 - memory) * white.sample();
        (value * 0.5 / (1.0 - memory).sqrt()).clamp(-1.0, 1.0)
    }
}

#[test]
fn sounds_other_than_music_are_out_of_distribution() {
    let workspace = Workspace::new();
    let wave = |hz: f32| move |t: f32| (std::f32::consts::TAU * hz * t).sin();
    let mut clicks = noise(0.0);
    let files = [
        workspace.sound("white.wav", 44_100, 31.0, noise(0.0)),
        // Noise with even less treble, such as wind, resembles the noise music in the training set.
        workspace.sound("falling.wav", 44_100, 31.0, noise(0.9)),
        workspace.sound("tone.wav", 44_100, 31.0, |t| 0.5 * wave(1_000.0)(t)),
        workspace.sound("hum.wav", 44_100, 31.0, |t| {
            let overtones = (1..8).map(|k| wave(50.0 * k as f32)(t) / k as f32);
            0.3 * overtones.sum::<f32>()
        }),
        workspace.sound("clicks.wav", 44_100, 31.0, |_| {
            let value = clicks(0.0);
            if value.abs() > 0.499 { value } else { 0.0 }
        }),
    ];
    let mut line = vec!["classify", "--json"];
    line.extend(files.iter().map(|path| text(path)));
    for answer in workspace.run(&line).succeeds().json_lines() {
        assert_eq!(
            answer["map_position"]["out_of_distribution"], true,
            "{}",
            answer["file"]
        );
        assert_eq!(answer["confident"], false);
    }
}

#[test]
fn estimates_are_within_the_range_of_their_features() {
    let path = fixture("tone.flac");
    let answer = Workspace::new().run(&["classify", "--json", text(&path)]);
    let answer = answer.succeeds().json();
    let estimates = answer["estimates"].as_object().expect("a map");
    assert!(!estimates.is_empty());
    for (name, value) in estimates {
        let value = value.as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&value), "{name}: {value}");
    }
}

#[test]
fn speech_is_recognised() {
    // A LibriVox recording of Sense and Sensibility: public domain, and not in the training set.
    let path = fixture("speech.flac");
    for name in ["fusion", "cnn", "rnn"] {
        let weights = root().join(format!("pkg/weights/{name}.bpk"));
        let arguments = ["classify", "--weights", text(&weights), text(&path)];
        let answer = Workspace::new()
            .run(&[&arguments[..], &["--json"]].concat())
            .succeeds()
            .json();
        assert_eq!(answer["map_position"]["speech"], true, "{name}");
        assert_eq!(answer["confident"], false);
        let words = Workspace::new().run(&arguments).succeeds().stdout();
        assert!(words.contains("not sure: it sounds like speech"), "{words}");
    }
}

#[test]
fn real_music_is_mostly_in_distribution() {
    let shared = root().join("../shared/data/audio");
    if !shared.exists() {
        println!("skipped: there is no {}", shared.display());
        return;
    }
    let workspace = Workspace::new();
    let genres = fs::read_dir(shared).expect("the folder is readable");
    let files: Vec<PathBuf> = genres
        .flat_map(|genre| {
            fs::read_dir(genre.expect("a folder").path()).expect("the folder is readable")
        })
        .map(|file| file.expect("a file").path())
        .collect();
    let mut line = vec!["classify", "--json"];
    line.extend(files.iter().map(|path| text(path)));
    let answers = workspace.run(&line).succeeds().json_lines();
    let out_of_distribution = answers
        .iter()
        .filter(|answer| answer["map_position"]["out_of_distribution"] == true);
    assert!(out_of_distribution.count() <= 1, "of {}", answers.len());
}
