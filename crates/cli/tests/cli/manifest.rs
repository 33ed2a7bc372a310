//! Tests of `tonearm extract --manifest`.

use crate::workspace::Workspace;

#[test]
fn a_manifest_gives_paths_genres_and_artists() {
    let workspace = Workspace::new();
    for name in ["1.wav", "2.wav", "3.wav", "4.wav"] {
        workspace.tone(&format!("music/{name}"), 220.0, 1.5);
    }
    workspace.write(
        "m.csv",
        "artist, path, genre\nThe Beatles,1.wav,Pop\nThe Beatles,2.wav,Rock\n19461,3.wav,Pop\n7,4.wav,Pop\n",
    );
    let run = workspace.tonearm("extract music --features mel --out a.npz --manifest m.csv --json");
    let run = run.succeeds();
    assert!(!run.stderr().contains("separate artist"));
    assert_eq!(run.json()["artists_known"], true);

    let data = workspace.dataset("a.npz");
    assert_eq!(
        (&data.y[..], &data.track_id[..]),
        (&[0, 1, 0, 0][..], &[1, 2, 3, 4][..])
    );
    assert_eq!(data.artist_id[0], data.artist_id[1]);
    assert_eq!(data.artist_id[2..], [19_461, 7]);
}

#[test]
fn an_invalid_manifest_is_refused() {
    let workspace = Workspace::new();
    workspace.tone("music/1.wav", 220.0, 1.5);
    let cases: [(&str, &[u8], &str); 6] = [
        (
            "no-genre-column",
            b"path,artist\n1.wav,x\n",
            "no column \"genre\"",
        ),
        (
            "no-path-column",
            b"file,genre\n1.wav,x\n",
            "no column \"path\"",
        ),
        ("empty", b"", "no column \"path\""),
        (
            "no-genre",
            b"path,genre\n1.wav,\n",
            "line 2 of m.csv: the genre is empty",
        ),
        (
            "ragged",
            b"path,genre\n1.wav\n",
            "cannot read the manifest m.csv",
        ),
        (
            "latin-1",
            b"path,genre\n1.wav,Chor\xe9\n",
            "cannot read the manifest m.csv",
        ),
    ];
    for (name, csv, message) in cases {
        workspace.write("m.csv", csv);
        let run = workspace.tonearm("extract music --features mel --out a.npz --manifest m.csv");
        assert!(
            run.fails_with(1).prints("m.csv").stderr().contains(message),
            "{name}"
        );
    }
    let run = workspace.tonearm("extract music --features mel --out a.npz --manifest none.csv");
    run.fails_with(1)
        .prints("cannot open the manifest none.csv");
}
