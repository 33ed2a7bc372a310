//! Tests of `tonearm train` and `evaluate` with every kind of network.

use std::fmt::Write;
use std::fs;
use std::sync::OnceLock;

use serde_json::Value;
use tonearm::data::{Dataset, Values};
use tonearm::features::ECHO_NEST;

use crate::workspace::{Workspace, text};

/// Number of tracks per genre with audio. The table has as many further tracks without audio.
const N_TRACKS: i32 = 30;

/// A workspace with audio, features, embeddings and a table of two genres, and small networks trained on
/// them; created once.
pub fn workspace() -> &'static Workspace {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let workspace = Workspace::new();
        for track in 0..N_TRACKS {
            let hz = 10.0 * track as f32;
            workspace.tone(&format!("music/High/{track}.wav"), 2_000.0 + hz, 1.1);
            workspace.tone(&format!("music/Low/{}.wav", 1_000 + track), 150.0 + hz, 1.1);
        }
        workspace.write("table.csv", table(N_TRACKS));
        for features in ["mel", "mfcc"] {
            let line = format!("extract music --features {features} --out {features}.npz");
            workspace.tonearm(&line).succeeds();
        }
        let mel = workspace.dataset("mel.npz");
        workspace.write(
            "teacher.npz",
            embeddings(&mel).to_npz().expect("the rows are valid"),
        );
        let common = "--labels mel.genres.json --folds 2 --epochs 2 --batch 8 --records runs";
        for line in [
            format!("train cnn --data mel.npz --teacher teacher.npz --out cnn.bpk {common}"),
            format!("train rnn --data mfcc.npz --teacher teacher.npz --out rnn.bpk {common}"),
            "train mlp --data table.csv --out mlp.bpk --epochs 5 --folds 2 --repeats 2 \
             --grouped table.csv --records runs"
                .into(),
            "train attributes --data mel.npz --table table.csv --folds 2 --out attributes.bpk"
                .into(),
            "train fusion --cnn cnn.bpk --rnn rnn.bpk --mlp mlp.bpk --attributes attributes.bpk \
             --records runs --data mel.npz --table table.csv --folds 2 --out fusion.bpk"
                .into(),
        ] {
            workspace.tonearm(&line).succeeds();
        }
        workspace
    })
}

/// A table with Echo Nest features of every second track with audio and of tracks without audio. All features
/// are high for the genre High and low for Low.
fn table(n_tracks: i32) -> String {
    let mut csv = format!("track_id,genre,group,{}\n", ECHO_NEST.join(","));
    for row in 0..4 * n_tracks {
        let (high, number) = (row % 2 == 0, row / 2);
        // The first half of each genre's numbers are tracks with audio.
        let track = if high { number } else { 1_000 + number };
        if number < n_tracks && number % 2 == 1 {
            continue;
        }
        let (genre, value) = if high { ("High", 0.8) } else { ("Low", 0.2) };
        write!(csv, "{track},{genre},{number}").expect("writes to memory");
        for (index, name) in ECHO_NEST.iter().enumerate() {
            let noise = f64::from((row * 7 + index as i32 * 3) % 11) / 100.0;
            let unit = if *name == "tempo" { 100.0 } else { 1.0 };
            write!(csv, ",{:.4}", (value + noise) * unit).expect("writes to memory");
        }
        csv.push('\n');
    }
    csv
}

/// Embeddings for distillation: two numbers that determine the label.
fn embeddings(data: &Dataset) -> Dataset {
    let two = |&label: &u8| [f32::from(label), 1.0 - f32::from(label)];
    Dataset {
        x: Values::F32(data.y.iter().flat_map(two).collect()),
        shape: [1, 2],
        ..data.clone()
    }
}

fn card(weights: &str) -> Value {
    workspace()
        .tonearm(&format!("inspect {weights} --json"))
        .succeeds()
        .json()
}

#[test]
fn every_network_has_its_kind_on_the_card() {
    for (weights, kind) in [
        ("cnn.bpk", "cnn"),
        ("rnn.bpk", "rnn"),
        ("mlp.bpk", "mlp"),
        ("attributes.bpk", "attributes"),
        ("fusion.bpk", "mlp"),
    ] {
        assert_eq!(card(weights)["network"]["model"]["kind"], kind, "{weights}");
    }
    let parts = card("fusion.bpk")["parts"].clone();
    let names: Vec<_> = parts.as_object().expect("a map").keys().collect();
    assert_eq!(names, ["attributes", "cnn", "mlp", "rnn"]);
}

