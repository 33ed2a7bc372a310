//! `tonearm extract`, stopped and started again.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::studio::Studio;

#[test]
fn a_run_that_was_killed_goes_on_and_ends_the_same() {
    let studio = Studio::new();
    for index in 0..24 {
        studio.tone(
            &format!("music/Rock/{index}.wav"),
            200.0 + 10.0 * index as f32,
            3.0,
        );
    }
    let arguments = |out| {
        [
            "extract",
            "music",
            "--features",
            "mel",
            "--out",
            out,
            "--jobs",
            "1",
            "--json",
        ]
    };
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
        assert!(
            patience.elapsed() < Duration::from_secs(120),
            "no row was written"
        );
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("can be killed");
    child.wait().expect("has ended");
    assert!(
        !studio.path("killed.npz").exists(),
        "it was too quick to be killed"
    );

    let run = studio
        .run(&arguments("killed.npz"))
        .succeeds()
        .says("Going on");
    let summary = run.json();
    let resumed = summary["resumed"].as_u64().expect("a number");
    assert!((1..24).contains(&resumed), "{resumed}");
    assert_eq!(summary["rows"], 24);
    assert_eq!(studio.dataset("killed.npz"), studio.dataset("straight.npz"));
    assert!(!journal.exists());
}
