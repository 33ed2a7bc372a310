//! The audio of the FMA archive; its tables say whose it is and of what genre.

use std::path::Path;

use anyhow::{Result, ensure};

use super::scan::{Scan, Source};
use crate::fma::{Set, Subset, Track, Tracks};

/// Clips that the archive's authors list as broken: silent, or of a second or so.
const BAD_CLIPS: [i32; 6] = [98_565, 98_567, 98_569, 99_134, 108_925, 133_297];

/// Tracks that are named when some are left out.
const N_NAMED: usize = 5;

/// Which tracks of the archive to take.
#[derive(clap::Args, Debug)]
pub struct Choice {
    /// Subset of the archive; each holds those before it. Default: every track whose file is there
    #[arg(long, requires = "fma")]
    subset: Option<Subset>,
    /// Part of the archive's own split. Default: all three
    #[arg(long, requires = "fma")]
    set: Option<Set>,
}

impl Choice {
    fn includes(&self, track: &Track) -> bool {
        let in_subset = |wanted| track.subset.is_some_and(|subset| subset <= wanted);
        self.subset.is_none_or(in_subset) && self.set.is_none_or(|set| track.set == Some(set))
    }
}

/// The files of the chosen tracks, in the archive's order.
///
/// Tracks without a file or a genre, and clips known to be broken, are left out and said so.
///
/// # Errors
/// If the tables in `archive` cannot be read, or no file is left.
pub fn read(archive: &Path, root: &Path, choice: &Choice) -> Result<Scan> {
    let mut scan = Scan {
        sources: Vec::new(),
        ignored: 0,
        artists_known: true,
    };
    let mut n_chosen = 0;
    let (mut missing, mut unnamed) = (LeftOut::default(), LeftOut::default());
    for track in Tracks::open(archive)? {
        let track = track?;
        if !choice.includes(&track) {
            continue;
        }
        n_chosen += 1;
        let name = format!("{:06}", track.id);
        let path = root.join(&name[..3]).join(format!("{name}.mp3"));
        if !path.is_file() {
            missing.add(name);
        } else if BAD_CLIPS.contains(&track.id) {
            eprintln!(
                "{}: left out, the clip is known to be broken",
                path.display()
            );
        } else if let Some(genre) = track.genre {
            scan.sources.push(Source {
                path,
                genre,
                track_id: track.id,
                artist_id: track.artist_id,
            });
        } else {
            unnamed.add(name);
        }
    }
    missing.report(&format!("without a file in {}", root.display()));
    unnamed.report("without one top-level genre");
    ensure!(
        !scan.sources.is_empty(),
        "none of the {n_chosen} tracks chosen has a genre and a file such as {}",
        root.join("000").join("000002.mp3").display()
    );
    Ok(scan)
}

/// Tracks left out for one reason.
#[derive(Default)]
struct LeftOut {
    n: usize,
    first: Vec<String>,
}

impl LeftOut {
    fn add(&mut self, name: String) {
        self.n += 1;
        if self.first.len() < N_NAMED {
            self.first.push(name);
        }
    }

    /// One line, if there are any.
    fn report(&self, reason: &str) {
        if self.n > 0 {
            let more = if self.n > N_NAMED { ", ..." } else { "" };
            let named = self.first.join(", ");
            eprintln!("Left out, {reason}: {} tracks ({named}{more}).", self.n);
        }
    }
}
