//! Tests of resuming `tonearm train`, and of `map`, `report` and `compare --retrain`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tonearm::data::Dataset;
use tonearm::training::cross_validation::FitResult;

use crate::networks;
use crate::workspace::{Workspace, text};

/// Trains a network on each of two folds, then on all rows.
const LINE: &str = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 3 --batch 16 \
                    --records runs --json";

/// A workspace with the mel features of two genres.
fn with_mel_features() -> Workspace {
    let workspace = Workspace::new();
    for name in ["mel.npz", "mel.genres.json"] {
        workspace.write(
            name,
            fs::read(networks::workspace().path(name)).expect("the file exists"),
        );
    }
    workspace
}

#[test]
fn a_killed_run_resumes_and_gives_the_same_weights() {
    // Killed during the first fold, the second fold and the fit on all rows; with two jobs, during both folds.
    for (jobs, kills) in [(1, &[2, 3, 3][..]), (2, &[2, 1])] {
        let workspace = with_mel_features();
        for folder in ["straight", "killed"] {
            fs::create_dir_all(workspace.path(folder)).expect("the folder is writable");
        }
        let line = format!("{LINE} --jobs {jobs}");
        workspace
            .tonearm(&format!("{line} --out straight/w.bpk"))
            .succeeds();
        assert!(!workspace.path("straight/w.bpk.run").exists());

        let line = format!("{line} --out killed/w.bpk");
        for (kill, &epochs) in kills.iter().enumerate() {
            let resume = if kill > 0 { " --resume" } else { "" };
            let mut child = workspace
                .command(
                    &format!("{line}{resume}")
                        .split_whitespace()
                        .collect::<Vec<_>>(),
                )
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary starts");
            let out = BufReader::new(child.stdout.take().expect("standard output is piped"));
            let lines = out.lines().take(epochs).filter(Result::is_ok).count();
            assert_eq!(lines, epochs);
            child.kill().expect("the process is running");
            child.wait().expect("the process has exited");
            assert!(
                !workspace.path("killed/w.bpk").exists(),
                "the run ended before it was killed"
            );
        }
        workspace
            .tonearm(&format!("{line} --resume"))
            .succeeds()
            .prints("Resuming the stopped run.");

        let weights = |folder: &str| {
            fs::read(workspace.path(&format!("{folder}/w.bpk"))).expect("the file exists")
        };
        assert!(
            weights("straight") == weights("killed"),
            "the weights differ"
        );
        assert!(!workspace.path("killed/w.bpk.run").exists());
    }
}

#[test]
fn progress_that_is_missing_damaged_or_of_another_run_is_refused() {
    let workspace = with_mel_features();
    let line = format!("{LINE} --out w.bpk --resume");
    workspace
        .tonearm(&line)
        .fails_with(1)
        .prints("there is no stopped run to resume: w.bpk.run/run does not exist");
    workspace.write("w.bpk.run/run", [0xff; 11]);
    workspace
        .tonearm(&line)
        .fails_with(1)
        .prints("w.bpk.run/run is damaged");
    // A valid header with a different key and 0 seconds.
    workspace.write("w.bpk.run/run", [vec![1, b'x'], vec![0; 8]].concat());
    workspace
        .tonearm(&line)
        .fails_with(1)
        .prints("w.bpk.run belongs to a different run");
    // Without --resume, saved epochs are not overwritten.
    workspace.write("w.bpk.run/all-rows.fit", [0; 4]);
    workspace
        .tonearm(&format!("{LINE} --out w.bpk"))
        .fails_with(1)
        .prints("w.bpk.run holds a stopped run; continue it with --resume");
}

/// First bytes of the file of a fit; the fields follow.
const MAGIC: &[u8] = b"tonearm checkpoint 1\n";

/// The saved progress of a fit, in the layout of the core's `Checkpoint`: the run, then the number of fits,
/// the name of the only one, and its progress.
type CheckpointFields = (String, Vec<(String, ProgressFields)>);

#[derive(Clone, Serialize, Deserialize)]
enum ProgressFields {
    /// Not read by the tests.
    Unfinished(()),
    Finished(FitResult),
}

