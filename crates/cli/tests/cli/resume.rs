//! Tests of resuming `tonearm extract`.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::workspace::Workspace;

#[test]
fn a_killed_run_resumes_and_gives_the_same_result() {
    let workspace = Workspace::new();
    for index in 0..24 {
        workspace.tone(
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
    workspace.run(&arguments("straight.npz")).succeeds();

    let mut child = workspace
        .command(&arguments("killed.npz"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let journal = workspace.path("killed.npz.part");
    let started = Instant::now();
    while fs::metadata(&journal).map_or(0, |metadata| metadata.len()) < 3 * 128 * 128 {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "no row was written"
        );
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("the process is running");
    child.wait().expect("the process has exited");
    assert!(
        !workspace.path("killed.npz").exists(),
        "the run ended before it was killed"
    );

    let run = workspace
        .run(&arguments("killed.npz"))
        .succeeds()
        .prints("Resuming: ");
    let summary = run.json();
    let resumed = summary["resumed"].as_u64().expect("a number");
    assert!((1..24).contains(&resumed), "{resumed}");
    assert_eq!(summary["rows"], 24);
    assert_eq!(
        workspace.dataset("killed.npz"),
        workspace.dataset("straight.npz")
    );
    assert!(!journal.exists());
}
