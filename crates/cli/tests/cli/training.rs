//! `tonearm train`, stopped and resumed; and what is made of its results: `map`, `report`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::networks::studio;
use crate::studio::{Studio, text};

/// A network on each of two folds, then on all rows.
const LINE: &str = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 3 --batch 16 \
                    --record runs --json";

/// A folder with the mel pictures of two easy genres.
fn with_pictures() -> Studio {
    let own = Studio::new();
    for name in ["mel.npz", "mel.genres.json"] {
        own.write(name, fs::read(studio().path(name)).expect("was written"));
    }
    own
}

#[test]
fn a_run_that_was_killed_goes_on_and_ends_with_the_same_weights() {
    // In the middle of the first fold, of the second, and of the fit on all rows; and of both folds.
    for (jobs, kills) in [(1, &[2, 3, 3][..]), (2, &[2, 1])] {
        let own = with_pictures();
        for folder in ["straight", "killed"] {
            fs::create_dir_all(own.path(folder)).expect("can be made");
        }
        let line = format!("{LINE} --jobs {jobs}");
        own.tonearm(&format!("{line} --out straight/w.bpk"))
            .succeeds();
        assert!(!own.path("straight/w.bpk.run").exists());

        let line = format!("{line} --out killed/w.bpk");
        for (kill, &epochs) in kills.iter().enumerate() {
            let resume = if kill > 0 { " --resume" } else { "" };
            let mut child = own
                .command(
                    &format!("{line}{resume}")
                        .split_whitespace()
                        .collect::<Vec<_>>(),
                )
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary starts");
            let out = BufReader::new(child.stdout.take().expect("is piped"));
            let lines = out.lines().take(epochs).filter(Result::is_ok).count();
            assert_eq!(lines, epochs);
            child.kill().expect("can be killed");
            child.wait().expect("has ended");
            assert!(!own.path("killed/w.bpk").exists(), "it was too quick");
        }
        own.tonearm(&format!("{line} --resume"))
            .succeeds()
            .says("Going on");

        let weights =
            |folder: &str| fs::read(own.path(&format!("{folder}/w.bpk"))).expect("written");
        assert!(weights("straight") == weights("killed"), "other weights");
        assert!(!own.path("killed/w.bpk.run").exists());
    }
}

#[test]
fn a_stopped_run_that_is_broken_or_another_is_refused() {
    let own = with_pictures();
    let line = format!("{LINE} --out w.bpk --resume");
    own.tonearm(&line)
        .fails_with(1)
        .says("no stopped run to go on with");
    own.write("w.bpk.run/run", [0xff; 11]);
    own.tonearm(&line)
        .fails_with(1)
        .says("w.bpk.run/run is broken");
    // The key of no run, and 0 seconds.
    own.write("w.bpk.run/run", [vec![1, b'x'], vec![0; 8]].concat());
    own.tonearm(&line).fails_with(1).says("is of another run");
    // And what has an epoch is not lost because somebody forgot the option.
    own.write("w.bpk.run/all-rows.fit", [0; 4]);
    own.tonearm(&format!("{LINE} --out w.bpk"))
        .fails_with(1)
        .says("--resume goes on with it");
}

/// What is kept of a fit, as the binary serialises it.
#[derive(Clone, Serialize, Deserialize)]
enum StageFields {
    /// Not read by the tests.
    Current(()),
    Done(DoneFields),
}

/// Number of an epoch, loss and accuracy on training rows, and both on rows that were held out.
type EpochFields = (usize, f64, Option<f64>, Option<f64>, Option<f64>);

/// What is kept of a fit that has ended.
#[derive(Clone, Serialize, Deserialize)]
struct DoneFields {
    name: String,
    epochs: Vec<EpochFields>,
    best_epoch: usize,
    logits: Vec<Vec<f32>>,
}