#[test]
fn a_damaged_checkpoint_is_refused_with_advice() {
    let workspace = with_mel_features();
    let line = format!("{LINE} --jobs 1 --out w.bpk");
    let stop_after = |epochs: usize| {
        let line: Vec<&str> = line.split_whitespace().collect();
        let mut child = workspace
            .command(&line)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let out = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let lines = out.lines().take(epochs).filter(Result::is_ok).count();
        assert_eq!(lines, epochs);
        child.kill().expect("the process is running");
        child.wait().expect("the process has exited");
    };
    let line = format!("{line} --resume");
    let refused = |file: &str, bytes: &[u8], reason: &str| {
        workspace.write(file, bytes);
        workspace
            .tonearm(&line)
            .fails_with(1)
            .prints(&format!("{file} is damaged: "))
            .prints(reason)
            .prints("delete w.bpk.run to start the training over");
    };

    // At least the first epoch of the first fold is saved.
    stop_after(1);
    let file = "w.bpk.run/fold-1-of-2.fit";
    let saved = fs::read(workspace.path(file)).expect("the file exists");
    refused(
        file,
        &saved[..saved.len() - 1],
        "it is truncated or damaged",
    );
    refused(
        file,
        &[&saved[..], &[0]].concat(),
        "it is truncated or damaged",
    );
    let mut other = saved.clone();
    let name = other.windows(6).position(|word| word == b"fold 1");
    other[name.expect("the file has the name of the fit") + 5] = b'2';
    refused(file, &other, "it belongs to the fit \"fold 2 of 2\"");
    // The key of the run follows the first bytes and its length.
    let mut other = saved.clone();
    other[MAGIC.len() + 1] ^= 1;
    refused(file, &other, "its run must have the same data");
    // Damages the magic number of the last record, which holds the best network.
    let record = saved.windows(4).rposition(|word| word == b"NRUB");
    let mut other = saved.clone();
    other[record.expect("the file has records")] = 0;
    refused(file, &other, "a record in it is truncated or damaged");

    fs::remove_dir_all(workspace.path("w.bpk.run")).expect("the file exists");
    // Three epochs of the first fold, and one of the second.
    stop_after(4);
    let saved = fs::read(workspace.path(file)).expect("the file exists");
    let fields = saved.strip_prefix(MAGIC);
    let (run, fits): CheckpointFields =
        postcard::from_bytes(fields.expect("it starts with the magic bytes")).expect("they match");
    let [(name, ProgressFields::Finished(finished))] = &fits[..] else {
        panic!("the fold has not ended");
    };
    let bytes = |change: &dyn Fn(&mut FitResult)| {
        let mut finished = finished.clone();
        change(&mut finished);
        let fits = vec![(name.clone(), ProgressFields::Finished(finished))];
        postcard::to_extend(&(&run, fits), MAGIC.to_vec()).expect("it can be serialised")
    };
    assert_eq!(bytes(&|_| {}), saved);
    let with_logits = |n_rows: usize, row: &[f32]| {
        bytes(&|finished| finished.logits = vec![row; n_rows].into_iter().collect())
    };
    refused(
        file,
        &with_logits(29, &[0.5; 2]),
        "its logits must have 30 rows, got 29",
    );
    refused(
        file,
        &with_logits(30, &[0.5; 3]),
        "each row of its logits must have 2 numbers, got 3",
    );
    refused(
        file,
        &with_logits(30, &[0.5, f32::NAN]),
        "its logits must be finite, got NaN",
    );
    refused(
        file,
        &bytes(&|finished| finished.kept_epoch = 4),
        "its kept epoch must be in 1..=3, got 4",
    );
    workspace.write(file, &saved);
    workspace.tonearm(&line).succeeds();
}

#[test]
fn parallel_folds_give_the_same_weights_and_record() {
    let workspace = with_mel_features();
    let run = |jobs: u32| {
        let folder = format!("{jobs}/runs");
        fs::create_dir_all(workspace.path(&folder)).expect("the folder is writable");
        let line = format!(
            "train cnn --data mel.npz --labels mel.genres.json --folds 3 --epochs 2 --batch 16 \
             --repeats 2 --jobs {jobs} --records {folder} --out {folder}/w.bpk"
        );
        workspace.tonearm(&line).succeeds();
        assert!(!workspace.path(&format!("{folder}/w.bpk.run")).exists());
        let read = |name: &str| {
            fs::read(workspace.path(&format!("{folder}/{name}"))).expect("the file exists")
        };
        let record: Value = serde_json::from_slice(&read("w.json")).expect("JSON");
        let option = format!("--jobs {jobs}");
        let card = String::from_utf8_lossy(&read("w.bpk")).contains(&option);
        assert!(card, "the card does not have the command");
        let weights = without(read("w.bpk"), option.as_bytes());
        (record["fits"].clone(), read("w.npz"), weights)
    };
    let (one, four) = (run(1), run(4));
    assert_eq!(one.0, four.0);
    assert!(one.1 == four.1, "the logits differ");
    assert!(one.2 == four.2, "the weights differ");
}

