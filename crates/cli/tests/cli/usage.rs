//! Tests of exit codes, help, and the output streams.

use crate::workspace::{Workspace, text};

#[test]
fn wrong_usage_exits_with_2() {
    let workspace = Workspace::new();
    workspace.tonearm("extract").fails_with(2);
    workspace
        .tonearm("extract music --features smell --out a.npz")
        .fails_with(2)
        .prints("mel");
    workspace
        .tonearm("extract music --features mel --out a.npz --jobs 0")
        .fails_with(2);
    workspace.tonearm("classify").fails_with(2);
    workspace.tonearm("dance").fails_with(2);
}

#[test]
fn train_without_arguments_lists_the_networks() {
    let run = Workspace::new().tonearm("train").fails_with(2);
    for option in ["cnn", "rnn", "mlp", "attributes", "fusion", "--project"] {
        assert!(run.stderr().contains(option), "{}", run.stderr());
    }
}

#[test]
fn a_cause_is_printed_once() {
    let workspace = Workspace::new();
    workspace.write("dir/w.bpk", "");
    for line in [
        "extract nowhere --features mel --out a.npz",
        "extract dir --features mel --manifest nowhere.csv --out a.npz",
        "evaluate --weights nowhere.bpk --data a.npz",
        "train mlp --data nowhere.csv --out w.bpk",
        "train mlp --data dir --out w.bpk",
        "classify nowhere.mp3",
        "classify dir --json",
    ] {
        let stderr = workspace.tonearm(line).fails_with(1).stderr();
        for message in stderr.lines() {
            let causes: Vec<&str> = message.split(": ").collect();
            for (index, cause) in causes.iter().enumerate() {
                assert!(!causes[..index].contains(cause), "{line}: {message}");
            }
        }
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let workspace = Workspace::new();
    let help = workspace.tonearm("--help").succeeds().stdout();
    for command in [
        "extract", "train", "evaluate", "compare", "classify", "inspect",
    ] {
        assert!(help.contains(command), "{help}");
    }
    assert!(
        workspace
            .tonearm("--version")
            .succeeds()
            .stdout()
            .starts_with("tonearm ")
    );
}

#[test]
fn time_prints_the_duration_of_decoding_and_of_the_rest() {
    let workspace = Workspace::new();
    let song = workspace.tone("music/Rock/song.wav", 300.0, 30.0);
    workspace
        .run(&["classify", "--time", text(&song)])
        .succeeds()
        .prints("song.wav: decoding 0.")
        .prints(" s, classifying ");
    workspace
        .tonearm("extract music --features mfcc --out a.npz --time")
        .succeeds()
        .prints("decoding 0.")
        .prints(" s, features 0.");
}
