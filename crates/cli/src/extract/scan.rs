//! Finds the audio files in folders named by genre.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tonearm::features::fnv1a;
use walkdir::{DirEntry, WalkDir};

use crate::storage::files::display_name;

/// File extensions of audio.
const EXTENSIONS: [&str; 11] = [
    "aac", "aif", "aiff", "au", "flac", "m4a", "mp3", "mp4", "oga", "ogg", "wav",
];

/// An audio file with its genre and ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub path: PathBuf,
    /// Path relative to the folder of the audio, which the archive keeps.
    pub name: String,
    pub genre: String,
    pub track_id: i32,
    pub artist_id: i32,
}

/// The files to read, in the order of their rows.
#[derive(Debug)]
pub struct Scan {
    pub sources: Vec<Source>,
    /// Number of files without an audio extension, or outside the genre folders.
    pub ignored: usize,
    /// Whether the artists are known. If not, every file counts as a separate artist.
    pub artists_known: bool,
}

/// The audio files in `root/GENRE`, sorted by path.
///
/// # Errors
/// If `root` or a folder in it cannot be listed.
pub fn folders(root: &Path) -> Result<Scan> {
    let mut scan = Scan {
        sources: Vec::new(),
        ignored: 0,
        artists_known: false,
    };
    let entries = WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            // A link to a file that does not exist, or to a folder around it.
            Err(error) if error.depth() > 0 && error.path().is_some_and(Path::is_symlink) => {
                scan.ignored += 1;
                continue;
            }
            Err(error) => return Err(error).context(format!("cannot list {}", root.display())),
        };
        if entry.file_type().is_dir() {
            continue;
        }
        // A pipe or a device would block, or never end.
        if !entry.file_type().is_file() {
            scan.ignored += 1;
            continue;
        }
        let inner = entry.path().strip_prefix(root).unwrap_or(entry.path());
        match genre(inner) {
            Some(genre) if is_audio(inner) => scan.sources.push(Source {
                genre,
                track_id: track_id(inner),
                artist_id: stable_id(&inner.to_string_lossy()),
                name: display_name(inner),
                path: entry.into_path(),
            }),
            _ => scan.ignored += 1,
        }
    }
    Ok(scan)
}

/// The file name as a number if it is one, otherwise a hash of the path.
pub fn track_id(path: &Path) -> i32 {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match stem.parse() {
        Ok(number) if number >= 0 => number,
        _ => stable_id(&path.to_string_lossy()),
    }
}

/// A non-negative hash that is the same on every machine and in every version.
pub fn stable_id(text: &str) -> i32 {
    (fnv1a(text.bytes()) >> 33) as i32
}

/// Whether an entry is hidden, such as `._song.mp3` from macOS.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

/// The first folder of a path relative to the root.
fn genre(inner: &Path) -> Option<String> {
    let folder = inner.parent()?.components().next()?;
    Some(folder.as_os_str().to_string_lossy().into_owned())
}

fn is_audio(path: &Path) -> bool {
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_file_name_is_the_track_id() {
        assert_eq!(track_id(Path::new("Rock/000255.mp3")), 255);
    }

    #[test]
    fn any_other_name_gives_a_stable_id() {
        // A literal, because ids must match those in existing archives.
        assert_eq!(
            track_id(Path::new("Rock/song.mp3")),
            stable_id("Rock/song.mp3")
        );
        assert_eq!(stable_id("Rock/song.mp3"), 1_179_642_653);
        assert_ne!(track_id(Path::new("Rock/-7.mp3")), -7);
    }
}
