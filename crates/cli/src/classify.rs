//! `tonearm classify`: recognises the genre of audio files.

mod rows;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tonearm::classifier::{Classifier, Prediction, Probabilities};

use crate::clock::Clock;
use crate::device::Backend;
use crate::input::decode::{Decoded, decode};
use crate::output::percent;
use crate::storage::weights_file::{self, Origin};
use crate::{input::sources, output, storage::files};

/// Recognise the genre of audio files
///
/// Reads mp3, wav, aiff, flac, ogg vorbis, au, m4a and aac. If a file cannot be read, the others are still
/// classified, and the exit code is 1. With --json, prints one object per file and line, in the order
/// given: `file`, and either the prediction, with the network, the SHA-256 of its weights and the version of
/// this program, or an `error`.
///
/// Weights of an MLP classify the rows of CSV files with the eight Echo Nest features instead; each row
/// gets its own line or object, with its number as `row`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Audio files, or CSV tables for weights that read tables
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Weights file. Default: the built-in weights
    #[arg(long, value_name = "W.bpk")]
    weights: Option<PathBuf>,
    /// Number of genres to print per file; JSON always has all
    #[arg(long, default_value_t = 3, value_name = "K")]
    top_k: usize,
    /// Compute device
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    device: Backend,
    /// Print one JSON object per file and line
    #[arg(long)]
    json: bool,
    /// Print to standard error how long decoding and classifying took
    #[arg(long)]
    time: bool,
}

/// The JSON object of a classified file.
#[derive(Serialize)]
struct FilePrediction<'a> {
    file: &'a str,
    #[serde(flatten)]
    origin: &'a Origin,
    #[serde(flatten)]
    prediction: &'a Prediction,
}

/// The JSON object of a file that could not be classified.
#[derive(Serialize)]
struct Failure<'a> {
    file: &'a str,
    error: &'a str,
}

/// Runs the command.
///
/// # Errors
/// If the weights cannot be used, or, after all files are done, if any of them failed.
pub fn run(args: &Args) -> Result<()> {
    let classifier = weights_file::classifier(args.weights.as_deref(), args.device)?;
    let origin = Origin::of(args.weights.as_deref(), classifier.metadata())?;
    let mut n_failed = 0;
    for path in &args.files {
        let file = files::display_name(path);
        let clock = Clock::new("classifying");
        let printed = match sources::is_table(path) {
            true => clock
                .rest(|| rows::classify(&classifier, path))
                .map(|rows| match args.json {
                    true => rows::print_json(&file, &origin, &rows),
                    false => rows::print(&file, args.top_k, &rows),
                }),
            false => classify(&classifier, path, &file, &clock).map(|prediction| match args.json {
                true => output::json(&FilePrediction {
                    file: &file,
                    origin: &origin,
                    prediction: &prediction,
                }),
                false => output::line(text(&file, &prediction, args.top_k)),
            }),
        };
        if args.time {
            output::note(format_args!("{file}: {}", clock.summary()));
        }
        match printed {
            // Stops at the first file that cannot be printed, because standard output is closed.
            Ok(printed) => printed?,
            Err(error) => {
                n_failed += 1;
                let error = output::error_text(&error);
                output::note(format_args!("{file}: {error}"));
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

fn classify(classifier: &Classifier, path: &Path, file: &str, clock: &Clock) -> Result<Prediction> {
    let Decoded { clip, bad_packets } = clock.decoding(|| decode(path, None))?;
    if bad_packets > 0 {
        output::note(format_args!(
            "{file}: skipped {bad_packets} damaged packets"
        ));
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

/// A prediction as text, with a bar per genre.
fn text(file: &str, prediction: &Prediction, top_k: usize) -> String {
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
        format!(
            "\n  {label:width$} {:>7} {bar}",
            percent(f64::from(*probability))
        )
    });
    let looped = match prediction.looped {
        true => "\n  The clip is shorter than 30 s and was repeated to fill the window.",
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

/// The nearest training tracks, if the weights have a map.
fn neighbours(prediction: &Prediction) -> String {
    let Some(position) = &prediction.map_position else {
        return String::new();
    };
    let nearest = position.neighbours.iter().take(3);
    let listed: Vec<_> = nearest
        .map(|track| format!("{} ({})", track.track_id, track.label))
        .collect();
    format!("\n  nearest tracks: {}", listed.join(", "))
}

/// Estimated Echo Nest features, if the weights have an estimator.
fn estimates(prediction: &Prediction) -> String {
    let estimates = prediction.estimates.iter().flatten();
    let listed: Vec<_> = estimates
        .map(|(name, value)| format!("{name} {value:.2}"))
        .collect();
    match listed.is_empty() {
        true => String::new(),
        false => format!("\n  estimated Echo Nest features: {}", listed.join(", ")),
    }
}

fn headline(prediction: &Prediction) -> String {
    match &prediction.map_position {
        Some(position) if position.speech => return "not sure: it sounds like speech".to_owned(),
        Some(position) if position.out_of_distribution => {
            return "not sure: it does not resemble the music that the network was trained on"
                .to_owned();
        }
        _ => {}
    }
    match (&prediction.label, &prediction.between) {
        (None, _) => "no sound".to_owned(),
        (_, Some([first, second])) => format!("not sure, between {first} and {second}"),
        (Some(label), None) => label.clone(),
    }
}
