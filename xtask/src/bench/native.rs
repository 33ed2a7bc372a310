//! The benchmark that compares the binary with librosa, on the same clips and cores.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::golden;
use crate::project::{CORE_AND_BINARY, Project, output, run};

/// Name of the benchmark.
pub const NAME: &str = "native";

/// Number of rounds. Both take turns in each round, so that other load on the machine affects both.
const ROUNDS: usize = 5;

/// Target for the speed of the binary, relative to librosa.
const TARGET: u32 = 10;

/// Computes the features of synthetic clips with both, and prints a Markdown table of clips per second.
pub fn measure(project: &Project) -> Result<()> {
    let python = golden::python(project)?;
    let script = |what: &str, folder: &Path| {
        let mut script = Command::new(&python);
        script.current_dir(&project.root);
        script.arg("benches/native.py").arg(what).arg(folder);
        script
    };
    run(project
        .cargo()
        // Tests are included because they add features of Burn; otherwise it would be built twice.
        .args(["build", "--release", "--bins", "--tests"])
        .args(CORE_AND_BINARY))?;
    let folder = project.cache().join("clips");
    if !folder.exists() {
        run(&mut script("--make", &folder))?;
    }
    let n_clips = fs::read_dir(&folder)?
        .map(|genre| Ok(fs::read_dir(genre?.path())?.count()))
        .sum::<Result<usize>>()?;

    let mut rows = Vec::new();
    for features in ["mel", "mfcc"] {
        let (mut tonearm, mut librosa): (Vec<Timing>, Vec<Timing>) = Default::default();
        for _ in 0..ROUNDS {
            tonearm.push(extract(project, features, &folder)?);
            let (total, decoding) = parse_pair(&output(&mut script(features, &folder))?)
                .context("benches/native.py printed no times")?;
            librosa.push(Timing { total, decoding });
        }
        let clips = |timings: &[Timing]| n_clips as f64 / median(timings, |t| t.total);
        let percent = |timings: &[Timing]| 100.0 * median(timings, |t| t.decoding / t.total);
        let rest = |timings: &[Timing]| median(timings, |t| t.total - t.decoding);
        rows.push(format!(
            "| {features} | {:.1} | {:.0} % | {:.1} | {:.0} % | {:.1} | {:.1} | {TARGET} |",
            clips(&tonearm),
            percent(&tonearm),
            clips(&librosa),
            percent(&librosa),
            rest(&librosa) / rest(&tonearm),
            clips(&tonearm) / clips(&librosa)
        ));
    }
    let mut tracks = Vec::new();
    for _ in 0..ROUNDS {
        tracks.extend(classify(project, &folder)?);
    }

    println!(
        "\nClips per second for {n_clips} clips of 30 s, mp3, 44.1 kHz, stereo, with one process or thread per core."
    );
    println!(
        "Medians of {ROUNDS} rounds. The time of the binary includes its start; that of librosa excludes imports.\n"
    );
    println!(
        "| features | tonearm extract, clips/s | share of decoding | librosa 0.11, clips/s | share of decoding | speed relative to librosa, without decoding | speed relative to librosa | target |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: |");
    println!("{}", rows.join("\n"));
    println!(
        "\n`tonearm classify` takes {:.0} ms per clip, of which decoding takes {:.0} %, without its start.",
        1000.0 * median(&tracks, |t| t.total),
        100.0 * median(&tracks, |t| t.decoding / t.total)
    );
    Ok(())
}

/// Durations in seconds.
struct Timing {
    /// Total, including decoding.
    total: f64,
    decoding: f64,
}

/// Time of `tonearm extract` from its start to its exit. The decoding time is estimated from its share in
/// the times of all threads.
fn extract(project: &Project, features: &str, clips: &Path) -> Result<Timing> {
    let out = project.cache().join(format!("clips-{features}.npz"));
    if out.exists() {
        fs::remove_file(&out)?;
    }
    let mut extract = Command::new(project.target.join("release/tonearm"));
    extract.arg("extract").arg(clips);
    extract
        .args(["--time", "--features", features])
        .arg("--out")
        .arg(&out);
    let started = Instant::now();
    let stderr = stderr_of(&mut extract)?;
    let total = started.elapsed().as_secs_f64();
    let (decoding, rest) = parse_times(&stderr)
        .next()
        .context("tonearm extract printed no times")?;
    Ok(Timing {
        total,
        decoding: total * decoding / (decoding + rest),
    })
}

/// Times that `tonearm classify` prints for each clip.
fn classify(project: &Project, clips: &Path) -> Result<Vec<Timing>> {
    let mut classify = Command::new(project.target.join("release/tonearm"));
    classify.args(["classify", "--time"]);
    for genre in fs::read_dir(clips)? {
        for clip in fs::read_dir(genre?.path())? {
            classify.arg(clip?.path());
        }
    }
    let stderr = stderr_of(&mut classify)?;
    let timings = parse_times(&stderr).map(|(decoding, rest)| Timing {
        total: decoding + rest,
        decoding,
    });
    Ok(timings.collect())
}

/// Runs a command and returns its standard error.
fn stderr_of(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{command:?} failed:\n{stderr}");
    Ok(stderr)
}

/// Parses the seconds of decoding and of the rest in each line that `--time` prints.
fn parse_times(stderr: &str) -> impl Iterator<Item = (f64, f64)> {
    stderr.lines().filter_map(|line| {
        let (_, times) = line.split_once("decoding ")?;
        let mut seconds = times
            .split_whitespace()
            .filter_map(|word| word.parse().ok());
        Some((seconds.next()?, seconds.next()?))
    })
}

/// Parses two numbers on a line.
fn parse_pair(line: &str) -> Option<(f64, f64)> {
    let (first, second) = line.trim().split_once(' ')?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

/// Median of a value of each item.
fn median<T>(items: &[T], value: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = items.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_from_standard_error() {
        let stderr = "The artists are not known.\na 1.mp3: decoding 0.250 s, classifying 1.500 s\n";
        assert_eq!(parse_times(stderr).collect::<Vec<_>>(), [(0.25, 1.5)]);
    }
}
