//! How fast the binary computes features, beside librosa on the same clips and cores.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::golden;
use crate::project::{Project, output, run};

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
        .args(["build", "--release", "--package", "tonearm-cli"]))?;
    let folder = project.cache().join("clips");
    if !folder.exists() {
        run(&mut script("--make", &folder))?;
    }
    let n_clips = fs::read_dir(&folder)?
        .map(|genre| Ok(fs::read_dir(genre?.path())?.count()))
        .sum::<Result<usize>>()?;

    let mut rows = Vec::new();
    for features in ["mel", "mfcc"] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(extract(project, features, &folder)?);
            let seconds = output(&mut script(features, &folder))?;
            theirs.push(
                seconds
                    .trim()
                    .parse()
                    .context("librosa printed no seconds")?,
            );
        }
        let [ours, theirs] = [ours, theirs].map(|seconds| n_clips as f64 / median(seconds));
        let ratio = ours / theirs;
        rows.push(format!(
            "| {features} | {ours:.1} | {theirs:.1} | {ratio:.1} | {AIM} |"
        ));
    }

    println!(
        "\n{n_clips} clips of 30 s, mp3, 44.1 kHz, stereo: clips a second with a process or a thread for each"
    );
    println!(
        "core, medians of {ROUNDS} rounds; librosa is loaded before its time begins, the binary is not\n"
    );
    println!("| features | tonearm extract | librosa 0.11 | faster by | aim |");
    println!("| --- | --: | --: | --: | --: |");
    println!("{}", rows.join("\n"));
    Ok(())
}

/// Seconds that the binary needs, from its start to the file that it writes.
fn extract(project: &Project, features: &str, clips: &Path) -> Result<f64> {
    let out = project.cache().join(format!("clips-{features}.npz"));
    if out.exists() {
        fs::remove_file(&out)?;
    }
    let mut extract = Command::new(project.target.join("release/tonearm"));
    extract.arg("extract").arg(clips);
    extract
        .args(["--features", features])
        .arg("--out")
        .arg(&out);
    let started = Instant::now();
    output(&mut extract)?;
    Ok(started.elapsed().as_secs_f64())
}

/// The middle one of an odd number of values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
