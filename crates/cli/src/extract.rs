//! `tonearm extract`: a folder of audio becomes rows to train on.

mod fma;
mod journal;
mod manifest;
mod rows;
mod scan;
mod summary;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use tonearm::features::{Extractor, FeatureConfig};

use crate::clock::Clock;
use crate::{labels, output};
use journal::Journal;
use rows::Rows;
use scan::{Scan, Source};
use summary::{Summary, Unreadable};

/// Compute the features of a folder of audio files, one row each, for training
///
/// The files lie in folders named by genre, as those of GTZAN do, or in those of the FMA archive,
/// or a manifest names them. The first 30 seconds of each become one row. All cores work. A run that
/// was stopped goes on where it stood when the same command is given again. Files that cannot be
/// read are listed, and leave no row.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder with one folder per genre, or the one that a manifest's paths start from, or the FMA
    /// archive's folder of clips
    audio_dir: PathBuf,
    /// Which features to compute
    #[arg(long)]
    features: Features,
    /// File to write, in NumPy's format: x, y, track_id and artist_id
    #[arg(long, value_name = "F.npz")]
    out: PathBuf,
    /// CSV with a header and the columns path, genre and (optional) artist
    #[arg(long, value_name = "M.csv")]
    manifest: Option<PathBuf>,
    /// Folder with tracks.csv and genres.csv of the FMA archive, whose clips AUDIO_DIR holds
    #[arg(long, value_name = "FMA_METADATA", conflicts_with = "manifest")]
    fma: Option<PathBuf>,
    #[command(flatten)]
    choice: fma::Choice,
    /// Genres to number, in this order: a JSON list, such as a network's own. Default: those found, sorted
    #[arg(long, value_name = "GENRES.json")]
    labels: Option<PathBuf>,
    /// Where to write the list of genres. Default: F.genres.json, beside the output
    #[arg(long, value_name = "GENRES.json")]
    labels_out: Option<PathBuf>,
    /// Number of files to work on at once. Default: one for each core
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
    /// Say on standard error how long decoding and the features took, of all cores together
    #[arg(long)]
    time: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Features {
    /// Mel pictures, for `train cnn`
    Mel,
    /// MFCC sequences
    Mfcc,
}

/// Whether one file's row is in the journal, or why it has none.
type Outcome = Result<(), Unreadable>;

/// Runs the command.
///
/// # Errors
/// When there is nothing to read, or the output cannot be written. Not for unreadable files.
pub fn run(args: &Args) -> Result<()> {
    let config = match args.features {
        Features::Mel => FeatureConfig::mel(),
        Features::Mfcc => FeatureConfig::mfcc(),
    };
    let scan = find(args)?;
    let labels = choose_labels(args, &scan)?;

    let journal = Journal::open(&args.out, &config)?;
    let keys: Vec<u64> = scan
        .sources
        .par_iter()
        .map(|source| journal::key(&source.path))
        .collect();
    let done: Vec<bool> = keys.iter().map(|&key| journal.has(key)).collect();
    let journal = Mutex::new(journal);
    let resumed = done.iter().filter(|&&done| done).count();
    if resumed > 0 {
        eprintln!("Going on: {resumed} of {} files are done.", keys.len());
    }

    let clock = Clock::new("features");
    let bar = progress_bar(scan.sources.len() as u64);
    let work = || -> Result<Vec<Outcome>> {
        (scan.sources.par_iter().zip(&keys).zip(&done))
            .map_init(
                || Extractor::new(&config).expect("the default configuration is valid"),
                |extractor, ((source, key), done)| {
                    let outcome = match done {
                        true => Ok(()),
                        false => compute(extractor, source, *key, &journal, &clock)?,
                    };
                    bar.inc(1);
                    Ok(outcome)
                },
            )
            .collect()
    };
    let outcomes = pool(args.jobs)?.install(work)?;
    bar.finish_and_clear();
    if args.time {
        eprintln!("{}", clock.told());
    }

    let mut journal = journal
        .into_inner()
        .expect("no worker panics while it writes");
    if outcomes.iter().all(Result::is_err) {
        journal.remove()?;
        summary::list(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()));
        bail!("none of the {} files could be read", outcomes.len());
    }

    let (mut rows, mut unreadable) = (Rows::default(), Vec::new());
    for ((source, key), outcome) in scan.sources.iter().zip(keys).zip(outcomes) {
        match outcome {
            Ok(()) => rows.add(key, label(&labels, &source.genre), source),
            Err(error) => unreadable.push(error),
        }
    }
    replace(&args.out, |file| rows.write(file, &config, &mut journal))?;
    let labels_out = args
        .labels_out
        .clone()
        .unwrap_or_else(|| args.out.with_extension("genres.json"));
    replace(&labels_out, |file| {
        Ok(serde_json::to_writer(file, &labels)?)
    })?;
    journal.remove()?;
    let summary = Summary {
        out: output::name(&args.out),
        rows: rows.len(),
        resumed,
        ignored: scan.ignored,
        labels,
        labels_out: output::name(&labels_out),
        artists_known: scan.artists_known,
        unreadable,
    };
    summary.report(args.json)
}