#[test]
fn the_test_set_of_a_table_without_groups_is_recovered() {
    let workspace = Workspace::new();
    let bare = table(N_TRACKS).replace("track_id,genre,group", "one,genre,two");
    workspace.write("bare.csv", bare);
    workspace
        .tonearm("train mlp --data bare.csv --epochs 2 --out w.bpk")
        .succeeds();
    let all = workspace.tonearm("evaluate --weights w.bpk --data bare.csv --json");
    let test = workspace.tonearm("evaluate --weights w.bpk --data bare.csv --split test --json");
    let (all, test) = (all.succeeds().json(), test.succeeds().json());
    let n = |evaluation: &Value| evaluation["n"].as_u64().expect("a count");
    assert!(n(&test) > 0 && n(&test) < n(&all) / 3);
    assert_eq!(test["seen_artist_rows"], 0);
}

#[test]
fn split_later_tests_on_the_latest_tracks_of_each_genre() {
    let workspace = Workspace::new();
    workspace.write("table.csv", table(N_TRACKS));
    workspace
        .tonearm("train mlp --data table.csv --split later --epochs 2 --out w.bpk --records .")
        .succeeds();
    let test = workspace
        .tonearm("evaluate --weights w.bpk --data table.csv --split test --json")
        .succeeds()
        .json();
    let text = fs::read_to_string(workspace.path("w.json")).expect("the file exists");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(test["n"], record["figures"][1]["n"]);
    assert_eq!(test["seen_artist_rows"], 0);

    workspace
        .tonearm("train mlp --data table.csv --split later --folds 2 --epochs 2 --out x.bpk")
        .fails_with(1)
        .prints("--split later cannot be combined with --folds");
    let bare = table(N_TRACKS).replace("track_id,genre,group", "one,genre,two");
    workspace.write("bare.csv", bare);
    workspace
        .tonearm("train mlp --data bare.csv --split later --epochs 2 --out x.bpk")
        .fails_with(1)
        .prints("--split later needs the columns");
}

#[test]
fn an_estimator_is_evaluated_against_a_table() {
    let run = workspace()
        .tonearm("evaluate --weights attributes.bpk --data mel.npz --data table.csv --json");
    let evaluation = run.succeeds().json();
    // Half of the tracks with audio are in the table, and all of them are in the training set.
    assert_eq!(evaluation["n"], N_TRACKS);
    assert_eq!(evaluation["seen_artist_rows"], N_TRACKS);
    let features = evaluation["features"].as_array().expect("a list");
    assert_eq!(features.len(), ECHO_NEST.len());
    let energy = features.iter().find(|feature| feature["name"] == "energy");
    let r2 = energy.and_then(|energy| energy["r2"].as_f64());
    assert!(r2.expect("the true values vary") > 0.3, "{r2:?}");
    for data in [
        "--data mel.npz",
        "--data table.csv",
        "--data mfcc.npz --data table.csv",
    ] {
        workspace()
            .tonearm(&format!("evaluate --weights attributes.bpk {data}"))
            .fails_with(1);
    }
}

#[test]
fn a_cross_validation_writes_its_record() {
    for name in ["cnn", "rnn", "mlp"] {
        let text = fs::read_to_string(workspace().path(&format!("runs/{name}.json")));
        let record: Value = serde_json::from_str(&text.expect("the file exists")).expect("JSON");
        let fits = record["fits"].as_array().expect("a list");
        let last = fits.last().expect("the record has fits");
        assert_eq!(last["name"], "all rows");
        assert!(last["epochs"][0]["train_loss"].is_f64(), "{last}");
        let files = record["files"].as_array().expect("a list");
        let names: Vec<_> = files.iter().map(|file| &file["name"]).collect();
        match name {
            "cnn" => assert_eq!(names, ["mel.npz", "mel.genres.json", "teacher.npz"]),
            "rnn" => assert_eq!(names, ["mfcc.npz", "mel.genres.json", "teacher.npz"]),
            _ => assert_eq!(names, ["table.csv", "table.csv"]),
        }
        for file in files {
            assert_eq!(file["sha256"].as_str().map(str::len), Some(64));
        }
        assert_eq!(record["seed"], 0);

        // The record has the logits of each row once, and the figures on the card are computed from them.
        let logits_data = workspace().dataset(&format!("runs/{name}.npz"));
        let mut tracks = logits_data.track_id.clone();
        tracks.sort_unstable();
        tracks.dedup();
        assert_eq!(tracks.len(), logits_data.len());
        let correct = (0..logits_data.len()).filter(|&row| {
            let mut logits = [0.0; 2];
            logits_data.row_into(row, &mut logits);
            (logits[1] > logits[0]) == (logits_data.y[row] == 1)
        });
        let accuracy = correct.count() as f64 / logits_data.len() as f64;
        let card = card(&format!("{name}.bpk"));
        let figures = card["card"]["figures"].as_array().expect("a list");
        let all = figures.iter().find(|figures| {
            figures["part"]
                .as_str()
                .is_some_and(|part| part.starts_with("all"))
        });
        let top1 = all.expect("the card has figures of all rows")["top1"]
            .as_f64()
            .expect("a number");
        assert!(
            (top1 - accuracy).abs() < 1e-9,
            "{top1} on the card, {accuracy} in the record"
        );
    }
}