/// Bytes without the occurrences of a sequence.
fn without(mut bytes: Vec<u8>, sequence: &[u8]) -> Vec<u8> {
    while let Some(start) = bytes
        .windows(sequence.len())
        .position(|window| window == sequence)
    {
        bytes.drain(start..start + sequence.len());
    }
    bytes
}

#[test]
fn a_failed_fold_ends_the_run_with_an_error() {
    let workspace = with_mel_features();
    workspace.tonearm(
        "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 3 --lr 1e30 --jobs 2 \
         --out w.bpk",
    )
    .fails_with(1)
    .prints("training diverged: the loss is no longer finite")
    .prints("the process that trained fold ");
}

#[test]
fn a_run_that_fails_before_the_first_epoch_does_not_block_the_next() {
    let workspace = with_mel_features();
    let line = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 1 --jobs 2 --out w.bpk";
    workspace
        .tonearm(&format!("{line} --batch 0"))
        .fails_with(1)
        .prints("batch");
    workspace.tonearm(line).succeeds();
    assert!(!workspace.path("w.bpk.run").exists());
}

#[test]
fn train_share_reduces_the_training_set_but_not_the_test_set() {
    let workspace = with_mel_features();
    let line = "train cnn --data mel.npz --labels mel.genres.json --folds 2 --epochs 1 --batch 16 \
                --out w.bpk";
    workspace
        .tonearm(&format!("{line} --train-share 0.5"))
        .succeeds()
        .prints("fold 1 of 2: 16 training rows, 0 validation rows, 30 test rows")
        .prints("all rows: 30 training rows, ");
    let card = workspace.tonearm("inspect w.bpk --json").succeeds().json()["card"].clone();
    let fitted_on = card["fitted_on"].as_str().expect("text");
    assert!(
        fitted_on.starts_with("0.5 of all rows, by whole artists"),
        "{fitted_on}"
    );

    workspace
        .tonearm(&format!("{line} --train-share 0"))
        .fails_with(2)
        .prints("expected a number above 0 and at most 1");
}

#[test]
fn a_map_gives_the_nearest_training_tracks() {
    let workspace = with_mel_features();
    workspace.write(
        "cnn.bpk",
        fs::read(networks::workspace().path("cnn.bpk")).expect("the file exists"),
    );
    let run = workspace.tonearm("map cnn.bpk --data mel.npz").succeeds();
    assert!(
        run.stdout().contains("Mapped 60 tracks."),
        "{}",
        run.stdout()
    );

    let song = networks::workspace().path("music/High/7.wav");
    let answer = workspace
        .run(&["classify", "--json", "--weights", "cnn.bpk", text(&song)])
        .succeeds()
        .json();
    let neighbours = answer["map_position"]["neighbours"]
        .as_array()
        .expect("a list");
    assert_eq!(neighbours[0]["track_id"], 7, "{}", answer["map_position"]);
    let high = neighbours.iter().filter(|track| track["label"] == "High");
    assert!(high.count() >= 6, "{}", answer["map_position"]);

    // The speech direction is saved too; it needs at least 5 speakers.
    let mel = workspace.dataset("mel.npz");
    let low_rows: Vec<usize> = (0..mel.len()).filter(|&row| mel.y[row] == 1).collect();
    workspace.write(
        "speech.npz",
        mel.select(&low_rows).to_npz().expect("the rows are valid"),
    );
    let run = workspace
        .tonearm("map cnn.bpk --data mel.npz --speech speech.npz")
        .succeeds();
    assert!(
        run.stdout().contains("Of 30 rows of speech"),
        "{}",
        run.stdout()
    );
    workspace.write(
        "few-speakers.npz",
        mel.select(&low_rows[..3])
            .to_npz()
            .expect("the rows are valid"),
    );
    workspace
        .tonearm("map cnn.bpk --data mel.npz --speech few-speakers.npz")
        .fails_with(1)
        .prints("--speech must have rows by at least 5 artists or speakers");

    // Rows with a different shape, and a network without embeddings.
    workspace.write(
        "mfcc.npz",
        fs::read(networks::workspace().path("mfcc.npz")).expect("the file exists"),
    );
    workspace
        .tonearm("map cnn.bpk --data mfcc.npz")
        .fails_with(1)
        .prints("the mapped network reads 128 x 128");
    workspace.write(
        "mlp.bpk",
        fs::read(networks::workspace().path("mlp.bpk")).expect("the file exists"),
    );
    workspace
        .tonearm("map mlp.bpk --data mel.npz")
        .fails_with(1);
}

