//! `tonearm extract`.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tonearm::dataset::{Dataset, Values};

use crate::studio::{Studio, fixture};

fn dataset(studio: &Studio, name: &str) -> Dataset {
    Dataset::from_npz(&fs::read(studio.path(name)).expect("was written")).expect("is sound")
}

#[test]
fn folders_become_labels_and_numbers_become_track_ids() {
    let studio = Studio::new();
    studio.tone("music/Rock/000255.wav", 220.0, 2.0);
    studio.tone("music/Folk/album/song.wav", 330.0, 2.0);
    studio.tone("music/stray.wav", 440.0, 2.0);
    studio.write("music/Rock/cover.jpg", "no audio by its name");
    studio.write("music/Rock/._000255.wav", "what a system leaves about");

    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "mel.npz", "--json"]);
    let summary = run.succeeds().says("each file counts as an artist of its own").json();
    assert_eq!(summary["rows"], 2);
    assert_eq!(summary["ignored"], 2);
    assert_eq!(summary["labels"], json!(["Folk", "Rock"]));
    assert_eq!(summary["artists_known"], false);
    assert_eq!(fs::read_to_string(studio.path("mel.genres.json")).expect("written"), r#"["Folk","Rock"]"#);

    let data = dataset(&studio, "mel.npz");
    assert_eq!((data.shape, &data.y[..]), ([128, 128], &[0, 1][..]));
    assert_eq!(data.track_id[1], 255);
    assert_ne!(data.artist_id[0], data.artist_id[1]);
    let Values::Grey(levels) = data.x else { panic!("mel is stored as bytes") };
    assert_eq!(levels.iter().max(), Some(&255), "the loudest cell is white");
    assert!(!studio.path("mel.npz.part").exists(), "the journal goes once the rows are written");
}

#[test]
fn mfcc_rows_are_half_precision_pieces_of_three_seconds() {
    let studio = Studio::new();
    studio.tone("music/Rock/1.wav", 220.0, 5.0);
    studio.run(&["extract", "music", "--features", "mfcc", "--out", "mfcc.npz"]).succeeds();
    let data = dataset(&studio, "mfcc.npz");
    assert_eq!(data.shape, [130, 20]);
    assert!(matches!(data.x, Values::Half(values) if values.len() == 2600));
}

#[test]
fn a_manifest_names_paths_genres_and_artists() {
    let studio = Studio::new();
    for name in ["1.wav", "2.wav", "3.wav", "4.wav"] {
        studio.tone(&format!("music/{name}"), 220.0, 1.5);
    }
    studio.write(
        "m.csv",
        "artist, path, genre\nThe Beatles,1.wav,Pop\nThe Beatles,2.wav,Rock\n19461,3.wav,Pop\n7,4.wav,Pop\n",
    );
    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz", "--manifest", "m.csv", "--json"]);
    let run = run.succeeds();
    assert!(!run.stderr().contains("artist of its own"));
    assert_eq!(run.json()["artists_known"], true);

    let data = dataset(&studio, "a.npz");
    assert_eq!((&data.y[..], &data.track_id[..]), (&[0, 1, 0, 0][..], &[1, 2, 3, 4][..]));
    assert_eq!(data.artist_id[0], data.artist_id[1]);
    assert_eq!(data.artist_id[2..], [19_461, 7]);
}

#[test]
fn a_broken_manifest_is_refused_in_a_sentence() {
    let studio = Studio::new();
    studio.tone("music/1.wav", 220.0, 1.5);
    let cases: [(&str, &[u8], &str); 6] = [
        ("no-genre-column", b"path,artist\n1.wav,x\n", "no column \"genre\""),
        ("no-path-column", b"file,genre\n1.wav,x\n", "no column \"path\""),
        ("empty", b"", "no column \"path\""),
        ("no-genre", b"path,genre\n1.wav,\n", "line 2"),
        ("ragged", b"path,genre\n1.wav\n", "cannot be read"),
        ("latin-1", b"path,genre\n1.wav,Chor\xe9\n", "cannot be read"),
    ];
    for (name, csv, words) in cases {
        studio.write("m.csv", csv);
        let run = studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz", "--manifest", "m.csv"]);
        assert!(run.fails_with(1).says("m.csv").stderr().contains(words), "{name}");
    }
    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz", "--manifest", "none.csv"]);
    run.fails_with(1).says("none.csv cannot be opened");
}

