//! `tonearm extract --fma`, on a small archive of the shape of the published one.

use std::fs;

use serde_json::json;

use crate::studio::Studio;

/// As published: groups, then fields, then the name of the first column.
pub const TRACKS_HEADER: &str = "\
,album,album,artist,artist,set,set,track,track,track,track
,comments,title,id,name,split,subset,bit_rate,genre_top,genres,title
track_id,,,,,,,,,,
";

pub const GENRES: &str = "\
genre_id,#tracks,parent,title,top_level
10,13845,0,Pop,10
12,32923,0,Rock,12
17,12706,0,Folk,17
21,8389,0,Hip-Hop,21
76,7268,10,Experimental Pop,10
103,2275,17,Singer-Songwriter,17
\"267\",93,76,\"Synth Pop, of all kinds\",10
";

/// Commas, quotes and line ends in cells, every subset and set, genres that agree and that do not.
const ROWS: &str = "\
2,0,\"AWOL - A Way Of Life\",1,AWOL,training,small,256000,Hip-Hop,[21],Food
3,0,\"Live, at the \"\"Barn\"\"
(second
night)\",4,\"Nicky, Cook\",validation,small,256000,Rock,\"[12, 103]\",Electric Ave
5,1,,4,\"Nicky, Cook\",test,medium,256000,,\"[76, 267]\",This World
10,0,Constant Hitmaker,6,Kurt Vile,test,large,192000,,\"[76, 103]\",Freeway
20,0,,7,Nobody,training,large,192000,,[],Untitled
98565,0,,8,Short,training,small,192000,Pop,[10],A second of it
98567,0,,8,Short,training,small,192000,Pop,[10],A second of it
98569,0,,8,Short,training,small,192000,Pop,[10],A second of it
99134,0,,8,Short,training,small,192000,Pop,[10],A second of it
108925,0,,8,Short,training,small,192000,Pop,[10],A second of it
133297,0,,8,Short,training,small,192000,Pop,[10],A second of it
155320,0,,9,Last,training,small,192000,Pop,[10],Not in this folder
";

/// Clips of the published archive that hold a second or less.
const BAD: [&str; 6] = ["098565", "098567", "098569", "099134", "108925", "133297"];

/// An archive whose tracks have files, but for the last.
fn archive() -> Studio {
    let studio = Studio::new();
    studio.write("fma_metadata/tracks.csv", format!("{TRACKS_HEADER}{ROWS}"));
    studio.write("fma_metadata/genres.csv", GENRES);
    for name in [
        "000/000002",
        "000/000003",
        "000/000005",
        "000/000010",
        "000/000020",
    ] {
        studio.tone(&format!("fma_small/{name}.mp3"), 220.0, 1.5);
    }
    for name in BAD {
        studio.tone(&format!("fma_small/{}/{name}.mp3", &name[..3]), 220.0, 1.5);
    }
    studio
}

const EXTRACT: &str = "extract fma_small --fma fma_metadata --features mel --out mel.npz --json";

#[test]
fn the_archive_gives_genres_artists_and_track_ids() {
    let studio = archive();
    let run = studio.tonearm(EXTRACT).succeeds();
    let summary = run.json();
    assert_eq!(summary["rows"], 3);
    assert_eq!(summary["labels"], json!(["Hip-Hop", "Pop", "Rock"]));
    assert_eq!(summary["artists_known"], true);
    assert_eq!(summary["unreadable"], json!([]));

    let data = studio.dataset("mel.npz");
    assert_eq!(data.track_id, [2, 3, 5]);
    assert_eq!(data.artist_id, [1, 4, 4]);
    assert_eq!(data.y, [0, 2, 1], "track 5 has two kinds of pop");
}

#[test]
fn what_is_left_out_of_the_archive_is_said() {
    let run = archive().tonearm(EXTRACT).succeeds();
    assert!(!run.stderr().contains("artist of its own"));
    let mut run = run
        .says("Left out, without a file in fma_small: 1 tracks (155320).")
        .says("Left out, without one top-level genre: 2 tracks (000010, 000020).");
    for name in BAD {
        run = run.says(&format!(
            "{name}.mp3: left out, the clip is known to be broken"
        ));
    }
}

#[test]
fn a_subset_holds_those_before_it_and_the_sets_are_apart() {
    let studio = archive();
    for (choice, tracks) in [
        ("--subset small", &[2, 3][..]),
        ("--subset medium", &[2, 3, 5]),
        ("--subset large", &[2, 3, 5]),
        ("--set training", &[2]),
        ("--set validation", &[3]),
        ("--subset medium --set test", &[5]),
    ] {
        studio.tonearm(&format!("{EXTRACT} {choice}")).succeeds();
        assert_eq!(studio.dataset("mel.npz").track_id, tracks, "{choice}");
    }
    studio
        .tonearm(&format!("{EXTRACT} --subset small --set test"))
        .fails_with(1)
        .says("none of the 0 tracks chosen has a genre and a file such as");
    fs::create_dir(studio.path("elsewhere")).expect("can be made");
    studio
        .tonearm("extract elsewhere --fma fma_metadata --features mel --out a.npz")
        .fails_with(1)
        .says("12 tracks (000002, 000003, 000005, 000010, 000020, ...)")
        .says("none of the 12 tracks chosen");
}

#[test]
fn words_about_the_archive_need_the_archive() {
    let studio = archive();
    let extract = "extract fma_small --features mel --out a.npz";
    for wrong in [
        "--subset small",
        "--set test",
        "--fma fma_metadata --manifest m.csv",
        "--fma fma_metadata --subset tiny",
    ] {
        studio.tonearm(&format!("{extract} {wrong}")).fails_with(2);
    }
}
