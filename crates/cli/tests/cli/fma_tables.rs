//! Tests of the FMA archive's tables: training on `echonest.csv`, and invalid tables.

use std::fmt::Write;
use std::fs;

use crate::fma::{GENRES, TRACKS_HEADER};
use crate::workspace::Workspace;

/// The published header, with one column of each group.
const ECHONEST_HEADER: &str = "\
,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest
,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,metadata,social_features,temporal_features
,acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence,album_name,song_hotttnesss,000
track_id,,,,,,,,,,,
";

/// Two easily separable genres by 20 artists, and two tracks without a genre.
fn archive() -> Workspace {
    let workspace = Workspace::new();
    let (mut tracks, mut echonest) = (TRACKS_HEADER.to_owned(), ECHONEST_HEADER.to_owned());
    for track in 0..42 {
        let rock = track % 2 == 0;
        let (top, genres) = match (track, rock) {
            (40.., _) => ("", "\"[12, 17]\""),
            (_, true) => ("Rock", "[12]"),
            // A subgenre of Folk.
            (_, false) => ("", "[103]"),
        };
        let artist = 1_000 + track / 2 * 2;
        writeln!(
            tracks,
            "{track},0,,{artist},Somebody,training,large,1,{top},{genres},T"
        )
        .expect("writes to memory");
        let (level, noise) = (if rock { 0.8 } else { 0.2 }, f64::from(track % 7) / 100.0);
        let value = level + noise;
        writeln!(
            echonest,
            "{track},{value},{value},{value},{value},{value},{value},{},{value},\"An, album\",,0.5",
            100.0 * value
        )
        .expect("writes to memory");
    }
    workspace.write("fma_metadata/tracks.csv", tracks);
    workspace.write("fma_metadata/echonest.csv", echonest);
    workspace.write("fma_metadata/genres.csv", GENRES);
    workspace
}

#[test]
fn a_network_is_trained_and_evaluated_on_echonest_csv() {
    let workspace = archive();
    let data = "--data fma_metadata/echonest.csv";
    workspace
        .tonearm(&format!(
            "train mlp {data} --grouped fma_metadata/echonest.csv --out mlp.bpk --epochs 5 --folds 2"
        ))
        .succeeds()
        .prints("left out 2 of 42 rows of fma_metadata/echonest.csv, because their tracks have no genre");
    let run = workspace.tonearm(&format!("evaluate --weights mlp.bpk {data} --json"));
    let figures = run.succeeds().json();
    let top1 = figures["top1"].as_f64().expect("a number");
    assert!(top1 > 0.9, "{top1}");
    let card = workspace
        .tonearm("inspect mlp.bpk --json")
        .succeeds()
        .json();
    assert_eq!(card["labels"], serde_json::json!(["Folk", "Rock"]));
}

#[test]
fn invalid_tables_around_echonest_csv_are_named() {
    let workspace = archive();
    let fails_with = |message: &str| {
        workspace
            .tonearm("train mlp --data fma_metadata/echonest.csv --out none.bpk")
            .fails_with(1)
            .prints(message);
    };
    let echonest =
        fs::read_to_string(workspace.path("fma_metadata/echonest.csv")).expect("the file exists");
    for (table, message) in [
        (
            echonest.replacen(",tempo,", ",pace,", 1),
            "has no column \"echonest, audio_features, tempo\"",
        ),
        (
            echonest.replacen("track_id", "id", 1),
            "has no \"track_id\" in the first column of its fourth row",
        ),
        (ECHONEST_HEADER.into(), "has no rows of the chosen genres"),
        (
            echonest[..300].into(),
            "cannot read fma_metadata/echonest.csv",
        ),
        (
            echonest[..echonest.len() - 20].into(),
            "cannot read fma_metadata/echonest.csv",
        ),
        (
            echonest.replacen("\n7,", "\nseven,", 1),
            "the track id is \"seven\", expected a non-negative integer",
        ),
        (
            echonest.replacen(",80,", ",fast,", 1),
            "tempo is \"fast\", not a number",
        ),
    ] {
        workspace.write("fma_metadata/echonest.csv", table);
        fails_with(message);
    }
    workspace.write("fma_metadata/echonest.csv", echonest);
    fs::remove_file(workspace.path("fma_metadata/tracks.csv")).expect("the file exists");
    fails_with("cannot read the genres of fma_metadata/echonest.csv");
    fails_with("cannot open fma_metadata/tracks.csv");
}

#[test]
fn invalid_tables_of_the_archive_are_refused() {
    let workspace = Workspace::new();
    workspace.tone("clips/000/000002.mp3", 220.0, 1.5);
    let header = TRACKS_HEADER;
    let row = "2,0,A,1,AWOL,training,small,1,Rock,[12],Food\n";
    let bytes = |text: &str| text.as_bytes().to_vec();
    let two_rows = header
        .strip_suffix("track_id,,,,,,,,,,\n")
        .expect("it is the last row");
    let whole = format!("{header}{row}");
    let cases: [(Vec<u8>, &str); 13] = [
        (Vec::new(), "m/tracks.csv ends within its 3 header rows"),
        (
            bytes(two_rows),
            "m/tracks.csv ends within its 3 header rows",
        ),
        (
            bytes(&whole.replace("genre_top", "genre")),
            "has no column \"track, genre_top\"",
        ),
        (
            bytes(&whole.replace(",split,", ",part,")),
            "has no column \"set, split\"",
        ),
        (
            bytes(&whole.replace("track_id", "id")),
            "has no \"track_id\" in the first column of its third row",
        ),
        (
            bytes(&whole[..whole.len() - 20]),
            "cannot read m/tracks.csv",
        ),
        (
            bytes(&whole.replace(",A,", ",\"A,")),
            "cannot read m/tracks.csv",
        ),
        (
            [whole.as_bytes(), b"3,\xe9\n"].concat(),
            "cannot read m/tracks.csv",
        ),
        (
            bytes(&whole.replace("\n2,", "\ntwo,")),
            "line 4 of m/tracks.csv: the track id is \"two\"",
        ),
        (
            bytes(&whole.replace(",1,AWOL", ",-1,AWOL")),
            "the artist id is \"-1\"",
        ),
        (
            bytes(&whole.replace(",small,", ",tiny,")),
            "the subset is \"tiny\", expected one of small, medium, large",
        ),
        (
            bytes(&whole.replace("Rock,[12]", ",[12")),
            "the genres are \"[12\", expected a list such as [21, 103]",
        ),
        (
            bytes(&whole.replace("Rock,[12]", ",[99]")),
            "genres.csv has no genre with the id 99",
        ),
    ];
    let fails_with = |message: &str| {
        workspace
            .tonearm("extract clips --fma m --features mel --out a.npz")
            .fails_with(1)
            .prints(message);
    };
    workspace.write("m/genres.csv", GENRES);
    for (table, message) in cases {
        workspace.write("m/tracks.csv", table);
        fails_with(message);
    }
    workspace.write("m/tracks.csv", whole);
    for (genres, message) in [
        (
            GENRES.replace("top_level", "top"),
            "m/genres.csv has no column \"top_level\"",
        ),
        (
            GENRES.replace("\n12,", "\ntwelve,"),
            "line 3 of m/genres.csv: the genre id is \"twelve\"",
        ),
        (GENRES.replace(",Rock,", ",,"), "the genre has no title"),
    ] {
        workspace.write("m/genres.csv", genres);
        fails_with(message);
    }
}