#[test]
fn unreadable_files_are_listed_and_counted_and_the_others_are_done() {
    let studio = Studio::new();
    studio.tone("music/Rock/1.wav", 220.0, 2.0);
    studio.tone("music/Rock/2.wav", 220.0, 0.2);
    studio.tone("music/Rock/3.wav", 0.0, 2.0);
    studio.write("music/Rock/4.mp3", "Dear diary, today I bought a record player.");
    studio.write("music/Rock/5.mp3", []);
    let flac = fs::read(fixture("tone.flac")).expect("fixture");
    studio.write("music/Rock/6.flac", &flac[..100]);

    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz", "--json"]).succeeds();
    let summary = run.json();
    assert_eq!(summary["rows"], 1);
    let reasons: Vec<&str> = summary["unreadable"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|failure| failure["error"].as_str().expect("a sentence"))
        .collect();
    assert_eq!(reasons.len(), 5, "{reasons:?}");
    assert!(reasons[0].contains("at least 1 s"), "{reasons:?}");
    assert_eq!(reasons[1], "the file is silent");
    assert!(reasons[2].starts_with("this is not an audio file"), "{reasons:?}");
    assert_eq!(reasons[3], "the file is empty");
    run.says("4.mp3: this is not an audio file");
}

#[test]
fn with_nothing_to_read_it_fails_and_leaves_nothing() {
    let studio = Studio::new();
    studio.write("music/Rock/1.mp3", "text");
    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz"]);
    run.fails_with(1).says("none of the 1 files could be read");
    assert!(!studio.path("a.npz").exists() && !studio.path("a.npz.part").exists());

    let run = studio.run(&["extract", "nowhere", "--features", "mel", "--out", "a.npz"]);
    run.fails_with(1).says("nowhere cannot be listed");
    fs::create_dir(studio.path("nothing")).expect("can be made");
    let run = studio.run(&["extract", "nothing", "--features", "mel", "--out", "a.npz"]);
    run.fails_with(1).says("no audio files in nothing");
    let run = studio.run(&["extract", "music", "--features", "mel", "--out", "no/folder/a.npz"]);
    run.fails_with(1).says("a.npz.part cannot be written");
}

#[test]
fn labels_that_are_given_keep_their_order() {
    let studio = Studio::new();
    studio.tone("music/Folk/1.wav", 220.0, 1.5);
    let arguments = ["extract", "music", "--features", "mel", "--out", "a.npz", "--labels", "g.json"];
    studio.write("g.json", r#"["Rock", "Folk", "Pop"]"#);
    studio.run(&arguments).succeeds();
    assert_eq!(dataset(&studio, "a.npz").y, [1]);

    studio.write("g.json", r#"["Rock", "Pop"]"#);
    studio.run(&arguments).fails_with(1).says("the genre \"Folk\" is not one of those in g.json");
    for broken in [r#"["Rock", "Rock"]"#, "[]", "{", r#"{"a": 1}"#] {
        studio.write("g.json", broken);
        studio.run(&arguments).fails_with(1).says("g.json is not a list of genres in JSON");
    }
}

#[test]
fn a_run_that_was_killed_goes_on_and_ends_the_same() {
    let studio = Studio::new();
    for index in 0..24 {
        studio.tone(&format!("music/Rock/{index}.wav"), 200.0 + 10.0 * index as f32, 3.0);
    }
    let arguments = |out| ["extract", "music", "--features", "mel", "--out", out, "--jobs", "1", "--json"];
    studio.run(&arguments("straight.npz")).succeeds();

    let mut child = studio
        .command(&arguments("killed.npz"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let journal = studio.path("killed.npz.part");
    let patience = Instant::now();
    while fs::metadata(&journal).map_or(0, |metadata| metadata.len()) < 3 * 128 * 128 {
        assert!(patience.elapsed() < Duration::from_secs(120), "no row was written");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("can be killed");
    child.wait().expect("has ended");
    assert!(!studio.path("killed.npz").exists(), "it was too quick to be killed");

    let run = studio.run(&arguments("killed.npz")).succeeds().says("Going on");
    let summary = run.json();
    let resumed = summary["resumed"].as_u64().expect("a number");
    assert!((1..24).contains(&resumed), "{resumed}");
    assert_eq!(summary["rows"], 24);
    assert_eq!(dataset(&studio, "killed.npz"), dataset(&studio, "straight.npz"));
    assert!(!journal.exists());
}

#[test]
fn wrong_usage_ends_with_2() {
    let studio = Studio::new();
    studio.run(&["extract"]).fails_with(2);
    studio.run(&["extract", "music", "--features", "smell", "--out", "a.npz"]).fails_with(2).says("mel");
    studio.run(&["extract", "music", "--features", "mel", "--out", "a.npz", "--jobs", "0"]).fails_with(2);
    studio.run(&["classify"]).fails_with(2);
    studio.run(&["dance"]).fails_with(2);
}