#[test]
fn a_repeated_cross_validation_is_on_the_card() {
    let card = card("mlp.bpk");
    assert_eq!(card["card"]["repeats"]["n"], 2);
    let parts: Vec<_> = card["card"]["figures"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|figures| figures["part"].as_str().map(str::to_owned))
        .collect();
    assert!(
        parts.iter().any(|part| part.starts_with("groups apart")),
        "{parts:?}"
    );
}

#[test]
fn accurate_estimates_are_shown() {
    let card = card("attributes.bpk");
    for estimate in card["card"]["estimates"].as_array().expect("a list") {
        assert_eq!(estimate["shown"], true, "{estimate}");
    }
}

#[test]
fn a_fusion_classifies_an_audio_file() {
    let song = workspace().path("music/High/3.wav");
    let run = workspace().run(&["classify", "--weights", "fusion.bpk", "--json", text(&song)]);
    let answer = run.succeeds().json();
    assert!(answer["probabilities"]["High"].is_f64(), "{answer}");
    // The table has 0.8 plus noise.
    let energy = answer["estimates"]["energy"].as_f64().expect("a number");
    assert!((0.6..1.1).contains(&energy), "{energy}");
}

#[test]
fn a_fusion_is_evaluated_on_rows_joined_by_track() {
    let line = "evaluate --weights fusion.bpk --data mfcc.npz --data mel.npz --json";
    let run = workspace().tonearm(line).succeeds();
    assert_eq!(run.json()["n"], 2 * N_TRACKS);
    workspace()
        .tonearm("evaluate --weights fusion.bpk --data mel.npz")
        .fails_with(1)
        .prints("the weights expect rows of 130 x 20");
    workspace()
        .tonearm("evaluate --weights cnn.bpk --data mel.npz --data mfcc.npz")
        .fails_with(1)
        .prints("--data was given 2 times");
}

#[test]
fn a_table_is_evaluated_with_and_without_track_ids() {
    let csv = fs::read_to_string(workspace().path("table.csv")).expect("the file exists");
    let without: String = csv
        .lines()
        .map(|line| line.splitn(4, ',').collect::<Vec<_>>())
        .map(|cells| format!("{},{}\n", cells[1], cells[3]))
        .collect();
    workspace().write("plain.csv", without);
    for table in ["table.csv", "plain.csv"] {
        let line = format!("evaluate --weights mlp.bpk --data {table} --json");
        let top1 = workspace().tonearm(&line).succeeds().json()["top1"].as_f64();
        assert!(top1.expect("a number") > 0.9, "{table}: {top1:?}");
    }
}

#[test]
fn rows_of_a_table_are_classified_with_or_without_genres() {
    let workspace = workspace();
    let line = "classify table.csv --weights mlp.bpk";
    let rows = workspace
        .tonearm(&format!("{line} --json"))
        .succeeds()
        .json_lines();
    let csv = table(N_TRACKS);
    let genres: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1))
        .collect();
    assert_eq!(rows.len(), genres.len());
    let correct = rows
        .iter()
        .zip(genres)
        .filter(|(row, genre)| row["label"].as_str() == *genre);
    let evaluation = workspace
        .tonearm("evaluate --weights mlp.bpk --data table.csv --json")
        .succeeds()
        .json();
    let accuracy = correct.count() as f64 / rows.len() as f64;
    assert!((evaluation["top1"].as_f64().expect("a number") - accuracy).abs() < 1e-9);
    assert_eq!(
        (&rows[1]["row"], &rows[1]["file"]),
        (&2.into(), &"table.csv".into())
    );

    // A genre column is not required, and other columns are ignored.
    workspace.write("bare.csv", table(N_TRACKS).replacen("genre", "remark", 1));
    let bare = workspace
        .tonearm("classify bare.csv --weights mlp.bpk --json")
        .succeeds()
        .json_lines();
    assert_eq!(bare[5]["probabilities"], rows[5]["probabilities"]);
    let words = workspace.tonearm(line).succeeds().stdout();
    assert!(words.starts_with("table.csv, row 1: "), "{words}");

    workspace
        .tonearm("classify table.csv --weights cnn.bpk")
        .fails_with(1)
        .prints("this is a table, but the weights read audio");
    workspace.write("odd.csv", "energy,tempo\n1,2\n");
    workspace
        .tonearm("classify odd.csv --weights mlp.bpk")
        .fails_with(1)
        .prints("no column \"acousticness\"");
}

