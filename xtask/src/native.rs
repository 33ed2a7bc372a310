//! How fast the binary computes features, beside librosa on the same clips and cores.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::golden;
use crate::project::{Project, output, run};
use crate::test::CORE_AND_BINARY;

/// The benchmark's name, beside those of the bench targets.
pub const NAME: &str = "native";

/// Rounds of each; they take turns, so that a busy minute is everybody's.
const ROUNDS: usize = 5;

/// How many times as fast as librosa the binary is to be.
const AIM: u32 = 10;

/// Computes the features of some clips here and there, and prints clips a second of both in Markdown.
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
        // With the tests, since what only they need changes the features that Burn is built with.
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
        let (mut ours, mut theirs): (Vec<Seconds>, Vec<Seconds>) = Default::default();
        for _ in 0..ROUNDS {
            ours.push(extract(project, features, &folder)?);
            let (whole, decoding) = two(&output(&mut script(features, &folder))?)
                .context("librosa printed no seconds")?;
            theirs.push(Seconds { whole, decoding });
        }
        let clips = |seconds: &[Seconds]| n_clips as f64 / median(seconds, |s| s.whole);
        let share = |seconds: &[Seconds]| 100.0 * median(seconds, |s| s.decoding / s.whole);
        let rest = |seconds: &[Seconds]| median(seconds, |s| s.whole - s.decoding);
        rows.push(format!(
            "| {features} | {:.1} | {:.0} % | {:.1} | {:.0} % | {:.1} | {:.1} | {AIM} |",
            clips(&ours),
            share(&ours),
            clips(&theirs),
            share(&theirs),
            rest(&theirs) / rest(&ours),
            clips(&ours) / clips(&theirs)
        ));
    }
    let mut tracks = Vec::new();
    for _ in 0..ROUNDS {
        tracks.extend(classify(project, &folder)?);
    }

    println!(
        "\n{n_clips} clips of 30 s, mp3, 44.1 kHz, stereo: clips a second with a process or a thread for each"
    );
    println!(
        "core, medians of {ROUNDS} rounds; librosa is loaded before its time begins, the binary is not\n"
    );
    println!(
        "| features | tonearm extract, clips/s | share of decoding | librosa 0.11, clips/s | share of decoding | speed relative to librosa, without decoding | speed relative to librosa | target |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: |");
    println!("{}", rows.join("\n"));
    println!(
        "\n`tonearm classify`: {:.0} ms a clip, of which decoding is {:.0} %; starting apart.",
        1000.0 * median(&tracks, |s| s.whole),
        100.0 * median(&tracks, |s| s.decoding / s.whole)
    );
    Ok(())
}

/// How long something takes, and the decoding in it.
struct Seconds {
    whole: f64,
    decoding: f64,
}

/// What the binary needs, from its start to the file that it writes; of the decoding, each thread's share.
fn extract(project: &Project, features: &str, clips: &Path) -> Result<Seconds> {
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
    let told = told(&mut extract)?;
    let whole = started.elapsed().as_secs_f64();
    let (decoding, rest) = times(&told).next().context("extract told no times")?;
    Ok(Seconds {
        whole,
        decoding: whole * decoding / (decoding + rest),
    })
}

/// What the binary needs for each clip, without its start.
fn classify(project: &Project, clips: &Path) -> Result<Vec<Seconds>> {
    let mut classify = Command::new(project.target.join("release/tonearm"));
    classify.args(["classify", "--time"]);
    for genre in fs::read_dir(clips)? {
        for clip in fs::read_dir(genre?.path())? {
            classify.arg(clip?.path());
        }
    }
    let told = told(&mut classify)?;
    let seconds = times(&told).map(|(decoding, rest)| Seconds {
        whole: decoding + rest,
        decoding,
    });
    Ok(seconds.collect())
}

/// What a command writes to standard error.
fn told(command: &mut Command) -> Result<String> {
    let done = command.output()?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(done.status.success(), "{command:?} failed:\n{told}");
    Ok(told)
}

/// The times that `--time` tells, of decoding and of the rest.
fn times(told: &str) -> impl Iterator<Item = (f64, f64)> {
    told.lines().filter_map(|line| {
        let (_, times) = line.split_once("decoding ")?;
        let mut seconds = times
            .split_whitespace()
            .filter_map(|word| word.parse().ok());
        Some((seconds.next()?, seconds.next()?))
    })
}

/// Two numbers on a line.
fn two(line: &str) -> Option<(f64, f64)> {
    let (first, second) = line.trim().split_once(' ')?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

/// The middle one of what is asked of each.
fn median<T>(measured: &[T], value: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = measured.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_what_is_told() {
        let told = "The artists are not known.\na 1.mp3: decoding 0.250 s, classifying 1.500 s\n";
        assert_eq!(times(told).collect::<Vec<_>>(), [(0.25, 1.5)]);
    }
}
