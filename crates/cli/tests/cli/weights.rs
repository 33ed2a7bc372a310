//! `tonearm train`, `evaluate` and `inspect`, on weights that the test trains.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::json;

use crate::studio::{Studio, text};

/// A data set of two easy genres and weights fitted on it for one epoch; made once.
pub fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        let studio = Studio::new();
        for index in 0..12 {
            let hz = 10.0 * index as f32;
            studio.tone(&format!("music/High/{index}.wav"), 2_000.0 + hz, 1.2);
            studio.tone(&format!("music/Low/{}.wav", 100 + index), 150.0 + hz, 1.2);
        }
        studio
            .tonearm("extract music --features mel --out mel.npz")
            .succeeds();
        let labels = ["--labels", "mel.genres.json"];
        let arguments = [
            "train", "cnn", "--data", "mel.npz", "--out", "w.bpk", "--epochs", "1", "--batch", "8",
        ];
        studio.run(&[&arguments[..], &labels].concat()).succeeds();
        studio
    })
}

#[test]
fn an_evaluation_is_one_object_with_all_figures() {
    let run = studio()
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
        "some rows were fitted on, not all: {seen}"
    );
}

#[test]
fn the_parts_of_a_split_do_not_overlap_and_make_the_whole() {
    let mut n = 0;
    for (part, all_seen) in [("train", true), ("val", false), ("test", false)] {
        let run = studio().run(&[
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
fn figures_are_readable_without_json() {
    let run = studio()
        .tonearm("evaluate --weights w.bpk --data mel.npz")
        .succeeds();
    assert!(run.stdout().starts_with("24 rows, "), "{}", run.stdout());
    assert!(run.stdout().contains("top-1") && run.stdout().contains("precision"));
}

#[test]
fn data_that_does_not_fit_the_weights_is_refused() {
    let studio = studio();
    let evaluate = |data: &str| {
        studio
            .run(&["evaluate", "--weights", "w.bpk", "--data", data])
            .fails_with(1)
    };
    studio
        .tonearm("extract music --features mfcc --out mfcc.npz")
        .succeeds();
    evaluate("mfcc.npz")
        .says("the weights read rows of 128 x 128")
        .says("130 x 20");

    let npz = fs::read(studio.path("mel.npz")).expect("written");
    studio.write("other.npz", &npz);
    studio.write("other.genres.json", r#"["Low", "High"]"#);
    evaluate("other.npz").says("names other labels than the weights (High, Low)");

    studio.write("cut.npz", &npz[..npz.len() / 2]);
    evaluate("cut.npz").says("cut.npz");
    studio.write("noise.npz", "Dear diary, today I bought a record player.");
    evaluate("noise.npz").says("noise.npz");
    studio.write("empty.npz", []);
    evaluate("empty.npz").says("empty.npz");
    evaluate("nowhere.npz").says("nowhere.npz cannot be read");
}

#[test]
fn weights_that_are_no_weights_are_refused_everywhere() {
    let studio = studio();
    let bytes = fs::read(studio.path("w.bpk")).expect("written");
    for (name, bytes) in [
        ("cut.bpk", &bytes[..bytes.len() / 2]),
        ("empty.bpk", &[][..]),
        (
            "text.bpk",
            &b"Dear diary, today I bought a record player."[..],
        ),
    ] {
        studio.write(name, bytes);
        let song = studio.path("music/Low/100.wav");
        for arguments in [
            vec!["inspect", name],
            vec!["evaluate", "--weights", name, "--data", "mel.npz"],
            vec!["classify", "--weights", name, text(&song)],
        ] {
            studio
                .run(&arguments)
                .fails_with(1)
                .says(name)
                .says("the weights file cannot be used");
        }
    }
    studio
        .tonearm("inspect nowhere.bpk")
        .fails_with(1)
        .says("nowhere.bpk cannot be read");
}

#[test]
fn the_card_is_shown_and_printed() {
    let run = studio().tonearm("inspect w.bpk --json").succeeds();
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

    let page = studio().tonearm("inspect w.bpk").succeeds().stdout();
    assert!(page.contains("labels      High, Low"), "{page}");
    assert!(page.contains("figures     "), "{page}");
}

#[test]
fn a_device_that_was_not_built_in_is_named_with_what_to_do() {
    if cfg!(feature = "cuda") {
        println!("built with CUDA: nothing to refuse");
        return;
    }
    let song = studio().path("music/Low/100.wav");
    let run = studio().run(&["classify", "--device", "cuda", text(Path::new(&song))]);
    run.fails_with(1).says("built without CUDA");
}