#[test]
fn invalid_tables_are_refused() {
    let header = format!("genre,{}\n", ECHO_NEST.join(","));
    for (name, csv, message) in [
        ("empty.csv", String::new(), "no column"),
        (
            "short.csv",
            "genre,energy\nRock,1\n".into(),
            "no column \"acousticness\"",
        ),
        (
            "words.csv",
            format!("{header}Rock,1,2,3,4,5,six,7,8\n"),
            "speechiness is \"six\"",
        ),
        (
            "infinite.csv",
            format!("{header}Rock,1,2,inf,4,5,6,7,8\n"),
            "energy is \"inf\"",
        ),
        ("ragged.csv", format!("{header}Rock,1,2\n"), "ragged.csv"),
        (
            "nameless.csv",
            format!("{header},1,2,3,4,5,6,7,8\n"),
            "the genre is empty",
        ),
        ("bytes.csv", format!("{header}\u{0}\u{1},x\n"), "bytes.csv"),
        (
            "only-header.csv",
            header.clone(),
            "only-header.csv has no rows of the chosen genres",
        ),
    ] {
        workspace().write(name, csv);
        let line = format!("train mlp --data {name} --out none.bpk");
        workspace().tonearm(&line).fails_with(1).prints(message);
    }
}

#[test]
fn a_fusion_of_mismatched_files_is_refused() {
    let fusion = |cnn: &str, attributes: &str| {
        let line = format!(
            "train fusion --cnn {cnn} --rnn rnn.bpk --mlp mlp.bpk --attributes {attributes} \
             --records runs --data mel.npz --table table.csv --out none.bpk"
        );
        workspace().tonearm(&line).fails_with(1)
    };
    fusion("attributes.bpk", "attributes.bpk")
        .prints("the file given with --cnn does not hold a convolutional network");
    fusion("cnn.bpk", "cnn.bpk")
        .prints("the file given with --attributes does not hold an estimator");
    let song = workspace().path("music/High/3.wav");
    workspace()
        .run(&["classify", "--weights", "attributes.bpk", text(&song)])
        .fails_with(1)
        .prints("does not classify genres");
    workspace()
        .run(&["classify", "--weights", "mlp.bpk", text(&song)])
        .fails_with(1)
        .prints("these weights classify rows with the columns acousticness");
}

#[test]
fn regressions_have_a_single_recipe_and_record_their_files() {
    for network in [
        "attributes --data mel.npz --table table.csv",
        "fusion --cnn cnn.bpk --rnn rnn.bpk --mlp mlp.bpk --attributes attributes.bpk --records runs \
         --data mel.npz --table table.csv",
    ] {
        workspace()
            .tonearm(&format!("train {network} --recipe original --out none.bpk"))
            .fails_with(1)
            .prints("there is only --recipe default");
    }
    let text = fs::read_to_string(workspace().path("runs/fusion.json")).expect("the file exists");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["files"][0]["name"], "mel.npz");
    assert_eq!(record["files"][1]["name"], "table.csv");
    assert_eq!(
        (&record["seed"], &record["device"]),
        (&0.into(), &"cpu".into())
    );
}

#[test]
fn a_fusion_of_exchanged_networks_is_refused() {
    let workspace = workspace();
    let line = "train fusion --cnn rnn.bpk --rnn cnn.bpk --mlp mlp.bpk --attributes attributes.bpk \
                --records runs --data mel.npz --table table.csv --folds 2 --out none.bpk";
    let run = workspace.tonearm(line);
    run.fails_with(1)
        .prints("--cnn does not hold a convolutional network");
}

#[test]
fn a_genre_that_is_named_twice_is_refused_before_training() {
    let line = "train mlp --data table.csv --genres Rock,Folk,Rock --out none.bpk";
    let run = workspace().tonearm(line);
    run.fails_with(1).prints("the genre Rock is named twice");
}

#[test]
fn the_original_networks_train_on_a_random_split() {
    for (network, data) in [("cnn", "mel"), ("rnn", "mfcc")] {
        let line = format!(
            "train {network} --recipe original --split random --data {data}.npz \
             --labels mel.genres.json --epochs 1 --batch 8 --out original-{network}.bpk"
        );
        workspace().tonearm(&line).succeeds();
        let card = card(&format!("original-{network}.bpk"));
        assert_eq!(
            card["network"]["model"]["kind"],
            format!("original-{network}")
        );
        assert_eq!(card["card"]["split"]["random"], true);
    }
}
