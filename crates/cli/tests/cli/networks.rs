//! Every kind of network, trained from the command line, and the fusion of them.

use std::fmt::Write;
use std::fs;
use std::sync::OnceLock;

use serde_json::Value;
use tonearm::data::{Dataset, Values};
use tonearm::features::ECHO_NEST;

use crate::studio::{Studio, text};

/// Tracks of each of two genres; as many are in the table alone.
const N_TRACKS: i32 = 30;

/// Two easy genres as sounds, features, embeddings and a table, and small networks fitted on them;
/// made once.
pub fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        let studio = Studio::new();
        for track in 0..N_TRACKS {
            let hz = 10.0 * track as f32;
            studio.tone(&format!("music/High/{track}.wav"), 2_000.0 + hz, 1.1);
            studio.tone(&format!("music/Low/{}.wav", 1_000 + track), 150.0 + hz, 1.1);
        }
        studio.write("table.csv", table(N_TRACKS));
        for features in ["mel", "mfcc"] {
            let line = format!("extract music --features {features} --out {features}.npz");
            studio.tonearm(&line).succeeds();
        }
        let mel = studio.dataset("mel.npz");
        studio.write(
            "teacher.npz",
            embeddings(&mel).to_npz().expect("it can be packed"),
        );
        let common = "--labels mel.genres.json --folds 2 --epochs 2 --batch 8 --record runs";
        for line in [
            format!("train cnn --data mel.npz --teacher teacher.npz --out cnn.bpk {common}"),
            format!("train rnn --data mfcc.npz --teacher teacher.npz --out rnn.bpk {common}"),
            "train mlp --data table.csv --out mlp.bpk --epochs 5 --folds 2 --repeats 2 \
             --grouped table.csv --record runs"
                .into(),
            "train attributes --data mel.npz --table table.csv --folds 2 --out attributes.bpk"
                .into(),
            "train fusion --cnn cnn.bpk --rnn rnn.bpk --mlp mlp.bpk --attributes attributes.bpk \
             --records runs --data mel.npz --table table.csv --folds 2 --out fusion.bpk"
                .into(),
        ] {
            studio.tonearm(&line).succeeds();
        }
        studio
    })
}

/// Echo Nest features of every second track and of others that have no sound: High is lively and
/// acoustic, Low is not.
fn table(n_tracks: i32) -> String {
    let mut csv = format!("track_id,genre,group,{}\n", ECHO_NEST.join(","));
    for row in 0..4 * n_tracks {
        let (high, number) = (row % 2 == 0, row / 2);
        // The first half of each genre's numbers has sound.
        let track = if high { number } else { 1_000 + number };
        if number < n_tracks && number % 2 == 1 {
            continue;
        }
        let (genre, value) = if high { ("High", 0.8) } else { ("Low", 0.2) };
        write!(csv, "{track},{genre},{number}").expect("memory");
        for (index, name) in ECHO_NEST.iter().enumerate() {
            let noise = f64::from((row * 7 + index as i32 * 3) % 11) / 100.0;
            let unit = if *name == "tempo" { 100.0 } else { 1.0 };
            write!(csv, ",{:.4}", (value + noise) * unit).expect("memory");
        }
        csv.push('\n');
    }
    csv
}

/// What a larger network would make of the tracks: two numbers that tell the label.
fn embeddings(data: &Dataset) -> Dataset {
    let two = |&label: &u8| [f32::from(label), 1.0 - f32::from(label)];
    Dataset {
        x: Values::F32(data.y.iter().flat_map(two).collect()),
        shape: [1, 2],
        ..data.clone()
    }
}

fn card(weights: &str) -> Value {
    studio()
        .tonearm(&format!("inspect {weights} --json"))
        .succeeds()
        .json()
}