#[test]
fn a_checkpoint_that_is_damaged_is_refused_with_what_to_do() {
    let own = with_pictures();
    let line = format!("{LINE} --jobs 1 --out w.bpk");
    let stop_after = |epochs: usize| {
        let line: Vec<&str> = line.split_whitespace().collect();
        let mut child = own
            .command(&line)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let out = BufReader::new(child.stdout.take().expect("is piped"));
        let lines = out.lines().take(epochs).filter(Result::is_ok).count();
        assert_eq!(lines, epochs);
        child.kill().expect("can be killed");
        child.wait().expect("has ended");
    };
    let line = format!("{line} --resume");
    let refused = |file: &str, bytes: &[u8], reason: &str| {
        own.write(file, bytes);
        own.tonearm(&line)
            .fails_with(1)
            .says(&format!("{file} is broken: "))
            .says(reason)
            .says("delete w.bpk.run to start the training anew");
    };

    // The second epoch of the first fold is kept, or will be; the first surely is.
    stop_after(1);
    let file = "w.bpk.run/fold-1-of-2.fit";
    let kept = fs::read(own.path(file)).expect("was kept");
    refused(file, &kept[..kept.len() - 1], "cut short or damaged");
    refused(file, &[&kept[..], &[0]].concat(), "cut short or damaged");
    // The name of the fit, which the first bytes are.
    let mut other = kept.clone();
    let digit = other.iter_mut().find(|byte| **byte == b'1');
    *digit.expect("its number") = b'2';
    refused(file, &other, "it is of the fit \"fold 2 of 2\"");
    // The last record is that of the best network; its first tensors are cut off.
    let record = kept.windows(4).rposition(|word| word == b"NRUB");
    let mut other = kept.clone();
    other[record.expect("there are records")] = 0;
    refused(file, &other, "a record in it is cut short or damaged");

    fs::remove_dir_all(own.path("w.bpk.run")).expect("was kept");
    // The first epoch of the second fold ends after the first fold.
    stop_after(4);
    let kept = fs::read(own.path(file)).expect("was kept");
    let StageFields::Done(done) = postcard::from_bytes(&kept).expect("these are its fields") else {
        panic!("the fold has ended");
    };
    let bytes = |change: &dyn Fn(&mut DoneFields)| {
        let mut done = done.clone();
        change(&mut done);
        postcard::to_stdvec(&StageFields::Done(done)).expect("can be packed")
    };
    assert_eq!(bytes(&|_| {}), kept);
    refused(
        file,
        &bytes(&|done| drop(done.logits.pop())),
        "were held out",
    );
    refused(
        file,
        &bytes(&|done| done.logits[0].push(0.0)),
        "2 finite numbers",
    );
    refused(
        file,
        &bytes(&|done| done.logits[0][0] = f32::NAN),
        "2 finite numbers",
    );
    refused(
        file,
        &bytes(&|done| done.best_epoch = 4),
        "it kept epoch 4, and there are 3",
    );
    own.write(file, &kept);
    own.tonearm(&line).succeeds();
}

#[test]
fn folds_that_are_trained_at_once_come_to_the_same_weights_and_record() {
    let own = with_pictures();
    let run = |jobs: u32| {
        let folder = format!("{jobs}/runs");
        fs::create_dir_all(own.path(&folder)).expect("can be made");
        let line = format!(
            "train cnn --data mel.npz --labels mel.genres.json --folds 3 --epochs 2 --batch 16 \
             --repeats 2 --jobs {jobs} --record {folder} --out {folder}/w.bpk"
        );
        own.tonearm(&line).succeeds();
        assert!(!own.path(&format!("{folder}/w.bpk.run")).exists());
        let read = |name: &str| fs::read(own.path(&format!("{folder}/{name}"))).expect("written");
        let record: Value = serde_json::from_slice(&read("w.json")).expect("JSON");
        let said = format!("--jobs {jobs}");
        let card = String::from_utf8_lossy(&read("w.bpk")).contains(&said);
        assert!(card, "the card does not hold the command");
        let weights = without(read("w.bpk"), said.as_bytes());
        (record["fits"].clone(), read("w.npz"), weights)
    };
    let (one, four) = (run(1), run(4));
    assert_eq!(one.0, four.0);
    assert!(one.1 == four.1, "other answers");
    assert!(one.2 == four.2, "other weights");
}

/// Bytes without some that stand among them.
fn without(mut bytes: Vec<u8>, some: &[u8]) -> Vec<u8> {
    while let Some(start) = bytes.windows(some.len()).position(|window| window == some) {
        bytes.drain(start..start + some.len());
    }
    bytes
}