#[test]
fn a_report_shows_cross_validated_figures() {
    let workspace = networks::workspace();
    for (weights, data, plots) in [
        ("cnn", "--data mel.npz", 6),
        ("fusion", "--data mel.npz --data mfcc.npz", 4),
        ("mlp", "--data table.csv", 6),
    ] {
        let line = format!("report {weights}.bpk {data} --records runs --out report-{weights}");
        let run = workspace.tonearm(&line).succeeds();
        assert!(
            run.stdout()
                .contains("cross-validated rows, each predicted by the fold that held it out"),
            "{}",
            run.stdout()
        );
        let folder = workspace.path(&format!("report-{weights}"));
        let files = fs::read_dir(&folder).expect("the folder exists");
        assert_eq!(files.count(), plots + 1, "{weights}");
        let page = fs::read_to_string(folder.join("report.html")).expect("the file exists");
        assert_eq!(page.matches("<svg").count(), plots, "{weights}");
        assert!(page.contains("expected calibration error"));
        let n_intervals = page.matches(" to ").count();
        assert!(n_intervals > 3, "{n_intervals} intervals in {weights}");
        // Wide tables scroll, so that the page fits a phone.
        assert_eq!(
            page.matches("<table").count(),
            page.matches("<div class=\"scroll\" tabindex=\"0\"><table")
                .count()
        );
        // The page is self-contained.
        assert!(!page.contains("src=") && !page.contains("<link") && !page.contains("@import"));
    }
}

#[test]
fn a_missing_records_folder_is_refused() {
    for line in [
        "report cnn.bpk --data mel.npz --records nowhere --out report",
        "compare --records nowhere",
    ] {
        networks::workspace()
            .tonearm(line)
            .fails_with(1)
            .prints("the records folder nowhere does not exist; `tonearm train --records nowhere` creates it");
    }
}

#[test]
fn a_report_on_a_split_draws_training_and_test_tracks() {
    let workspace = with_mel_features();
    // Two rows by each artist.
    let data = workspace.dataset("mel.npz");
    let by_artist = Dataset {
        artist_id: (0..data.len() as i32).map(|row| row / 2).collect(),
        ..data
    };
    workspace.write(
        "artists.npz",
        by_artist.to_npz().expect("the rows are valid"),
    );
    for (data, source) in [
        ("mel", "rows outside the training set: "),
        ("artists", "rows from artists outside the training set: "),
    ] {
        let train = "--labels mel.genres.json --epochs 2 --batch 16 --out w.bpk --records .";
        workspace
            .tonearm(&format!("train cnn --data {data}.npz {train}"))
            .succeeds();
        let run = workspace
            .tonearm(&format!("report w.bpk --data {data}.npz --out r"))
            .succeeds();
        assert!(run.stdout().starts_with(source), "{}", run.stdout());
        let page = fs::read_to_string(workspace.path("r/report.html")).expect("the file exists");
        assert_eq!(page.contains("draws whole artists"), data == "artists");
        assert_eq!(page.contains("does not say which rows"), data == "mel");
    }
    for plot in ["tsne-train", "tsne-test", "loss", "accuracy", "confusion"] {
        let svg =
            fs::read_to_string(workspace.path(&format!("r/{plot}.svg"))).expect("the plot exists");
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{plot}"
        );
    }
    // The axis has the two epochs, each once.
    let svg = fs::read_to_string(workspace.path("r/loss.svg")).expect("the plot exists");
    let labels: Vec<&str> = svg.lines().map(str::trim).collect();
    for epoch in ["1", "2"] {
        assert_eq!(labels.iter().filter(|label| **label == epoch).count(), 1);
    }
    assert!(!labels.contains(&"1.5") && !labels.contains(&"3"));
}

