//! `tonearm extract --manifest`.

use crate::studio::Studio;

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
    let run = studio.tonearm("extract music --features mel --out a.npz --manifest m.csv --json");
    let run = run.succeeds();
    assert!(!run.stderr().contains("artist of its own"));
    assert_eq!(run.json()["artists_known"], true);

    let data = studio.dataset("a.npz");
    assert_eq!(
        (&data.y[..], &data.track_id[..]),
        (&[0, 1, 0, 0][..], &[1, 2, 3, 4][..])
    );
    assert_eq!(data.artist_id[0], data.artist_id[1]);
    assert_eq!(data.artist_id[2..], [19_461, 7]);
}

#[test]
fn a_broken_manifest_is_refused_in_a_sentence() {
    let studio = Studio::new();
    studio.tone("music/1.wav", 220.0, 1.5);
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
        ("no-genre", b"path,genre\n1.wav,\n", "line 2"),
        ("ragged", b"path,genre\n1.wav\n", "cannot be read"),
        ("latin-1", b"path,genre\n1.wav,Chor\xe9\n", "cannot be read"),
    ];
    for (name, csv, words) in cases {
        studio.write("m.csv", csv);
        let run = studio.tonearm("extract music --features mel --out a.npz --manifest m.csv");
        assert!(
            run.fails_with(1).says("m.csv").stderr().contains(words),
            "{name}"
        );
    }
    let run = studio.tonearm("extract music --features mel --out a.npz --manifest none.csv");
    run.fails_with(1).says("none.csv cannot be opened");
}