#[test]
fn a_fold_that_fails_ends_the_run_with_a_sentence() {
    let own = with_pictures();
    own.tonearm(
        "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 3 --lr 1e30 --jobs 2 \
         --out w.bpk",
    )
    .fails_with(1)
    .says("the loss is no longer a number")
    .says("its process ended");
}

#[test]
fn a_run_that_failed_before_an_epoch_had_ended_is_in_the_way_of_nothing() {
    let own = with_pictures();
    let line = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 1 --jobs 2 --out w.bpk";
    own.tonearm(&format!("{line} --batch 0"))
        .fails_with(1)
        .says("batch");
    own.tonearm(line).succeeds();
    assert!(!own.path("w.bpk.run").exists());
}

#[test]
fn a_share_of_the_artists_is_learned_from_and_all_rows_are_answered() {
    let own = with_pictures();
    let line = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 1 --batch 16 \
                --out w.bpk";
    own.tonearm(&format!("{line} --train-share 0.5"))
        .succeeds()
        .says("fold 1 of 2: 16 rows to train on, 0 to validate, 30 to test")
        .says("all rows: 30 rows to train on");
    let card = own.tonearm("inspect w.bpk --json").succeeds().json()["card"].clone();
    let fitted_on = card["fitted_on"].as_str().expect("text");
    assert!(
        fitted_on.starts_with("0.5 of all rows, by whole artists"),
        "{fitted_on}"
    );

    own.tonearm(&format!("{line} --train-share 0"))
        .fails_with(2)
        .says("above 0 and at most 1");
}

#[test]
fn a_mapped_network_places_what_it_hears() {
    let own = with_pictures();
    own.write(
        "cnn.bpk",
        fs::read(studio().path("cnn.bpk")).expect("written"),
    );
    let run = own.tonearm("map cnn.bpk --data mel.npz").succeeds();
    assert!(
        run.stdout().contains("60 tracks are mapped."),
        "{}",
        run.stdout()
    );

    let song = studio().path("music/High/7.wav");
    let answer = own
        .run(&["classify", "--json", "--weights", "cnn.bpk", text(&song)])
        .succeeds()
        .json();
    let neighbours = answer["place"]["neighbours"].as_array().expect("a list");
    assert_eq!(neighbours[0]["track_id"], 7, "{}", answer["place"]);
    let high = neighbours.iter().filter(|track| track["label"] == "High");
    assert!(high.count() >= 6, "{}", answer["place"]);

    // What was learned of speech is in the file too; of fewer speakers than it takes, nothing is.
    let voices = own.dataset("mel.npz");
    let lower: Vec<usize> = (0..voices.len())
        .filter(|&row| voices.y[row] == 1)
        .collect();
    own.write(
        "voices.npz",
        voices.select(&lower).to_npz().expect("it can be packed"),
    );
    let run = own
        .tonearm("map cnn.bpk --data mel.npz --speech voices.npz")
        .succeeds();
    assert!(
        run.stdout().contains("Of 30 pieces of speech"),
        "{}",
        run.stdout()
    );
    own.write(
        "voice.npz",
        voices
            .select(&lower[..3])
            .to_npz()
            .expect("it can be packed"),
    );
    own.tonearm("map cnn.bpk --data mel.npz --speech voice.npz")
        .fails_with(1)
        .says("the speech must have at least 5 artists");

    // Rows of another shape, and a network that has no embedding.
    own.write(
        "mfcc.npz",
        fs::read(studio().path("mfcc.npz")).expect("written"),
    );
    own.tonearm("map cnn.bpk --data mfcc.npz")
        .fails_with(1)
        .says("the network that is mapped reads 128 x 128");
    own.write(
        "mlp.bpk",
        fs::read(studio().path("mlp.bpk")).expect("written"),
    );
    own.tonearm("map mlp.bpk --data mel.npz").fails_with(1);
}

