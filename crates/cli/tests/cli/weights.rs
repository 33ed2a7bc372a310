//! Tests of `tonearm evaluate` and `inspect`, on weights that the tests train.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tonearm::data::Dataset;

use crate::workspace::{Workspace, sha256, text};

/// A workspace with a data set of two genres and weights trained on it for one epoch; created once.
pub fn workspace() -> &'static Workspace {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let workspace = Workspace::new();
        for index in 0..12 {
            let hz = 10.0 * index as f32;
            workspace.tone(&format!("music/High/{index}.wav"), 2_000.0 + hz, 1.2);
            workspace.tone(&format!("music/Low/{}.wav", 100 + index), 150.0 + hz, 1.2);
        }
        workspace
            .tonearm("extract music --features mel --out mel.npz")
            .succeeds();
        let labels = ["--labels", "mel.genres.json"];
        let arguments = [
            "train", "cnn", "--data", "mel.npz", "--out", "w.bpk", "--epochs", "1", "--batch", "8",
        ];
        workspace
            .run(&[&arguments[..], &labels].concat())
            .succeeds();
        workspace
    })
}

#[test]
fn evaluate_prints_all_figures_as_one_json_object() {
    let run = workspace()
        .run(&[
            "evaluate",
            "--weights",
            "w.bpk",
            "--data",
            "mel.npz",
            "--json",
        ])
        .succeeds();
    let object = run.json();
    assert_eq!(
        (&object["n"], &object["split"]),
        (&json!(24), &json!("all"))
    );
    assert_eq!(object["labels"], json!(["High", "Low"]));
    for figure in ["top1", "top3", "macro_f1", "ece"] {
        let value = object[figure]
            .as_f64()
            .unwrap_or_else(|| panic!("{figure} is a number: {object}"));
        assert!((0.0..=1.0).contains(&value), "{figure}: {value}");
    }
    let confusion: Vec<Vec<u64>> =
        serde_json::from_value(object["confusion"].clone()).expect("a matrix");
    assert_eq!(confusion.iter().flatten().sum::<u64>(), 24);
    assert_eq!(object["per_class"].as_array().map(Vec::len), Some(2));
    let seen = object["seen_artist_rows"].as_u64().expect("a number");
    assert!(
        (1..24).contains(&seen),
        "some rows are in the training set, but not all: {seen}"
    );
}

#[test]
fn evaluate_names_the_weights_and_the_files_with_wrong_predictions() {
    let workspace = workspace();
    let data = workspace.dataset("mel.npz");
    let flipped = Dataset {
        y: data.y.iter().map(|label| 1 - label).collect(),
        ..data.clone()
    };
    workspace.write("flipped.npz", flipped.to_npz().expect("the rows are valid"));
    let evaluate = |data: &str| {
        let line = format!("evaluate --weights w.bpk --data {data} --json");
        workspace.tonearm(&line).succeeds().json()
    };
    let [original, flipped] = ["mel.npz", "flipped.npz"].map(evaluate);
    let mistakes = |object: &Value| object["mistakes"].as_array().expect("a list").clone();
    let all = [mistakes(&original), mistakes(&flipped)].concat();
    let mut paths: Vec<_> = all
        .iter()
        .filter_map(|mistake| mistake["path"].as_str())
        .collect();
    paths.sort_unstable();
    let mut expected = data.paths.expect("the paths are known");
    expected.sort_unstable();
    assert_eq!(paths, expected, "each file is wrong with one of the labels");
    let probabilities = |mistake: &Value| mistake["probability"].as_f64().expect("a number");
    assert!(mistakes(&flipped).is_sorted_by(|a, b| probabilities(a) >= probabilities(b)));

    let bytes = fs::read(workspace.path("w.bpk")).expect("the file exists");
    let inspection = workspace.tonearm("inspect w.bpk --json").succeeds().json();
    for object in [&original, &inspection] {
        assert_eq!(object["weights_sha256"], sha256(&bytes));
    }
    assert_eq!(original["network"], inspection["card"]["name"]);
    assert_eq!(original["version"], env!("CARGO_PKG_VERSION"));

    // Without paths, the tracks are named.
    let unnamed = Dataset {
        paths: None,
        y: data.y.iter().map(|label| 1 - label).collect(),
        ..workspace.dataset("mel.npz")
    };
    workspace.write("unnamed.npz", unnamed.to_npz().expect("the rows are valid"));
    let text = |data: &str| {
        let line = format!("evaluate --weights w.bpk --data {data}");
        workspace.tonearm(&line).succeeds().stdout()
    };
    let (named, unnamed) = (text("flipped.npz"), text("unnamed.npz"));
    assert!(named.contains(".wav: "), "{named}");
    assert!(unnamed.contains("track "), "{unnamed}");
}

