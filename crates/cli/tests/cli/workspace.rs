//! A temporary folder with generated audio, in which tests run the binary.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tonearm::data::Dataset;

use crate::temporary_folder::TemporaryFolder;

/// A temporary folder of one test, deleted at its end.
pub struct Workspace(TemporaryFolder);

impl Workspace {
    pub fn new() -> Self {
        Self(TemporaryFolder::new())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.0.write(name, bytes)
    }

    /// Writes a WAV file with a tone and two overtones, at 16 kHz.
    pub fn tone(&self, name: &str, hz: f32, seconds: f32) -> PathBuf {
        self.sound(name, 16_000, seconds, |t| {
            let phase = std::f32::consts::TAU * hz * t;
            0.3 * phase.sin() + 0.1 * (2.0 * phase).sin() + 0.05 * (3.0 * phase).sin()
        })
    }

    /// Writes a mono WAV file. `sample` returns the value in -1..1 at a time in seconds.
    pub fn sound(
        &self,
        name: &str,
        sample_rate: u32,
        seconds: f32,
        mut sample: impl FnMut(f32) -> f32,
    ) -> PathBuf {
        let path = self.write(name, []);
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).expect("the folder is writable");
        for index in 0..(seconds * sample_rate as f32) as u32 {
            let value = sample(index as f32 / sample_rate as f32);
            writer
                .write_sample((value * 32_767.0) as i16)
                .expect("the folder is writable");
        }
        writer.finalize().expect("the folder is writable");
        path
    }

    /// Reads an `.npz` file that the binary wrote.
    pub fn dataset(&self, name: &str) -> Dataset {
        let file = File::open(self.path(name)).expect("the file exists");
        Dataset::from_npz(file).expect("the archive is valid")
    }

    /// Runs the binary with the words of a line as arguments.
    pub fn tonearm(&self, line: &str) -> Run {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// The command that runs the binary in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tonearm"));
        command
            .args(arguments)
            .current_dir(&*self.0)
            .stdin(Stdio::null());
        command
    }

    /// Runs a shell command in this folder.
    #[cfg(unix)]
    pub fn shell(&self, line: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(&*self.0);
        Run(command.output().expect("the shell starts"))
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run(self.command(arguments).output().expect("the binary starts"))
    }
}

/// Exit code and output of the binary.
pub struct Run(Output);

impl Run {
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.0.status.code(), Some(0), "stderr: {}", self.stderr());
        self
    }

    #[track_caller]
    pub fn fails_with(self, code: i32) -> Self {
        assert_eq!(
            self.0.status.code(),
            Some(code),
            "stderr: {}",
            self.stderr()
        );
        assert!(!self.stderr().contains("panicked"), "{}", self.stderr());
        self
    }

    /// Checks that standard error contains `text`.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(
            self.stderr().contains(text),
            "expected \"{text}\" in: {}",
            self.stderr()
        );
        self
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("results are UTF-8")
    }

    /// Standard output as a single JSON object.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout()))
    }

    /// Standard output with one JSON object per line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.stdout().lines().map(parse).collect()
    }
}

/// Path of a file in `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// SHA-256 of a file's contents, as hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("paths in tests are UTF-8")
}
