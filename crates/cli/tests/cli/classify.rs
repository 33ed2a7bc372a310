//! Tests of `tonearm classify`.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::weights;
use crate::workspace::{Workspace, fixture, sha256, text};

#[test]
fn every_format_is_classified() {
    for name in ["tone.mp3", "tone.flac", "tone.ogg", "tone.m4a"] {
        let path = fixture(name);
        let run = weights::workspace()
            .run(&["classify", "--weights", "w.bpk", "--json", text(&path)])
            .succeeds();
        let object = run.json();
        assert_eq!(object["file"], text(&path));
        let label = object["label"].as_str().expect("a label");
        let probabilities = object["probabilities"].as_object().expect("a map");
        let sum: f64 = probabilities
            .values()
            .filter_map(|value| value.as_f64())
            .sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        let top = probabilities[label].as_f64().expect("a number");
        assert!(
            probabilities
                .values()
                .all(|value| value.as_f64().is_some_and(|value| value <= top))
        );
        assert_eq!(object["sample_rate"], 22_050);
        assert_eq!(object["looped"], true);
    }
}

#[test]
fn the_moments_cover_the_whole_file() {
    let workspace = Workspace::new();
    let song = workspace.tone("song.wav", 300.0, 30.0);
    let object = weights::workspace()
        .run(&["classify", "--weights", "w.bpk", "--json", text(&song)])
        .succeeds()
        .json();
    let timeline = object["timeline"].as_array().expect("a list");
    assert!(timeline.len() >= 12, "{}", timeline.len());
    assert_eq!(timeline[0]["start_seconds"], 0.0);
    for pair in timeline.windows(2) {
        assert_eq!(pair[0]["end_seconds"], pair[1]["start_seconds"]);
        assert!(pair[0]["probabilities"]["Low"].is_number());
    }
    assert_eq!(object["windows"].as_array().map(Vec::len), Some(1));
}

/// Address space in KiB for a command that must not load a whole file.
#[cfg(unix)]
const MEMORY_LIMIT_KIB: u32 = 1_500_000;

#[cfg(unix)]
#[test]
fn a_file_that_is_too_long_is_refused_before_it_fills_memory() {
    let workspace = Workspace::new();
    // 16 hours and 40 minutes of 8-bit samples at 1 kHz; resampled to 44.1 kHz they take 10.6 GB.
    let n_samples = 60_000_000_u32;
    let path = workspace.write("long.wav", wav_header(1_000, n_samples));
    let file = File::options().append(true).open(&path);
    let file = file.expect("the file exists");
    file.set_len(44 + u64::from(n_samples))
        .expect("the disk has space");

    let files = format!(
        "ulimit -v {MEMORY_LIMIT_KIB}; exec {} classify --json {} {}",
        env!("CARGO_BIN_EXE_tonearm"),
        text(&path),
        text(&fixture("tone.flac")),
    );
    let run = workspace.shell(&files).fails_with(1);
    let lines = run.json_lines();
    let error = lines[0]["error"].as_str().expect("the first is refused");
    assert!(
        error.ends_with("or more; a clip can last at most 3:00:00, so cut the audio into parts"),
        "{error}"
    );
    assert!(
        lines[1]["label"].is_string(),
        "the limit allows a short file"
    );
}

/// The header of a WAV file with one channel of 8 bits.
#[cfg(unix)]
fn wav_header(sample_rate: u32, n_samples: u32) -> Vec<u8> {
    let mut header = Vec::new();
    let mut put = |bytes: &[u8]| header.write_all(bytes).expect("writes to memory");
    put(b"RIFF");
    put(&(36 + n_samples).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&[1, 0, 1, 0]); // PCM, one channel
    put(&sample_rate.to_le_bytes());
    put(&sample_rate.to_le_bytes()); // bytes per second
    put(&[1, 0, 8, 0]); // bytes per frame, bits per sample
    put(b"data");
    put(&n_samples.to_le_bytes());
    header
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let workspace = Workspace::new();
    let good = workspace.tone("good.wav", 300.0, 2.0);
    let text_file = workspace.write("diary.mp3", "Dear diary, today I bought a record player.");
    let silent = workspace.tone("silent.wav", 0.0, 2.0);
    let short = workspace.tone("short.wav", 300.0, 0.2);
    let missing = workspace.path("missing.mp3");
    let files = [&text_file, &good, &missing, &short, &silent].map(|path| text(path));

    let arguments = [&["classify", "--weights", "w.bpk", "--json"][..], &files].concat();
    let run = weights::workspace().run(&arguments).fails_with(1);
    let lines = run.json_lines();
    assert_eq!(lines.len(), 5, "one line per file");
    for (line, file) in lines.iter().zip(files) {
        assert_eq!(line["file"], file);
    }
    assert!(
        lines[0]["error"]
            .as_str()
            .is_some_and(|error| error.starts_with("not readable audio (supported: "))
    );
    assert!(lines[1]["label"].is_string());
    assert!(
        lines[2]["error"]
            .as_str()
            .is_some_and(|error| error.starts_with("cannot open the file"))
    );
    assert!(
        lines[3]["error"].as_str().is_some_and(
            |error| error.contains("too short: 0.20 s; a clip needs at least 1 second")
        )
    );
    assert!(
        lines[4]["label"].is_null(),
        "silence has no genre and is not an error"
    );
    run.prints("diary.mp3: not readable audio (supported: ")
        .prints("3 of 5 files could not be classified");
}

#[test]
fn top_k_limits_the_number_of_genres() {
    let workspace = Workspace::new();
    let song = workspace.tone("song.wav", 300.0, 2.0);
    let arguments = ["classify", "--weights", "w.bpk", text(&song), "--top-k"];
    let rows = |k: &str| {
        let out = weights::workspace()
            .run(&[&arguments[..], &[k]].concat())
            .succeeds()
            .stdout();
        out.lines().filter(|line| line.contains('%')).count()
    };
    assert_eq!((rows("1"), rows("9")), (1, 2));
}

#[test]
fn the_built_in_weights_are_the_default() {
    let workspace = Workspace::new();
    let song = workspace.tone("song.wav", 300.0, 2.0);
    let object = workspace
        .run(&["classify", "--json", text(&song)])
        .succeeds()
        .json();
    assert_eq!(
        object["probabilities"].as_object().map(|map| map.len()),
        Some(8)
    );
    // The answer says what gave it.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let bytes = fs::read(root.join("pkg/weights/fusion.bpk")).expect("the file exists");
    assert_eq!(object["weights_sha256"], sha256(&bytes));
    assert_eq!(object["version"], env!("CARGO_PKG_VERSION"));
    assert!(object["network"].is_string(), "{object}");
}

#[test]
fn a_closed_standard_output_is_an_error_without_a_panic() {
    let workspace = Workspace::new();
    let song = workspace.tone("song.wav", 300.0, 2.0);
    let mut child = workspace
        .command(&["classify", "--json", text(&song)])
        .stdout(std::process::Stdio::piped())
        .stderr(fs::File::create(workspace.path("stderr")).expect("the folder is writable"))
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let status = child.wait().expect("the binary exits");
    assert_eq!(status.code(), Some(1));
    let stderr = fs::read_to_string(workspace.path("stderr")).expect("the file exists");
    assert!(
        stderr.contains("cannot write to standard output"),
        "{stderr}"
    );
    // The command stops, and does not blame the file.
    assert!(!stderr.contains("could not be classified"), "{stderr}");
}
