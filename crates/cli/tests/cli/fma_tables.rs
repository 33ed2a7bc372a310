//! The FMA archive's tables: `echonest.csv` as rows to train on, and tables that are broken.

use std::fmt::Write;
use std::fs;

use crate::fma::{GENRES, TRACKS_HEADER};
use crate::studio::Studio;

/// As published, with one column of each group.
const ECHONEST_HEADER: &str = "\
,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest,echonest
,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,audio_features,metadata,social_features,temporal_features
,acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence,album_name,song_hotttnesss,000
track_id,,,,,,,,,,,
";

/// Two easy genres by 20 artists, and two tracks that have none.
fn archive() -> Studio {
    let studio = Studio::new();
    let (mut tracks, mut echonest) = (TRACKS_HEADER.to_owned(), ECHONEST_HEADER.to_owned());
    for track in 0..42 {
        let rock = track % 2 == 0;
        let (top, genres) = match (track, rock) {
            (40.., _) => ("", "\"[12, 17]\""),
            (_, true) => ("Rock", "[12]"),
            // Folk by way of the genre above.
            (_, false) => ("", "[103]"),
        };
        let artist = 1_000 + track / 2 * 2;
        writeln!(
            tracks,
            "{track},0,,{artist},Somebody,training,large,1,{top},{genres},T"
        )
        .expect("memory");
        let (level, noise) = (if rock { 0.8 } else { 0.2 }, f64::from(track % 7) / 100.0);
        let value = level + noise;
        writeln!(
            echonest,
            "{track},{value},{value},{value},{value},{value},{value},{},{value},\"An, album\",,0.5",
            100.0 * value
        )
        .expect("memory");
    }
    studio.write("fma_metadata/tracks.csv", tracks);
    studio.write("fma_metadata/echonest.csv", echonest);
    studio.write("fma_metadata/genres.csv", GENRES);
    studio
}

#[test]
fn the_echonest_table_of_the_archive_trains_and_evaluates() {
    let studio = archive();
    let data = "--data fma_metadata/echonest.csv";
    studio
        .tonearm(&format!(
            "train mlp {data} --grouped fma_metadata/echonest.csv --out mlp.bpk --epochs 5 --folds 2"
        ))
        .succeeds()
        .says("2 of 42 rows of fma_metadata/echonest.csv have no genre and are left out.");
    let run = studio.tonearm(&format!("evaluate --weights mlp.bpk {data} --json"));
    let figures = run.succeeds().json();
    let top1 = figures["top1"].as_f64().expect("a number");
    assert!(top1 > 0.9, "{top1}");
    let card = studio.tonearm("inspect mlp.bpk --json").succeeds().json();
    assert_eq!(card["labels"], serde_json::json!(["Folk", "Rock"]));
}

#[test]
fn broken_tables_beside_an_echonest_table_are_named() {
    let studio = archive();
    let says = |words: &str| {
        studio
            .tonearm("train mlp --data fma_metadata/echonest.csv --out none.bpk")
            .fails_with(1)
            .says(words);
    };
    let echonest = fs::read_to_string(studio.path("fma_metadata/echonest.csv")).expect("written");
    for (broken, words) in [
        (
            echonest.replacen(",tempo,", ",pace,", 1),
            "has no column \"echonest, audio_features, tempo\"",
        ),
        (
            echonest.replacen("track_id", "id", 1),
            "named in the fourth row",
        ),
        (ECHONEST_HEADER.into(), "no row of these genres"),
        (echonest[..300].into(), "cannot be read"),
        (echonest[..echonest.len() - 20].into(), "cannot be read"),
        (
            echonest.replacen("\n7,", "\nseven,", 1),
            "the track's id is \"seven\"",
        ),
        (echonest.replacen(",80,", ",fast,", 1), "tempo is \"fast\""),
    ] {
        studio.write("fma_metadata/echonest.csv", broken);
        says(words);
    }
    studio.write("fma_metadata/echonest.csv", echonest);
    fs::remove_file(studio.path("fma_metadata/tracks.csv")).expect("was written");
    says("the genres of fma_metadata/echonest.csv are read from the tables beside it");
    says("tracks.csv cannot be opened");
}

#[test]
fn broken_tables_of_the_archive_are_refused_in_a_sentence() {
    let studio = Studio::new();
    studio.tone("clips/000/000002.mp3", 220.0, 1.5);
    let header = TRACKS_HEADER;
    let row = "2,0,A,1,AWOL,training,small,1,Rock,[12],Food\n";
    let bytes = |text: &str| text.as_bytes().to_vec();
    let two_rows = header
        .strip_suffix("track_id,,,,,,,,,,\n")
        .expect("is last");
    let whole = format!("{header}{row}");
    let cases: [(Vec<u8>, &str); 13] = [
        (Vec::new(), "ends within the rows that name its columns"),
        (
            bytes(two_rows),
            "ends within the rows that name its columns",
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
            "named in the third row",
        ),
        (
            bytes(&whole[..whole.len() - 20]),
            "tracks.csv cannot be read",
        ),
        (
            bytes(&whole.replace(",A,", ",\"A,")),
            "tracks.csv cannot be read",
        ),
        (
            [whole.as_bytes(), b"3,\xe9\n"].concat(),
            "tracks.csv cannot be read",
        ),
        (
            bytes(&whole.replace("\n2,", "\ntwo,")),
            "line 4 of m/tracks.csv: the track's id is \"two\"",
        ),
        (
            bytes(&whole.replace(",1,AWOL", ",-1,AWOL")),
            "the artist's id is \"-1\"",
        ),
        (
            bytes(&whole.replace(",small,", ",tiny,")),
            "the subset is \"tiny\", not one of small, medium, large",
        ),
        (
            bytes(&whole.replace("Rock,[12]", ",[12")),
            "the genres are \"[12\", not a list such as [21, 103]",
        ),
        (
            bytes(&whole.replace("Rock,[12]", ",[99]")),
            "genres.csv does not have the genre 99",
        ),
    ];
    let says = |words: &str| {
        studio
            .tonearm("extract clips --fma m --features mel --out a.npz")
            .fails_with(1)
            .says(words);
    };
    studio.write("m/genres.csv", GENRES);
    for (table, words) in cases {
        studio.write("m/tracks.csv", table);
        says(words);
    }
    studio.write("m/tracks.csv", whole);
    for (genres, words) in [
        (
            GENRES.replace("top_level", "top"),
            "m/genres.csv has no column \"top_level\"",
        ),
        (
            GENRES.replace("\n12,", "\ntwelve,"),
            "line 3 of m/genres.csv: the genre's id is \"twelve\"",
        ),
        (GENRES.replace(",Rock,", ",,"), "the genre has no title"),
    ] {
        studio.write("m/genres.csv", genres);
        says(words);
    }
}