/// The files to read. Says what was taken for granted about artists.
fn find(args: &Args) -> Result<Scan> {
    let scan = match (&args.manifest, &args.fma) {
        (Some(manifest), _) => manifest::read(manifest, &args.audio_dir)?,
        (None, Some(archive)) => fma::read(archive, &args.audio_dir, &args.choice)?,
        (None, None) => scan::folders(&args.audio_dir)?,
    };
    ensure!(
        !scan.sources.is_empty(),
        "no audio files in {}: put them in folders named by genre, or name them in a manifest",
        args.audio_dir.display()
    );
    if !scan.artists_known {
        eprintln!(
            "The artists are not known, so each file counts as an artist of its own. If several files \
             are by one artist, scores will look better than they are: name the artists in a manifest."
        );
    }
    Ok(scan)
}

/// Genre names in label order.
fn choose_labels(args: &Args, scan: &Scan) -> Result<Vec<String>> {
    let mut found: Vec<String> = scan
        .sources
        .iter()
        .map(|source| source.genre.clone())
        .collect();
    found.sort();
    found.dedup();

    let labels = match &args.labels {
        None => found,
        Some(path) => {
            let labels = labels::read(path)?;
            if let Some(genre) = found.iter().find(|genre| !labels.contains(genre)) {
                bail!(
                    "the genre \"{genre}\" is not one of those in {}",
                    path.display()
                );
            }
            labels
        }
    };
    ensure!(
        labels.len() <= 256,
        "{} genres were found, and a row can name 256 at most",
        labels.len()
    );
    Ok(labels)
}

fn progress_bar(n: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} files, {per_sec}, {eta} left")
        .expect("the template is well formed");
    ProgressBar::new(n).with_style(style)
}

fn pool(jobs: Option<u16>) -> Result<rayon::ThreadPool> {
    // 0: one for each core
    let jobs = jobs.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .context("the workers cannot be started")
}

/// Computes one file's row and notes it in the journal. Fails only where the journal does.
fn compute(
    extractor: &mut Extractor,
    source: &Source,
    key: u64,
    journal: &Mutex<Journal>,
    clock: &Clock,
) -> Result<Outcome> {
    match rows::compute(extractor, &source.path, clock) {
        Ok(row) => {
            journal
                .lock()
                .expect("no worker panics while it writes")
                .add(key, &row)?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(Unreadable {
            file: output::name(&source.path),
            error: format!("{error:#}"),
        })),
    }
}

fn label(labels: &[String], genre: &str) -> u8 {
    let index = labels
        .iter()
        .position(|label| label == genre)
        .expect("every genre found has a label");
    u8::try_from(index).expect("there are 256 labels at most")
}

/// Writes a whole file, or leaves the old one: a stop in the middle loses neither.
fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let context = || format!("{} cannot be written", path.display());
    let mut file = BufWriter::new(File::create(&unfinished).with_context(context)?);
    write(&mut file).with_context(context)?;
    file.flush().with_context(context)?;
    fs::rename(&unfinished, path).with_context(context)
}
