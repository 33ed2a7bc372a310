//! `tonearm extract`: computes training features from a folder of audio files.

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
use crate::{input::labels, output, storage::files};
use journal::Journal;
use rows::Rows;
use scan::{Scan, Source};
use summary::{LeftOut, Summary};

/// Compute features of audio files for training
///
/// Reads one folder per genre, as in GTZAN, the folders of the FMA archive, or the files listed in a
/// manifest. The first 30 seconds of each file become one row. To resume a stopped run, repeat the
/// command. Files that are too short, silent or unreadable are listed and left out.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder with one folder per genre, base folder of the manifest's paths, or the FMA archive's
    /// folder of clips
    audio_dir: PathBuf,
    /// Features to compute
    #[arg(long)]
    features: Features,
    /// NumPy archive to write, with the arrays x, y, track_id, artist_id and path
    #[arg(long, value_name = "F.npz")]
    out: PathBuf,
    /// CSV with a header and the columns path, genre and, optionally, artist
    #[arg(long, value_name = "M.csv")]
    manifest: Option<PathBuf>,
    /// Folder with tracks.csv and genres.csv of the FMA archive; AUDIO_DIR holds its clips
    #[arg(long, value_name = "FMA_METADATA", conflicts_with = "manifest")]
    fma: Option<PathBuf>,
    #[command(flatten)]
    selection: fma::Selection,
    /// JSON list of genres in label order, for example that of a trained network. Default: all genres
    /// found, sorted
    #[arg(long, value_name = "GENRES.json")]
    labels: Option<PathBuf>,
    /// JSON list of genres to write. Default: F.genres.json, beside the output
    #[arg(long, value_name = "GENRES.json")]
    labels_out: Option<PathBuf>,
    /// Number of files to process in parallel. Default: the number of cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Exit with 1 if a file was left out; the output is written all the same
    #[arg(long)]
    strict: bool,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
    /// Print to standard error how long decoding and computing features took, summed over all cores
    #[arg(long)]
    time: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Features {
    /// Log-mel patches, for `train cnn`
    Mel,
    /// MFCC sequences, for `train rnn`
    Mfcc,
}

/// `Ok` if a file's row is in the journal, otherwise the reason.
type Outcome = Result<()>;

/// Runs the command.
///
/// # Errors
/// If there is nothing to read, no file has a row, or the output cannot be written. Single files without a
/// row are only listed, unless `--strict` was given.
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
        output::note(format_args!(
            "Resuming: {resumed} of {} files are done.",
            keys.len()
        ));
    }

    let clock = Clock::new("features");
    let bar = progress_bar(scan.sources.len() as u64);
    let extractor = Extractor::new(&config)?;
    let work = || -> Result<Vec<Outcome>> {
        (scan.sources.par_iter().zip(&keys).zip(&done))
            .map_init(
                || extractor.clone(),
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
        output::note(format_args!("{}", clock.summary()));
    }

    let mut journal = journal
        .into_inner()
        .expect("no worker panics while it writes");
    let (mut rows, mut left_out) = (Rows::default(), LeftOut::default());
    for ((source, key), outcome) in scan.sources.iter().zip(keys).zip(outcomes) {
        match outcome {
            Ok(()) => rows.add(key, label(&labels, &source.genre), source),
            Err(error) => left_out.add(files::display_name(&source.path), &error),
        }
    }
    if rows.len() == 0 {
        journal.remove()?;
        bail!(
            "none of the {} files could be used: {}; the reasons are listed above",
            scan.sources.len(),
            left_out.counts()
        );
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
        out: files::display_name(&args.out),
        rows: rows.len(),
        resumed,
        ignored: scan.ignored,
        labels,
        labels_out: files::display_name(&labels_out),
        artists_known: scan.artists_known,
        left_out,
    };
    summary.report(args.json)?;
    match args.strict {
        true => summary.left_out.check_none(),
        false => Ok(()),
    }
}

/// The files to read. Prints a warning if their artists are not known.
fn find(args: &Args) -> Result<Scan> {
    let scan = match (&args.manifest, &args.fma) {
        (Some(manifest), _) => manifest::read(manifest, &args.audio_dir)?,
        (None, Some(archive)) => fma::read(archive, &args.audio_dir, &args.selection)?,
        (None, None) => scan::folders(&args.audio_dir)?,
    };
    ensure!(
        !scan.sources.is_empty(),
        "no audio files in {}; expected one folder per genre, or a list of files with --manifest",
        args.audio_dir.display()
    );
    if !scan.artists_known {
        output::note(format_args!(
            "warning: the artists are not known, so each file counts as a separate artist. If several files \
             are by one artist, evaluation will be optimistic; list the artists with --manifest."
        ));
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
                bail!("the genre \"{genre}\" is not in {}", path.display());
            }
            labels
        }
    };
    ensure!(
        labels.len() <= 255,
        "found {} genres, but at most 255 are supported",
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
    // 0 stands for the number of cores.
    let jobs = jobs.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .context("cannot start the worker threads")
}

/// Computes one file's row and adds it to the journal. Fails only if the journal cannot be written.
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
        Err(error) => Ok(Err(error)),
    }
}

fn label(labels: &[String], genre: &str) -> u8 {
    let index = labels
        .iter()
        .position(|label| label == genre)
        .expect("every genre found has a label");
    u8::try_from(index).expect("there are at most 256 labels")
}

/// Writes a temporary file and renames it to `path`, so that an interruption keeps the old file.
fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let context = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(&temporary).with_context(context)?);
    write(&mut file).with_context(context)?;
    file.flush().with_context(context)?;
    fs::rename(&temporary, path).with_context(context)
}
