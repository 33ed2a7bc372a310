//! Tests of `tonearm extract`.

use std::fs;

use serde_json::{Value, json};
use tonearm::data::Values;

use crate::workspace::{Workspace, fixture};

#[test]
fn folders_are_genres_and_numeric_file_names_are_track_ids() {
    let workspace = Workspace::new();
    workspace.tone("music/Rock/000255.wav", 220.0, 2.0);
    workspace.tone("music/Folk/album/song.wav", 330.0, 2.0);
    workspace.tone("music/stray.wav", 440.0, 2.0);
    workspace.write("music/Rock/cover.jpg", "not audio, by its extension");
    workspace.write("music/Rock/._000255.wav", "a hidden file");

    let run = workspace.tonearm("extract music --features mel --out mel.npz --json");
    let summary = run
        .succeeds()
        .prints("each file counts as a separate artist")
        .json();
    assert_eq!(summary["rows"], 2);
    assert_eq!(summary["ignored"], 2);
    assert_eq!(summary["labels"], json!(["Folk", "Rock"]));
    assert_eq!(summary["artists_known"], false);
    assert_eq!(
        fs::read_to_string(workspace.path("mel.genres.json")).expect("the file exists"),
        r#"["Folk","Rock"]"#
    );

    let data = workspace.dataset("mel.npz");
    assert_eq!((data.shape, &data.y[..]), ([128, 128], &[0, 1][..]));
    assert_eq!(data.track_id[1], 255);
    assert_ne!(data.artist_id[0], data.artist_id[1]);
    let Values::U8(levels) = data.x else {
        panic!("mel features are stored as bytes")
    };
    assert_eq!(
        levels.iter().max(),
        Some(&255),
        "the loudest cell has the highest level"
    );
    assert!(
        !workspace.path("mel.npz.part").exists(),
        "the journal is deleted once the archive is written"
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_a_missing_file_is_ignored() {
    let workspace = Workspace::new();
    workspace.tone("music/Rock/1.wav", 220.0, 2.0);
    for link in ["music/Rock/gone.mp3", "music/Rock/.#song.mp3"] {
        std::os::unix::fs::symlink("nowhere", workspace.path(link))
            .expect("the folder is writable");
    }
    let run = workspace.tonearm("extract music --features mel --out mel.npz --json");
    let summary = run.succeeds().json();
    assert_eq!(
        (&summary["rows"], &summary["ignored"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn mfcc_rows_are_half_precision_segments_of_three_seconds() {
    let workspace = Workspace::new();
    workspace.tone("music/Rock/1.wav", 220.0, 5.0);
    workspace
        .tonearm("extract music --features mfcc --out mfcc.npz")
        .succeeds();
    let data = workspace.dataset("mfcc.npz");
    assert_eq!(data.shape, [130, 20]);
    assert!(matches!(data.x, Values::F16(values) if values.len() == 2600));
}

#[test]
fn files_without_a_row_are_listed_by_reason() {
    let workspace = Workspace::new();
    workspace.tone("music/Rock/1.wav", 220.0, 2.0);
    workspace.tone("music/Rock/2.wav", 220.0, 0.2);
    workspace.tone("music/Rock/3.wav", 0.0, 2.0);
    workspace.write(
        "music/Rock/4.mp3",
        "Dear diary, today I bought a record player.",
    );
    workspace.write("music/Rock/5.mp3", []);
    let flac = fs::read(fixture("tone.flac")).expect("fixture");
    workspace.write("music/Rock/6.flac", &flac[..100]);

    let line = "extract music --features mel --out a.npz";
    let run = workspace.tonearm(&format!("{line} --json")).succeeds();
    let summary = run.json();
    assert_eq!(summary["rows"], 1);
    let reasons = |kind: &str| -> Vec<String> {
        let failures = summary[kind].as_array().expect("a list");
        let reason = |failure: &Value| failure["error"].as_str().map(String::from);
        failures.iter().filter_map(reason).collect()
    };
    let too_short = reasons("too_short");
    assert_eq!(too_short.len(), 1, "{too_short:?}");
    assert!(
        too_short[0].contains("too short: 0.20 s; a clip needs at least 1 second"),
        "{too_short:?}"
    );
    assert_eq!(reasons("silent"), ["the file is silent"]);
    let unreadable = reasons("unreadable");
    assert_eq!(unreadable.len(), 3, "{unreadable:?}");
    assert!(
        unreadable[0].starts_with("not readable audio (supported: "),
        "{unreadable:?}"
    );
    assert_eq!(unreadable[1], "the file is empty");
    let run = run
        .prints("2.wav: skipped: too short: 0.20 s")
        .prints("3.wav: skipped: the file is silent")
        .prints("4.mp3: not readable audio (supported: ");
    assert_eq!(run.stderr().matches("skipped").count(), 2);

    let text = workspace.tonearm(line).succeeds().stdout();
    let counts = "1 too short, 1 silent, 3 unreadable";
    assert!(text.contains(&format!("Left out: {counts}")), "{text}");
    // The rows are written with --strict too.
    fs::remove_file(workspace.path("a.npz")).expect("the file exists");
    workspace
        .tonearm(&format!("{line} --strict"))
        .fails_with(1)
        .prints(&format!("files were left out: {counts}"));
    assert_eq!(workspace.dataset("a.npz").len(), 1);
    workspace.tone("clean/Rock/1.wav", 220.0, 2.0);
    workspace
        .tonearm("extract clean --features mel --out b.npz --strict")
        .succeeds();
}

#[test]
fn the_archive_names_the_file_of_each_row() {
    let workspace = Workspace::new();
    workspace.tone("music/Rock/000255.wav", 220.0, 1.2);
    workspace.tone("music/Folk/Björk – 音楽/song.wav", 330.0, 1.2);
    let extract = |options: &str| {
        let line = format!("extract music --features mel --out a.npz {options}");
        workspace.tonearm(&line).succeeds();
        let paths = workspace.dataset("a.npz").paths;
        paths.expect("the paths are known")
    };
    assert_eq!(
        extract(""),
        ["Folk/Björk – 音楽/song.wav", "Rock/000255.wav"]
    );
    workspace.write("m.csv", "path,genre\nRock/000255.wav,Rock\n");
    assert_eq!(extract("--manifest m.csv"), ["Rock/000255.wav"]);
}

#[test]
fn without_readable_audio_it_fails_and_writes_nothing() {
    let workspace = Workspace::new();
    workspace.write("music/Rock/1.mp3", "text");
    let run = workspace.tonearm("extract music --features mel --out a.npz");
    run.fails_with(1)
        .prints("none of the 1 files could be used: 1 unreadable");
    assert!(!workspace.path("a.npz").exists() && !workspace.path("a.npz.part").exists());

    let run = workspace.tonearm("extract nowhere --features mel --out a.npz");
    run.fails_with(1).prints("cannot list nowhere");
    fs::create_dir(workspace.path("nothing")).expect("the folder is writable");
    let run = workspace.tonearm("extract nothing --features mel --out a.npz");
    run.fails_with(1).prints("no audio files in nothing");
    let run = workspace.tonearm("extract music --features mel --out no/folder/a.npz");
    run.fails_with(1)
        .prints("cannot write no/folder/a.npz.part");
}

#[test]
fn the_order_of_given_labels_is_kept() {
    let workspace = Workspace::new();
    workspace.tone("music/Folk/1.wav", 220.0, 1.5);
    let arguments = [
        "extract",
        "music",
        "--features",
        "mel",
        "--out",
        "a.npz",
        "--labels",
        "g.json",
    ];
    workspace.write("g.json", r#"["Rock", "Folk", "Pop"]"#);
    workspace.run(&arguments).succeeds();
    assert_eq!(workspace.dataset("a.npz").y, [1]);

    workspace.write("g.json", r#"["Rock", "Pop"]"#);
    workspace
        .run(&arguments)
        .fails_with(1)
        .prints("the genre \"Folk\" is not in g.json");
    for broken in [r#"["Rock", "Rock"]"#, "[]", "{", r#"{"a": 1}"#] {
        workspace.write("g.json", broken);
        workspace
            .run(&arguments)
            .fails_with(1)
            .prints("g.json is not a JSON list of distinct genre names");
    }
}

#[test]
fn the_folders_of_gtzan_may_contain_wav_and_au() {
    let workspace = Workspace::new();
    workspace.tone("genres/blues/blues.00000.wav", 220.0, 2.0);
    let wav = workspace.tone("tone.wav", 330.0, 2.0);
    let reader = hound::WavReader::open(&wav).expect("the file is valid");
    let mut au = b".snd".to_vec();
    // Data from byte 24, of unknown size, 16-bit, 16 kHz, one channel.
    for word in [24, u32::MAX, 3, 16_000, 1] {
        au.extend(word.to_be_bytes());
    }
    for sample in reader.into_samples::<i16>() {
        au.extend(sample.expect("the file is valid").to_be_bytes());
    }
    workspace.write("genres/rock/rock.00001.au", &au);
    workspace.tone("genres/rock/rock.00002.wav", 330.0, 2.0);

    let line = "extract genres --features mel --out mel.npz --json";
    let summary = workspace.tonearm(line).succeeds().json();
    assert_eq!(summary["rows"], 3);
    assert_eq!(summary["ignored"], 0);
    assert_eq!(summary["labels"], json!(["blues", "rock"]));
    let data = workspace.dataset("mel.npz");
    let Values::U8(levels) = data.x else {
        panic!("mel features are stored as bytes")
    };
    let rows: Vec<&[u8]> = levels.chunks_exact(128 * 128).collect();
    assert_eq!(rows[1], rows[2], "au and wav with the same samples");
    assert_ne!(rows[0], rows[1]);
}