#[test]
fn every_network_says_what_it_is() {
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
fn the_test_rows_of_a_table_without_groups_are_found_again() {
    let own = Studio::new();
    let bare = table(N_TRACKS).replace("track_id,genre,group", "one,genre,two");
    own.write("bare.csv", bare);
    own.tonearm("train mlp --data bare.csv --epochs 2 --out w.bpk")
        .succeeds();
    let all = own.tonearm("evaluate --weights w.bpk --data bare.csv --json");
    let test = own.tonearm("evaluate --weights w.bpk --data bare.csv --split test --json");
    let (all, test) = (all.succeeds().json(), test.succeeds().json());
    let n = |evaluation: &Value| evaluation["n"].as_u64().expect("a count");
    assert!(n(&test) > 0 && n(&test) < n(&all) / 3);
    assert_eq!(test["seen_artist_rows"], 0);
}

#[test]
fn the_latest_tracks_of_each_genre_test_what_was_learned_from_those_before() {
    let own = Studio::new();
    own.write("table.csv", table(N_TRACKS));
    own.tonearm("train mlp --data table.csv --split later --epochs 2 --out w.bpk --record .")
        .succeeds();
    let test = own
        .tonearm("evaluate --weights w.bpk --data table.csv --split test --json")
        .succeeds()
        .json();
    let text = fs::read_to_string(own.path("w.json")).expect("written");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(test["n"], record["figures"][1]["n"]);
    assert_eq!(test["seen_artist_rows"], 0);

    own.tonearm("train mlp --data table.csv --split later --folds 2 --epochs 2 --out x.bpk")
        .fails_with(1)
        .says("there are no folds of --split later");
    let bare = table(N_TRACKS).replace("track_id,genre,group", "one,genre,two");
    own.write("bare.csv", bare);
    own.tonearm("train mlp --data bare.csv --split later --epochs 2 --out x.bpk")
        .fails_with(1)
        .says("--split later needs the columns");
}

#[test]
fn an_estimator_is_measured_against_a_table() {
    let run = studio()
        .tonearm("evaluate --weights attributes.bpk --data mel.npz --data table.csv --json");
    let evaluation = run.succeeds().json();
    // Every second track of both genres is in the table, and was fitted on.
    assert_eq!(evaluation["n"], N_TRACKS);
    assert_eq!(evaluation["seen_artist_rows"], N_TRACKS);
    let features = evaluation["features"].as_array().expect("a list");
    assert_eq!(features.len(), ECHO_NEST.len());
    let energy = features.iter().find(|feature| feature["name"] == "energy");
    let r2 = energy.and_then(|energy| energy["r2"].as_f64());
    assert!(r2.expect("it varies") > 0.3, "{r2:?}");
    for data in [
        "--data mel.npz",
        "--data table.csv",
        "--data mfcc.npz --data table.csv",
    ] {
        studio()
            .tonearm(&format!("evaluate --weights attributes.bpk {data}"))
            .fails_with(1);
    }
}

#[test]
fn a_cross_validation_leaves_its_record() {
    for name in ["cnn", "rnn", "mlp"] {
        let text = fs::read_to_string(studio().path(&format!("runs/{name}.json")));
        let record: Value = serde_json::from_str(&text.expect("written")).expect("JSON");
        let fits = record["fits"].as_array().expect("a list");
        let last = fits.last().expect("there are fits");
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

        // Each row once, with the logits that the figures come from.
        let answers = studio().dataset(&format!("runs/{name}.npz"));
        let mut tracks = answers.track_id.clone();
        tracks.sort_unstable();
        tracks.dedup();
        assert_eq!(tracks.len(), answers.len());
        let right = (0..answers.len()).filter(|&row| {
            let mut logits = [0.0; 2];
            answers.row_into(row, &mut logits);
            (logits[1] > logits[0]) == (answers.y[row] == 1)
        });
        let share = right.count() as f64 / answers.len() as f64;
        let card = card(&format!("{name}.bpk"));
        let figures = card["card"]["figures"].as_array().expect("a list");
        let all = figures.iter().find(|figures| {
            figures["part"]
                .as_str()
                .is_some_and(|part| part.starts_with("all"))
        });
        let top1 = all.expect("of all rows")["top1"]
            .as_f64()
            .expect("a number");
        assert!(
            (top1 - share).abs() < 1e-9,
            "{top1} on the card, {share} in the record"
        );
    }
}

#[test]
fn a_repeated_cross_validation_gives_its_spread() {
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
fn estimates_of_an_easy_table_are_worth_showing() {
    let card = card("attributes.bpk");
    for estimate in card["card"]["estimates"].as_array().expect("a list") {
        assert_eq!(estimate["shown"], true, "{estimate}");
    }
}

#[test]
fn a_fusion_answers_from_a_file_of_sound() {
    let song = studio().path("music/High/3.wav");
    let run = studio().run(&["classify", "--weights", "fusion.bpk", "--json", text(&song)]);
    let answer = run.succeeds().json();
    assert!(answer["probabilities"]["High"].is_f64(), "{answer}");
    // 0.8 in the table, give or take its noise.
    let energy = answer["estimates"]["energy"].as_f64().expect("a number");
    assert!((0.6..1.1).contains(&energy), "{energy}");
}

#[test]
fn a_fusion_is_evaluated_on_rows_joined_by_their_track() {
    let line = "evaluate --weights fusion.bpk --data mfcc.npz --data mel.npz --json";
    let run = studio().tonearm(line).succeeds();
    assert_eq!(run.json()["n"], 2 * N_TRACKS);
    studio()
        .tonearm("evaluate --weights fusion.bpk --data mel.npz")
        .fails_with(1)
        .says("the weights read rows of 130 x 20");
    studio()
        .tonearm("evaluate --weights cnn.bpk --data mel.npz --data mfcc.npz")
        .fails_with(1)
        .says("--data was given 2 times");
}

#[test]
fn a_table_is_evaluated_with_and_without_track_ids() {
    let csv = fs::read_to_string(studio().path("table.csv")).expect("written");
    let without: String = csv
        .lines()
        .map(|line| line.splitn(4, ',').collect::<Vec<_>>())
        .map(|cells| format!("{},{}\n", cells[1], cells[3]))
        .collect();
    studio().write("plain.csv", without);
    for table in ["table.csv", "plain.csv"] {
        let line = format!("evaluate --weights mlp.bpk --data {table} --json");
        let top1 = studio().tonearm(&line).succeeds().json()["top1"].as_f64();
        assert!(top1.expect("a number") > 0.9, "{table}: {top1:?}");
    }
}

#[test]
fn rows_of_a_table_are_classified_with_or_without_genres() {
    let own = studio();
    let line = "classify table.csv --weights mlp.bpk";
    let rows = own
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
    let right = rows
        .iter()
        .zip(genres)
        .filter(|(row, genre)| row["label"].as_str() == *genre);
    let evaluation = own
        .tonearm("evaluate --weights mlp.bpk --data table.csv --json")
        .succeeds()
        .json();
    let share = right.count() as f64 / rows.len() as f64;
    assert!((evaluation["top1"].as_f64().expect("a number") - share).abs() < 1e-9);
    assert_eq!(
        (&rows[1]["row"], &rows[1]["file"]),
        (&2.into(), &"table.csv".into())
    );

    // The genre is not needed, and other columns do not matter.
    own.write("bare.csv", table(N_TRACKS).replacen("genre", "remark", 1));
    let bare = own
        .tonearm("classify bare.csv --weights mlp.bpk --json")
        .succeeds()
        .json_lines();
    assert_eq!(bare[5]["probabilities"], rows[5]["probabilities"]);
    let words = own.tonearm(line).succeeds().stdout();
    assert!(words.starts_with("table.csv, row 1: "), "{words}");

    own.tonearm("classify table.csv --weights cnn.bpk")
        .fails_with(1)
        .says("it is a table, and the weights read none");
    own.write("odd.csv", "energy,tempo\n1,2\n");
    own.tonearm("classify odd.csv --weights mlp.bpk")
        .fails_with(1)
        .says("no column \"acousticness\"");
}

#[test]
fn tables_that_are_none_are_refused() {
    let header = format!("genre,{}\n", ECHO_NEST.join(","));
    for (name, csv, words) in [
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
            "no genre",
        ),
        ("bytes.csv", format!("{header}\u{0}\u{1},x\n"), "bytes.csv"),
        ("headless.csv", header.clone(), "no row of these genres"),
    ] {
        studio().write(name, csv);
        let line = format!("train mlp --data {name} --out none.bpk");
        studio().tonearm(&line).fails_with(1).says(words);
    }
}

#[test]
fn files_that_do_not_belong_together_make_no_fusion() {
    let fusion = |cnn: &str, attributes: &str| {
        let line = format!(
            "train fusion --cnn {cnn} --rnn rnn.bpk --mlp mlp.bpk --attributes {attributes} \
             --records runs --data mel.npz --table table.csv --out none.bpk"
        );
        studio().tonearm(&line).fails_with(1)
    };
    fusion("attributes.bpk", "attributes.bpk").says("other labels");
    fusion("cnn.bpk", "cnn.bpk").says("holds no estimator");
    let song = studio().path("music/High/3.wav");
    studio()
        .run(&["classify", "--weights", "attributes.bpk", text(&song)])
        .fails_with(1)
        .says("names no genre");
    studio()
        .run(&["classify", "--weights", "mlp.bpk", text(&song)])
        .fails_with(1)
        .says("and not audio");
}

#[test]
fn regressions_have_one_recipe_and_record_their_files() {
    for network in [
        "attributes --data mel.npz --table table.csv",
        "fusion --cnn cnn.bpk --rnn rnn.bpk --mlp mlp.bpk --attributes attributes.bpk --records runs \
         --data mel.npz --table table.csv",
    ] {
        studio()
            .tonearm(&format!("train {network} --recipe original --out none.bpk"))
            .fails_with(1)
            .says("there is only --recipe default");
    }
    let text = fs::read_to_string(studio().path("runs/fusion.json")).expect("written");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(record["files"][0]["name"], "mel.npz");
    assert_eq!(record["files"][1]["name"], "table.csv");
    assert_eq!(
        (&record["seed"], &record["device"]),
        (&0.into(), &"cpu".into())
    );
}

#[test]
fn the_original_networks_train_on_a_random_split() {
    for (network, data) in [("cnn", "mel"), ("rnn", "mfcc")] {
        let line = format!(
            "train {network} --recipe original --split random --data {data}.npz \
             --labels mel.genres.json --epochs 1 --batch 8 --out original-{network}.bpk"
        );
        studio().tonearm(&line).succeeds();
        let card = card(&format!("original-{network}.bpk"));
        assert_eq!(
            card["network"]["model"]["kind"],
            format!("original-{network}")
        );
        assert_eq!(card["card"]["split"]["random"], true);
    }
}