#[test]
fn a_report_shows_what_was_held_out() {
    let own = studio();
    for (weights, data, plots) in [
        ("cnn", "--data mel.npz", 6),
        ("fusion", "--data mel.npz --data mfcc.npz", 4),
        ("mlp", "--data table.csv", 6),
    ] {
        let line = format!("report {weights}.bpk {data} --records runs --out report-{weights}");
        let run = own.tonearm(&line).succeeds();
        assert!(
            run.stdout()
                .contains("rows that the fold which answered had not seen"),
            "{}",
            run.stdout()
        );
        let folder = own.path(&format!("report-{weights}"));
        let files = fs::read_dir(&folder).expect("was made");
        assert_eq!(files.count(), plots + 1, "{weights}");
        let page = fs::read_to_string(folder.join("report.html")).expect("was written");
        assert_eq!(page.matches("<svg").count(), plots, "{weights}");
        assert!(page.contains("expected calibration error"));
        // It stands alone: nothing is loaded from anywhere.
        assert!(!page.contains("src=") && !page.contains("<link") && !page.contains("@import"));
    }
}

#[test]
fn a_report_on_a_split_draws_training_and_test_tracks() {
    let own = with_pictures();
    own.tonearm(
        "train cnn --data mel.npz --labels mel.genres.json --epochs 2 --batch 16 --out w.bpk --record .",
    )
    .succeeds();
    let run = own
        .tonearm("report w.bpk --data mel.npz --out r")
        .succeeds();
    assert!(
        run.stdout().contains("artists that it had not seen"),
        "{}",
        run.stdout()
    );
    for plot in ["tsne-train", "tsne-test", "loss", "accuracy", "confusion"] {
        let svg = fs::read_to_string(own.path(&format!("r/{plot}.svg"))).expect("was drawn");
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{plot}"
        );
    }
}

#[test]
fn a_report_on_a_random_split_finds_its_test_rows_again() {
    let own = with_pictures();
    let train = "train cnn --recipe original --split random --data mel.npz --labels mel.genres.json \
                 --epochs 1 --batch 8 --out w.bpk --json";
    let card = own.tonearm(train).succeeds().json_lines();
    let card = card.last().expect("the card is the last line");
    let tested = card["figures"][1].clone();
    assert_eq!(tested["part"], "test");
    let report = own
        .tonearm("report w.bpk --data mel.npz --out r")
        .succeeds();
    let expected = format!(
        "rows that it had not seen, of artists that it may have: {} rows",
        tested["n"]
    );
    assert!(report.stdout().contains(&expected), "{}", report.stdout());
    for plot in ["tsne-train", "tsne-test"] {
        assert!(own.path(&format!("r/{plot}.svg")).exists(), "{plot}");
    }
    let line = "evaluate --weights w.bpk --data mel.npz --split test --json";
    let evaluation = own.tonearm(line).succeeds().json();
    assert_eq!(
        (&evaluation["n"], &evaluation["top1"]),
        (&tested["n"], &tested["top1"])
    );

    // Of other rows it cannot be known.
    let rows = own.dataset("mel.npz");
    let fewer = rows.select(&(0..rows.len() - 1).collect::<Vec<_>>());
    own.write("fewer.npz", fewer.to_npz().expect("it can be packed"));
    own.tonearm("report w.bpk --data fewer.npz --out r")
        .fails_with(1)
        .says("come from a random split of the 60 rows of mel.npz, and the data have 59");
}

#[test]
fn retraining_runs_the_list_of_commands() {
    let own = with_pictures();
    own.write(
        "shelf/mel.npz",
        fs::read(own.path("mel.npz")).expect("written"),
    );
    // What the data lack may lie beside the records.
    own.write(
        "runs/speech/genres.json",
        fs::read(own.path("mel.genres.json")).expect("written"),
    );
    own.write(
        "runs/commands.txt",
        "tonearm train cnn --data mel.npz --labels genres.json --epochs 1 --licence 'as you like' \
         --out kept.bpk --record runs\n",
    );
    own.write("weights/kept.bpk", "to be written over");
    // Then the table fails: these records are not those of the table.
    own.tonearm("compare --retrain --data shelf --weights weights --records runs")
        .fails_with(1)
        .says("cnn.bpk");
    let card = own
        .tonearm("inspect weights/kept.bpk --json")
        .succeeds()
        .json();
    assert_eq!(card["card"]["data"]["licence"], "as you like");
    assert!(own.path("runs/kept.json").exists());

    own.write(
        "runs/commands.txt",
        "tonearm train cnn --data none.npz --out kept.bpk\n",
    );
    own.tonearm("compare --retrain --data shelf --weights weights --records runs")
        .fails_with(1)
        .says("there is no none.npz");
}
