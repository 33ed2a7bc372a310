//! `tonearm classify`: the genre of audio files, moment by moment.

mod rows;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tonearm::classifier::{Classifier, Prediction, Probabilities};

use crate::clock::Clock;
use crate::decode::{Decoded, decode};
use crate::device::Backend;
use crate::{output, sources};

/// The shipped weights, so that the binary needs no file beside it.
pub const WEIGHTS: &[u8] = include_bytes!("../../../pkg/weights/fusion.bpk");

/// Name the genre of audio files
///
/// Reads mp3, wav, flac, ogg vorbis, au, and m4a or aac. With --json there is one object per file,
/// each on a line of its own, in the order given: `file`, and either the prediction or an `error`.
/// A file that cannot be read does not stop the others; the exit code is then 1. Weights that read a
/// table, such as those of an MLP, are given CSV files with the eight Echo Nest features; each row has
/// a line or an object of its own, with its number as `row`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Audio files, or tables
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Weights to use instead of the built-in ones
    #[arg(long, value_name = "W.bpk")]
    weights: Option<PathBuf>,
    /// Number of genres to show for each file; JSON always has all
    #[arg(long, default_value_t = 3, value_name = "K")]
    top_k: usize,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
    /// Print one JSON object per file, each on its own line
    #[arg(long)]
    json: bool,
    /// Say on standard error how long decoding and classifying took
    #[arg(long)]
    time: bool,
}

/// A file's line of JSON.
#[derive(Serialize)]
struct Answer<'a> {
    file: &'a str,
    #[serde(flatten)]
    prediction: &'a Prediction,
}

/// The line of a file that failed.
#[derive(Serialize)]
struct Failure<'a> {
    file: &'a str,
    error: &'a str,
}

/// Runs the command.
///
/// # Errors
/// When the weights cannot be used, or, after all files are done, when any of them failed.
pub fn run(args: &Args) -> Result<()> {
    let classifier = load(args.weights.as_deref(), args.device)?;
    let mut n_failed = 0;
    for path in &args.files {
        let file = output::name(path);
        let clock = Clock::new("classifying");
        let printed = match sources::is_table(path) {
            true => clock
                .rest(|| rows::classify(&classifier, path))
                .map(|answers| rows::print(args, &file, &answers)),
            false => classify(&classifier, path, &file, &clock)
                .map(|prediction| print(args, &file, &prediction)),
        };
        if args.time {
            eprintln!("{file}: {}", clock.told());
        }
        match printed {
            // Where nobody reads on, the other files are left.
            Ok(printed) => printed?,
            Err(error) => {
                n_failed += 1;
                let error = format!("{error:#}");
                eprintln!("{file}: {error}");
                if args.json {
                    output::json(&Failure {
                        file: &file,
                        error: &error,
                    })?;
                }
            }
        }
    }
    ensure!(
        n_failed == 0,
        "{n_failed} of {} files could not be classified",
        args.files.len()
    );
    Ok(())
}

/// The classifier in a weights file, or the built-in one.
///
/// # Errors
/// If the file cannot be read or is no weights file, or the device cannot be started.
pub fn load(weights: Option<&Path>, device: Backend) -> Result<Classifier> {
    let Some(path) = weights else {
        let classifier = device.classifier(WEIGHTS);
        return classifier.context("the built-in weights cannot be used");
    };
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let classifier = device.classifier(&bytes);
    classifier.with_context(|| path.display().to_string())
}

/// Prints a file's answer.
fn print(args: &Args, file: &str, prediction: &Prediction) -> Result<()> {
    match args.json {
        true => output::json(&Answer { file, prediction }),
        false => output::line(table(file, prediction, args.top_k)),
    }
}

fn classify(classifier: &Classifier, path: &Path, file: &str, clock: &Clock) -> Result<Prediction> {
    let Decoded { clip, bad_packets } = clock.decoding(|| decode(path, None))?;
    if bad_packets > 0 {
        eprintln!("{file}: {bad_packets} damaged pieces of the file were left out");
    }
    clock.rest(|| {
        let mut analysis = classifier.analysis(clip)?;
        let bar = progress_bar(analysis.n_windows() as u64, file);
        while pollster::block_on(analysis.step())? {
            bar.set_position(analysis.n_done() as u64);
        }
        bar.finish_and_clear();
        Ok(analysis.finish().0)
    })
}

fn progress_bar(n_windows: u64, file: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} windows of {msg}")
        .expect("the template is well formed");
    ProgressBar::new(n_windows)
        .with_style(style)
        .with_message(file.to_owned())
}

/// A file's answer in words and bars.
fn table(file: &str, prediction: &Prediction, top_k: usize) -> String {
    let ranked = prediction
        .probabilities
        .as_ref()
        .map(Probabilities::ranked)
        .unwrap_or_default();
    let width = ranked
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    let rows = ranked.iter().take(top_k).map(|(label, probability)| {
        let bar = "#".repeat((probability * 32.0).round() as usize);
        format!("\n  {label:width$} {:5.1} % {bar}", probability * 100.0)
    });
    let looped = match prediction.looped {
        true => "\n  The track is short and was repeated to fill 30 seconds.",
        false => "",
    };
    format!(
        "{file}: {}{}{}{}{looped}",
        headline(prediction),
        rows.collect::<String>(),
        estimates(prediction),
        neighbours(prediction)
    )
}

/// The training tracks that it sounds most like, where the weights map them.
fn neighbours(prediction: &Prediction) -> String {
    let Some(place) = &prediction.place else {
        return String::new();
    };
    let nearest = place.neighbours.iter().take(3);
    let listed: Vec<_> = nearest
        .map(|track| format!("{} ({})", track.track_id, track.label))
        .collect();
    format!("\n  nearest tracks: {}", listed.join(", "))
}

/// Echo Nest features as the sound suggests them, where the networks estimate any.
fn estimates(prediction: &Prediction) -> String {
    let estimates = prediction.estimates.iter().flatten();
    let listed: Vec<_> = estimates
        .map(|(name, value)| format!("{name} {value:.2}"))
        .collect();
    match listed.is_empty() {
        true => String::new(),
        false => format!("\n  estimated: {}", listed.join(", ")),
    }
}

fn headline(prediction: &Prediction) -> String {
    match &prediction.place {
        Some(place) if place.speech => return "not sure: it sounds like speech".to_owned(),
        Some(place) if place.strange => {
            return "not sure: it is unlike the music that the network was trained on".to_owned();
        }
        _ => {}
    }
    match (&prediction.label, &prediction.between) {
        (None, _) => "no sound".to_owned(),
        (_, Some([first, second])) => format!("not sure, between {first} and {second}"),
        (Some(label), None) => label.clone(),
    }
}
