//! What every command shares: exit codes and where words go.

use crate::studio::{Studio, text};

#[test]
fn wrong_usage_ends_with_2() {
    let studio = Studio::new();
    studio.tonearm("extract").fails_with(2);
    studio
        .tonearm("extract music --features smell --out a.npz")
        .fails_with(2)
        .says("mel");
    studio
        .tonearm("extract music --features mel --out a.npz --jobs 0")
        .fails_with(2);
    studio.tonearm("classify").fails_with(2);
    studio.tonearm("dance").fails_with(2);
}

#[test]
fn help_and_version_are_results() {
    let studio = Studio::new();
    let help = studio.tonearm("--help").succeeds().stdout();
    for command in [
        "extract", "train", "evaluate", "compare", "classify", "inspect",
    ] {
        assert!(help.contains(command), "{help}");
    }
    assert!(
        studio
            .tonearm("--version")
            .succeeds()
            .stdout()
            .starts_with("tonearm ")
    );
}

#[test]
fn time_says_what_decoding_took_and_what_the_rest() {
    let studio = Studio::new();
    let song = studio.tone("music/Rock/song.wav", 300.0, 30.0);
    studio
        .run(&["classify", "--time", text(&song)])
        .succeeds()
        .says("song.wav: decoding 0.")
        .says(" s, classifying ");
    studio
        .tonearm("extract music --features mfcc --out a.npz --time")
        .succeeds()
        .says("decoding 0.")
        .says(" s, features 0.");
}
