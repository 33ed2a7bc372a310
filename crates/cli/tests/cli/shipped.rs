//! The weights that are shipped: what their cards say, their records and real data bear out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tonearm::data::Dataset;
use tonearm::evaluation::metrics::{Metrics, argmax, group_interval};
use tonearm::models::softmax;
use tonearm::weights::Weights;

use crate::studio::{Studio, fixture, text};

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
    Weights::read(&fs::read(path).expect("it is shipped")).expect("it is sound")
}

fn dataset(path: &Path) -> Dataset {
    let file = File::open(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    Dataset::from_npz(file).expect("it is sound")
}

/// Whether figures are of all rows, and of a fusion's networks together.
fn of_all(part: &str) -> bool {
    part.starts_with("all rows") || part == "cnn + mlp + rnn"
}

#[test]
fn files_are_small_and_the_default_answer_is_cheap() {
    for name in NETWORKS {
        let path = root().join(format!("pkg/weights/{name}.bpk"));
        let bytes = fs::metadata(path).expect("it is shipped").len();
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
fn cards_hold_the_figures_of_their_records() {
    for name in NETWORKS {
        let metadata = weights(name).metadata;
        let answers = dataset(&root().join(format!("runs/{name}.npz")));
        let truth: Vec<usize> = answers.y.iter().map(|&label| usize::from(label)).collect();
        let probabilities: Vec<Vec<f32>> = (0..answers.len())
            .map(|row| {
                let mut logits = vec![0.0; answers.row_len()];
                answers.row_into(row, &mut logits);
                softmax(&logits, 1.0)
            })
            .collect();
        let got = Metrics::new(&probabilities, &truth, &metadata.labels);
        let figures = metadata
            .card
            .figures
            .iter()
            .find(|figures| of_all(&figures.part));
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
        let right: Vec<bool> = probabilities
            .iter()
            .zip(&truth)
            .map(|(row, &label)| argmax(row) == label)
            .collect();
        let interval = group_interval(&right, &answers.artist_id);
        assert_eq!(headline.interval, interval, "{name}");
    }
}

#[test]
fn every_command_that_made_them_is_in_the_list() {
    let runs = root().join("runs");
    let list = fs::read_to_string(runs.join("commands.txt")).expect("it is there");
    // Word by word, since quotes can be set in more than one way.
    let commands: Vec<_> = list.lines().map(shlex::split).collect();
    let is_listed = |command: &str| commands.contains(&shlex::split(command));
    for name in NETWORKS {
        let command = weights(name).metadata.card.command;
        assert!(is_listed(&command), "{name}: {command}");
    }
    let records = fs::read_dir(runs).expect("it is there");
    let paths = records.map(|entry| entry.expect("it can be listed").path());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let text = fs::read_to_string(&path).expect("it can be read");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let command = record["command"].as_str().expect("text");
        assert!(is_listed(command), "{}: {command}", path.display());
    }
}

#[test]
fn what_compare_prints_stands_in_the_results() {
    let text = |name: &str| fs::read_to_string(root().join(name)).expect("it is there");
    let (results, readme) = (text("docs/results.md"), text("README.md"));
    let folder = |name: &str| root().join(name).display().to_string();
    let (weights, records, data) = (
        folder("pkg/weights"),
        folder("runs"),
        folder("../shared/data"),
    );
    let mut line = vec!["compare", "--weights", &weights, "--records", &records];
    // The last table needs the data.
    match Path::new(&data).exists() {
        true => line.extend(["--data", &data]),
        false => println!("shortened: there is no {data}"),
    }
    let printed = Studio::new().run(&line).succeeds().stdout();
    for line in printed.lines() {
        assert!(results.contains(line), "docs/results.md lacks: {line}");
    }
    // The first table.
    for line in printed.lines().take_while(|line| !line.is_empty()) {
        assert!(readme.contains(line), "README.md lacks: {line}");
    }
}

#[test]
fn weights_are_compared_on_the_files_that_their_records_name_and_no_others() {
    let studio = Studio::new();
    studio.write("data/mel-train.npz", "of the same name");
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
    studio
        .run(&[&line[..], &["data"]].concat())
        .fails_with(1)
        .says("mel-train.npz is not the file that the records were made from");
    studio.write("none/other.txt", "");
    studio
        .run(&[&line[..], &["none"]].concat())
        .fails_with(1)
        .says("there is no mel-train.npz in the folder of the data");
}

#[test]
fn on_rows_that_they_were_fitted_on_they_are_no_worse_than_their_cards_say() {
    let shared = root().join("../shared/data");
    if !shared.exists() {
        println!("skipped: there is no {}", shared.display());
        return;
    }
    let studio = Studio::new();
    // Every 24th row of both files: they begin in one order and miss few tracks.
    for features in ["mel", "mfcc"] {
        let data = dataset(&shared.join(format!("fma-small/{features}-train.npz")));
        let rows: Vec<usize> = (0..data.len())
            .filter(|&row| data.track_id[row] % 24 == 2)
            .collect();
        let slice = data.select(&rows).to_npz().expect("it can be packed");
        studio.write(&format!("{features}.npz"), slice);
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
        let evaluation: Value = studio.run(&arguments).succeeds().json();
        let card = weights(name).metadata.card;
        let top1 = evaluation["top1"].as_f64().expect("a number");
        let figures = card.figures.iter().find(|figures| of_all(&figures.part));
        let promised = figures.expect("figures of all rows").top1;
        assert!(
            top1 > promised - 0.02,
            "{name}: {top1} here, {promised} on the card"
        );
    }
}

/// Noise of one kind: white, or falling towards the high notes the more, the nearer `memory` is to 1.
fn noise(memory: f32) -> impl FnMut(f32) -> f32 {
    let (mut state, mut value) = (1_u32, 0.0);
    move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let white = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
        value = memory * value + (1.0 - memory) * white;
        (value * 0.5 / (1.0 - memory).sqrt()).clamp(-1.0, 1.0)
    }
}

#[test]
fn what_is_no_music_is_answered_with_doubt() {
    let studio = Studio::new();
    let wave = |hz: f32| move |t: f32| (std::f32::consts::TAU * hz * t).sin();
    let mut clicks = noise(0.0);
    let files = [
        studio.sound("white.wav", 44_100, 31.0, noise(0.0)),
        // Steeper still, such as wind, is taken for the noise music among what it learned from.
        studio.sound("falling.wav", 44_100, 31.0, noise(0.9)),
        studio.sound("tone.wav", 44_100, 31.0, |t| 0.5 * wave(1_000.0)(t)),
        studio.sound("hum.wav", 44_100, 31.0, |t| {
            let overtones = (1..8).map(|k| wave(50.0 * k as f32)(t) / k as f32);
            0.3 * overtones.sum::<f32>()
        }),
        studio.sound("clicks.wav", 44_100, 31.0, |_| {
            let value = clicks(0.0);
            if value.abs() > 0.499 { value } else { 0.0 }
        }),
    ];
    let mut line = vec!["classify", "--json"];
    line.extend(files.iter().map(|path| text(path)));
    for answer in studio.run(&line).succeeds().json_lines() {
        assert_eq!(answer["place"]["strange"], true, "{}", answer["file"]);
        assert_eq!(answer["confident"], false);
    }
}

#[test]
fn speech_is_answered_with_doubt() {
    // Somebody reads Sense and Sensibility for LibriVox: public domain, and not learned from.
    let path = fixture("speech.flac");
    for name in ["fusion", "cnn", "rnn"] {
        let weights = root().join(format!("pkg/weights/{name}.bpk"));
        let arguments = ["classify", "--weights", text(&weights), text(&path)];
        let answer = Studio::new()
            .run(&[&arguments[..], &["--json"]].concat())
            .succeeds()
            .json();
        assert_eq!(answer["place"]["speech"], true, "{name}");
        assert_eq!(answer["confident"], false);
        let words = Studio::new().run(&arguments).succeeds().stdout();
        assert!(words.contains("not sure: it sounds like speech"), "{words}");
    }
}

#[test]
fn real_music_is_mostly_familiar() {
    let shared = root().join("../shared/data/audio");
    if !shared.exists() {
        println!("skipped: there is no {}", shared.display());
        return;
    }
    let studio = Studio::new();
    let genres = fs::read_dir(shared).expect("it can be listed");
    let files: Vec<PathBuf> = genres
        .flat_map(|genre| fs::read_dir(genre.expect("a folder").path()).expect("listed"))
        .map(|file| file.expect("a file").path())
        .collect();
    let mut line = vec!["classify", "--json"];
    line.extend(files.iter().map(|path| text(path)));
    let answers = studio.run(&line).succeeds().json_lines();
    let strange = answers
        .iter()
        .filter(|answer| answer["place"]["strange"] == true);
    assert!(strange.count() <= 1, "of {}", answers.len());
}
