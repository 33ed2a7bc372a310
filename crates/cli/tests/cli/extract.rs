//! `tonearm extract`.

use std::fs;

use serde_json::json;
use tonearm::data::Values;

use crate::studio::{Studio, fixture};

#[test]
fn folders_become_labels_and_numbers_become_track_ids() {
    let studio = Studio::new();
    studio.tone("music/Rock/000255.wav", 220.0, 2.0);
    studio.tone("music/Folk/album/song.wav", 330.0, 2.0);
    studio.tone("music/stray.wav", 440.0, 2.0);
    studio.write("music/Rock/cover.jpg", "no audio by its name");
    studio.write("music/Rock/._000255.wav", "what a system leaves about");

    let run = studio.tonearm("extract music --features mel --out mel.npz --json");
    let summary = run
        .succeeds()
        .says("each file counts as an artist of its own")
        .json();
    assert_eq!(summary["rows"], 2);
    assert_eq!(summary["ignored"], 2);
    assert_eq!(summary["labels"], json!(["Folk", "Rock"]));
    assert_eq!(summary["artists_known"], false);
    assert_eq!(
        fs::read_to_string(studio.path("mel.genres.json")).expect("written"),
        r#"["Folk","Rock"]"#
    );

    let data = studio.dataset("mel.npz");
    assert_eq!((data.shape, &data.y[..]), ([128, 128], &[0, 1][..]));
    assert_eq!(data.track_id[1], 255);
    assert_ne!(data.artist_id[0], data.artist_id[1]);
    let Values::U8(levels) = data.x else {
        panic!("mel is stored as bytes")
    };
    assert_eq!(levels.iter().max(), Some(&255), "the loudest cell is white");
    assert!(
        !studio.path("mel.npz.part").exists(),
        "the journal goes once the rows are written"
    );
}

#[test]
fn mfcc_rows_are_half_precision_pieces_of_three_seconds() {
    let studio = Studio::new();
    studio.tone("music/Rock/1.wav", 220.0, 5.0);
    studio
        .tonearm("extract music --features mfcc --out mfcc.npz")
        .succeeds();
    let data = studio.dataset("mfcc.npz");
    assert_eq!(data.shape, [130, 20]);
    assert!(matches!(data.x, Values::F16(values) if values.len() == 2600));
}

#[test]
fn unreadable_files_are_listed_and_counted_and_the_others_are_done() {
    let studio = Studio::new();
    studio.tone("music/Rock/1.wav", 220.0, 2.0);
    studio.tone("music/Rock/2.wav", 220.0, 0.2);
    studio.tone("music/Rock/3.wav", 0.0, 2.0);
    studio.write(
        "music/Rock/4.mp3",
        "Dear diary, today I bought a record player.",
    );
    studio.write("music/Rock/5.mp3", []);
    let flac = fs::read(fixture("tone.flac")).expect("fixture");
    studio.write("music/Rock/6.flac", &flac[..100]);

    let run = studio
        .tonearm("extract music --features mel --out a.npz --json")
        .succeeds();
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
    assert!(
        reasons[2].starts_with("this is not an audio file"),
        "{reasons:?}"
    );
    assert_eq!(reasons[3], "the file is empty");
    run.says("4.mp3: this is not an audio file");
}

#[test]
fn with_nothing_to_read_it_fails_and_leaves_nothing() {
    let studio = Studio::new();
    studio.write("music/Rock/1.mp3", "text");
    let run = studio.tonearm("extract music --features mel --out a.npz");
    run.fails_with(1).says("none of the 1 files could be read");
    assert!(!studio.path("a.npz").exists() && !studio.path("a.npz.part").exists());

    let run = studio.tonearm("extract nowhere --features mel --out a.npz");
    run.fails_with(1).says("nowhere cannot be listed");
    fs::create_dir(studio.path("nothing")).expect("can be made");
    let run = studio.tonearm("extract nothing --features mel --out a.npz");
    run.fails_with(1).says("no audio files in nothing");
    let run = studio.tonearm("extract music --features mel --out no/folder/a.npz");
    run.fails_with(1).says("a.npz.part cannot be written");
}

#[test]
fn labels_that_are_given_keep_their_order() {
    let studio = Studio::new();
    studio.tone("music/Folk/1.wav", 220.0, 1.5);
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
    studio.write("g.json", r#"["Rock", "Folk", "Pop"]"#);
    studio.run(&arguments).succeeds();
    assert_eq!(studio.dataset("a.npz").y, [1]);

    studio.write("g.json", r#"["Rock", "Pop"]"#);
    studio
        .run(&arguments)
        .fails_with(1)
        .says("the genre \"Folk\" is not one of those in g.json");
    for broken in [r#"["Rock", "Rock"]"#, "[]", "{", r#"{"a": 1}"#] {
        studio.write("g.json", broken);
        studio
            .run(&arguments)
            .fails_with(1)
            .says("g.json is not a list of genres in JSON");
    }
}

#[test]
fn a_folder_of_genres_as_gtzan_has_it_may_hold_wav_and_au() {
    let studio = Studio::new();
    studio.tone("genres/blues/blues.00000.wav", 220.0, 2.0);
    let wav = studio.tone("tone.wav", 330.0, 2.0);
    let reader = hound::WavReader::open(&wav).expect("was just written");
    let mut au = b".snd".to_vec();
    // Sound from byte 24, of unknown size, 16 bit, 16 kHz, one channel.
    for word in [24, u32::MAX, 3, 16_000, 1] {
        au.extend(word.to_be_bytes());
    }
    for sample in reader.into_samples::<i16>() {
        au.extend(sample.expect("was just written").to_be_bytes());
    }
    studio.write("genres/rock/rock.00001.au", &au);
    studio.tone("genres/rock/rock.00002.wav", 330.0, 2.0);

    let line = "extract genres --features mel --out mel.npz --json";
    let summary = studio.tonearm(line).succeeds().json();
    assert_eq!(summary["rows"], 3);
    assert_eq!(summary["ignored"], 0);
    assert_eq!(summary["labels"], json!(["blues", "rock"]));
    let data = studio.dataset("mel.npz");
    let Values::U8(levels) = data.x else {
        panic!("mel is stored as bytes")
    };
    let rows: Vec<&[u8]> = levels.chunks_exact(128 * 128).collect();
    assert_eq!(rows[1], rows[2], "au and wav of the same sound");
    assert_ne!(rows[0], rows[1]);
}