#[test]
fn a_report_names_the_files_with_wrong_predictions() {
    let workspace = with_mel_features();
    let data = workspace.dataset("mel.npz");
    workspace
        .tonearm(
            "train cnn --data mel.npz --labels mel.genres.json --epochs 1 --batch 16 --out w.bpk",
        )
        .succeeds();
    let flipped = Dataset {
        y: data.y.iter().map(|label| 1 - label).collect(),
        ..data.clone()
    };
    workspace.write("flipped.npz", flipped.to_npz().expect("the rows are valid"));
    let listed = |data: &str| {
        workspace
            .tonearm(&format!("report w.bpk --data {data}.npz --out {data}"))
            .succeeds();
        let page = workspace.path(&format!("{data}/report.html"));
        let page = fs::read_to_string(page).expect("the file exists");
        page.matches("<td class=\"path\">High/").count()
            + page.matches("<td class=\"path\">Low/").count()
    };
    let n_test_rows = workspace
        .tonearm("evaluate --weights w.bpk --data mel.npz --split test --json")
        .succeeds()
        .json()["n"]
        .clone();
    assert_eq!(listed("mel") + listed("flipped"), n_test_rows);
}

#[test]
fn a_report_recovers_the_test_set_of_a_random_split() {
    let workspace = with_mel_features();
    let train = "train cnn --recipe original --split random --data mel.npz --labels mel.genres.json \
                 --epochs 1 --batch 8 --out w.bpk --json";
    let card = workspace.tonearm(train).succeeds().json_lines();
    let card = card.last().expect("the card is the last line");
    let tested = card["figures"][1].clone();
    assert_eq!(tested["part"], "test");
    let report = workspace
        .tonearm("report w.bpk --data mel.npz --out r")
        .succeeds();
    let expected = format!("the test set of a random split: {} rows", tested["n"]);
    assert!(report.stdout().contains(&expected), "{}", report.stdout());
    for plot in ["tsne-train", "tsne-test"] {
        assert!(workspace.path(&format!("r/{plot}.svg")).exists(), "{plot}");
    }
    let line = "evaluate --weights w.bpk --data mel.npz --split test --json";
    let evaluation = workspace.tonearm(line).succeeds().json();
    assert_eq!(
        (&evaluation["n"], &evaluation["top1"]),
        (&tested["n"], &tested["top1"])
    );

    // The split cannot be recovered for a different number of rows.
    let rows = workspace.dataset("mel.npz");
    let fewer = rows.select(&(0..rows.len() - 1).collect::<Vec<_>>());
    workspace.write("fewer.npz", fewer.to_npz().expect("the rows are valid"));
    workspace
        .tonearm("report w.bpk --data fewer.npz --out r")
        .fails_with(1)
        .prints("trained on a random split of the 60 rows of mel.npz, but the data has 59");
}

#[test]
fn retraining_runs_commands_txt() {
    let workspace = with_mel_features();
    workspace.write(
        "shelf/mel.npz",
        fs::read(workspace.path("mel.npz")).expect("the file exists"),
    );
    // Files that the data folder lacks are looked up in runs/speech.
    workspace.write(
        "runs/speech/genres.json",
        fs::read(workspace.path("mel.genres.json")).expect("the file exists"),
    );
    workspace.write(
        "runs/commands.txt",
        "tonearm train cnn --data mel.npz --labels genres.json --epochs 1 --licence 'as you like' \
         --out new.bpk --records runs\n",
    );
    workspace.write("weights/new.bpk", "to be replaced");
    // Printing the table then fails, because the weights of the table are missing.
    workspace
        .tonearm("compare --retrain --data shelf --weights weights --records runs")
        .fails_with(1)
        .prints("cnn.bpk");
    let card = workspace
        .tonearm("inspect weights/new.bpk --json")
        .succeeds()
        .json();
    assert_eq!(card["card"]["data"]["licence"], "as you like");
    assert!(workspace.path("runs/new.json").exists());

    workspace.write(
        "runs/commands.txt",
        "tonearm train cnn --data none.npz --out new.bpk\n",
    );
    workspace
        .tonearm("compare --retrain --data shelf --weights weights --records runs")
        .fails_with(1)
        .prints("the --data folder has no file named none.npz");
}
