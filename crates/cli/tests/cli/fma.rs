//! Tests of `tonearm extract --fma`, on a small archive in the layout of the published one.

use std::fs;

use serde_json::json;

use crate::workspace::Workspace;

/// The published header: groups, then fields, then the name of the index column.
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

/// Rows with commas, quotes and line breaks in cells, every subset and set, and genres with the same and
/// different top-level genres.
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

/// Clips of the published archive with at most a second of audio.
const BAD: [&str; 6] = ["098565", "098567", "098569", "099134", "108925", "133297"];

/// An archive in which all tracks but the last have files.
fn archive() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("fma_metadata/tracks.csv", format!("{TRACKS_HEADER}{ROWS}"));
    workspace.write("fma_metadata/genres.csv", GENRES);
    for name in [
        "000/000002",
        "000/000003",
        "000/000005",
        "000/000010",
        "000/000020",
    ] {
        workspace.tone(&format!("fma_small/{name}.mp3"), 220.0, 1.5);
    }
    for name in BAD {
        workspace.tone(&format!("fma_small/{}/{name}.mp3", &name[..3]), 220.0, 1.5);
    }
    workspace
}

const EXTRACT: &str = "extract fma_small --fma fma_metadata --features mel --out mel.npz --json";

#[test]
fn genres_artists_and_track_ids_come_from_the_archive() {
    let workspace = archive();
    let run = workspace.tonearm(EXTRACT).succeeds();
    let summary = run.json();
    assert_eq!(summary["rows"], 3);
    assert_eq!(summary["labels"], json!(["Hip-Hop", "Pop", "Rock"]));
    assert_eq!(summary["artists_known"], true);
    assert_eq!(summary["unreadable"], json!([]));

    let data = workspace.dataset("mel.npz");
    assert_eq!(data.track_id, [2, 3, 5]);
    assert_eq!(data.artist_id, [1, 4, 4]);
    assert_eq!(
        data.y,
        [0, 2, 1],
        "both genres of track 5 have the top-level genre Pop"
    );
}

#[test]
fn tracks_that_are_left_out_are_reported() {
    let run = archive().tonearm(EXTRACT).succeeds();
    assert!(!run.stderr().contains("separate artist"));
    let mut run = run
        .prints("left out 1 tracks without a file in fma_small (155320)")
        .prints("left out 2 tracks without one top-level genre (000010, 000020)");
    for name in BAD {
        run = run.prints(&format!(
            "left out fma_small/{}/{name}.mp3, a clip known to be broken",
            &name[..3]
        ));
    }
}

#[test]
fn a_subset_contains_the_smaller_ones_and_the_sets_are_disjoint() {
    let workspace = archive();
    for (choice, tracks) in [
        ("--subset small", &[2, 3][..]),
        ("--subset medium", &[2, 3, 5]),
        ("--subset large", &[2, 3, 5]),
        ("--set training", &[2]),
        ("--set validation", &[3]),
        ("--subset medium --set test", &[5]),
    ] {
        workspace.tonearm(&format!("{EXTRACT} {choice}")).succeeds();
        assert_eq!(workspace.dataset("mel.npz").track_id, tracks, "{choice}");
    }
    workspace
        .tonearm(&format!("{EXTRACT} --subset small --set test"))
        .fails_with(1)
        .prints("none of the 0 selected tracks has both a genre and a file such as");
    fs::create_dir(workspace.path("elsewhere")).expect("the folder is writable");
    workspace
        .tonearm("extract elsewhere --fma fma_metadata --features mel --out a.npz")
        .fails_with(1)
        .prints("left out 12 tracks without a file in elsewhere (000002, 000003, 000005, 000010, 000020, ...)")
        .prints("none of the 12 selected tracks");
}

#[test]
fn options_of_the_archive_require_fma() {
    let workspace = archive();
    let extract = "extract fma_small --features mel --out a.npz";
    for wrong in [
        "--subset small",
        "--set test",
        "--fma fma_metadata --manifest m.csv",
        "--fma fma_metadata --subset tiny",
    ] {
        workspace
            .tonearm(&format!("{extract} {wrong}"))
            .fails_with(2);
    }
}