#[test]
fn the_sets_of_a_split_are_disjoint_and_cover_all_rows() {
    let mut n = 0;
    for (part, all_seen) in [("train", true), ("val", false), ("test", false)] {
        let run = workspace().run(&[
            "evaluate",
            "--weights",
            "w.bpk",
            "--data",
            "mel.npz",
            "--split",
            part,
            "--json",
        ]);
        let object = run.succeeds().json();
        let rows = object["n"].as_u64().expect("a number");
        let seen = if all_seen { rows } else { 0 };
        assert_eq!(object["seen_artist_rows"], seen, "{part}");
        n += rows;
    }
    assert_eq!(n, 24);
}

#[test]
fn evaluate_prints_text_without_json() {
    let run = workspace()
        .tonearm("evaluate --weights w.bpk --data mel.npz")
        .succeeds();
    assert!(run.stdout().starts_with("24 rows, "), "{}", run.stdout());
    assert!(run.stdout().contains("top-1") && run.stdout().contains("precision"));
    // The artists of files in folders are unknown.
    assert!(!run.stdout().contains("artist"), "{}", run.stdout());
}

#[test]
fn data_that_does_not_match_the_weights_is_refused() {
    let workspace = workspace();
    let evaluate = |data: &str| {
        workspace
            .run(&["evaluate", "--weights", "w.bpk", "--data", data])
            .fails_with(1)
    };
    workspace
        .tonearm("extract music --features mfcc --out mfcc.npz")
        .succeeds();
    evaluate("mfcc.npz")
        .prints("the weights expect rows of 128 x 128")
        .prints("130 x 20");

    let npz = fs::read(workspace.path("mel.npz")).expect("the file exists");
    workspace.write("other.npz", &npz);
    workspace.write("other.genres.json", r#"["Low", "High"]"#);
    evaluate("other.npz")
        .prints("the labels in other.genres.json differ from those of the weights (High, Low)");

    workspace.write("truncated.npz", &npz[..npz.len() / 2]);
    evaluate("truncated.npz").prints("truncated.npz");
    workspace.write("noise.npz", "Dear diary, today I bought a record player.");
    evaluate("noise.npz").prints("noise.npz");
    workspace.write("empty.npz", []);
    evaluate("empty.npz").prints("empty.npz");
    evaluate("nowhere.npz").prints("cannot read nowhere.npz");
}

#[test]
fn every_command_refuses_invalid_weights() {
    let workspace = workspace();
    let bytes = fs::read(workspace.path("w.bpk")).expect("the file exists");
    for (name, bytes) in [
        ("truncated.bpk", &bytes[..bytes.len() / 2]),
        ("empty.bpk", &[][..]),
        (
            "text.bpk",
            &b"Dear diary, today I bought a record player."[..],
        ),
    ] {
        workspace.write(name, bytes);
        let song = workspace.path("music/Low/100.wav");
        for arguments in [
            vec!["inspect", name],
            vec!["evaluate", "--weights", name, "--data", "mel.npz"],
            vec!["classify", "--weights", name, text(&song)],
        ] {
            workspace
                .run(&arguments)
                .fails_with(1)
                .prints(name)
                .prints("unusable weights file: ");
        }
    }
    workspace
        .tonearm("inspect nowhere.bpk")
        .fails_with(1)
        .prints("cannot read nowhere.bpk");
}

#[test]
fn inspect_prints_the_card_as_text_and_json() {
    let run = workspace().tonearm("inspect w.bpk --json").succeeds();
    let card = run.json();
    assert_eq!(card["labels"], json!(["High", "Low"]));
    assert_eq!(card["network"]["input"]["audio"]["kind"], "mel");
    assert_eq!(card["card"]["data"]["rows"], 24);
    let artists = &card["artists"];
    let total: u64 = ["train", "validation", "test"]
        .iter()
        .filter_map(|part| artists[part].as_u64())
        .sum();
    assert_eq!(total, 24);

    let page = workspace().tonearm("inspect w.bpk").succeeds().stdout();
    assert!(page.contains("labels      High, Low"), "{page}");
    assert!(page.contains("figures     "), "{page}");
}

#[test]
fn an_unsupported_device_is_refused_with_advice() {
    if cfg!(feature = "cuda") {
        println!("skipped: built with CUDA");
        return;
    }
    let song = workspace().path("music/Low/100.wav");
    let run = workspace().run(&["classify", "--device", "cuda", text(Path::new(&song))]);
    run.fails_with(1).prints("built without CUDA");
}
