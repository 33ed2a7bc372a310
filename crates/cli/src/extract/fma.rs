//! The clips of the FMA archive, with genres and artists from its tables.

use std::path::Path;

use anyhow::{Result, ensure};

use super::scan::{Scan, Source};
use crate::input::fma::{Set, Subset, Track, Tracks};
use crate::output;

/// Clips that the archive's authors list as broken: silent, or about a second long.
const BAD_CLIPS: [i32; 6] = [98_565, 98_567, 98_569, 99_134, 108_925, 133_297];

/// Number of tracks to name in a message about tracks that are left out.
const N_LISTED: usize = 5;

/// The tracks of the archive to use.
#[derive(clap::Args, Debug)]
pub struct Selection {
    /// Subset of the archive; each contains the smaller ones. Default: all tracks with a file
    #[arg(long, requires = "fma")]
    subset: Option<Subset>,
    /// Set of the archive's own split. Default: all three
    #[arg(long, requires = "fma")]
    set: Option<Set>,
}

impl Selection {
    fn includes(&self, track: &Track) -> bool {
        let in_subset = |wanted| track.subset.is_some_and(|subset| subset <= wanted);
        self.subset.is_none_or(in_subset) && self.set.is_none_or(|set| track.set == Some(set))
    }
}

/// The files of the selected tracks, in the archive's order.
///
/// Leaves out tracks without a file or genre and clips known to be broken, and prints which.
///
/// # Errors
/// If the tables in `archive` cannot be read, or no file is left.
pub fn read(archive: &Path, root: &Path, selection: &Selection) -> Result<Scan> {
    let mut scan = Scan {
        sources: Vec::new(),
        ignored: 0,
        artists_known: true,
    };
    let mut n_selected = 0;
    let (mut without_file, mut without_genre) = (LeftOut::default(), LeftOut::default());
    for track in Tracks::open(archive)? {
        let track = track?;
        if !selection.includes(&track) {
            continue;
        }
        n_selected += 1;
        let number = format!("{:06}", track.id);
        let name = format!("{}/{number}.mp3", &number[..3]);
        let path = root.join(&name);
        if !path.is_file() {
            without_file.add(number);
        } else if BAD_CLIPS.contains(&track.id) {
            output::note(format_args!(
                "left out {}, a clip known to be broken",
                path.display()
            ));
        } else if let Some(genre) = track.genre {
            scan.sources.push(Source {
                path,
                name,
                genre,
                track_id: track.id,
                artist_id: track.artist_id,
            });
        } else {
            without_genre.add(number);
        }
    }
    without_file.report(&format!("without a file in {}", root.display()));
    without_genre.report("without one top-level genre");
    ensure!(
        !scan.sources.is_empty(),
        "none of the {n_selected} selected tracks has both a genre and a file such as {}",
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
        if self.first.len() < N_LISTED {
            self.first.push(name);
        }
    }

    /// Prints a line, unless there are none.
    fn report(&self, reason: &str) {
        if self.n > 0 {
            let more = if self.n > N_LISTED { ", ..." } else { "" };
            let listed = self.first.join(", ");
            output::note(format_args!(
                "left out {} tracks {reason} ({listed}{more})",
                self.n
            ));
        }
    }
}
