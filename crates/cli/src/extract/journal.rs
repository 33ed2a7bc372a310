//! Rows computed so far, kept beside the output so that a stopped run can go on.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use tonearm::features::FeatureConfig;

use super::scan::fnv1a;

/// Bytes of a record before its row: key, length, checksum.
const RECORD_HEAD: usize = 8 + 4 + 8;

/// `F.npz.part`: a line that names the features, then one record for each row. It only grows, so
/// a stop costs the row being written and nothing else.
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of `out`, and gives back the rows in it by key.
    ///
    /// Rows of other features or another version are forgotten; so is a record cut short.
    ///
    /// # Errors
    /// If it cannot be read or written, or another run is writing it.
    pub fn open(out: &Path, config: &FeatureConfig) -> Result<(Self, HashMap<u64, Vec<u8>>)> {
        let mut path = out.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let context = || format!("{} cannot be written", path.display());

        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(context)?;
        file.try_lock()
            .map_err(|_| anyhow!("another run is writing {}", out.display()))?;

        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(context)?;
        let head = format!(
            "tonearm extract {} {}\n",
            env!("CARGO_PKG_VERSION"),
            config.fingerprint()
        );
        let (rows, end) = match bytes.strip_prefix(head.as_bytes()) {
            Some(records) => {
                let (rows, length) = read_records(records);
                (rows, head.len() + length)
            }
            None => (HashMap::new(), 0),
        };

        file.set_len(end as u64).with_context(context)?;
        file.seek(SeekFrom::End(0)).with_context(context)?;
        if end == 0 {
            file.write_all(head.as_bytes()).with_context(context)?;
        }
        Ok((Self { file, path }, rows))
    }

    /// Notes one row.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn add(&mut self, key: u64, row: &[u8]) -> Result<()> {
        let length = u32::try_from(row.len()).context("a row is longer than 4 GB")?;
        let mut record = Vec::with_capacity(RECORD_HEAD + row.len());
        record.extend(key.to_le_bytes());
        record.extend(length.to_le_bytes());
        record.extend(fnv1a(row).to_le_bytes());
        record.extend(row);
        self.file
            .write_all(&record)
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }

    /// Deletes the journal, once its rows are in the output.
    ///
    /// # Errors
    /// If it cannot be deleted.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path)
            .with_context(|| format!("{} cannot be deleted", self.path.display()))
    }
}

/// What names a file's row: its path, size and time of change.
pub fn key(path: &Path) -> u64 {
    let (size, time) = fs::metadata(path).map_or((0, 0), |metadata| {
        let changed = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (metadata.len(), changed.map_or(0, |time| time.as_nanos()))
    });
    let mut name = path.as_os_str().as_encoded_bytes().to_vec();
    name.extend(size.to_le_bytes());
    name.extend(time.to_le_bytes());
    fnv1a(&name)
}

/// The whole records at the start of `bytes`, and where they end.
fn read_records(bytes: &[u8]) -> (HashMap<u64, Vec<u8>>, usize) {
    let mut rows = HashMap::new();
    let mut rest = bytes;
    while let Some((key, row, after)) = read_record(rest) {
        rows.insert(key, row.to_vec());
        rest = after;
    }
    (rows, bytes.len() - rest.len())
}

/// One record: its key, its row, and what follows. None if it is cut short or damaged.
fn read_record(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (key, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (checksum, rest) = rest.split_first_chunk()?;
    let (row, after) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    (fnv1a(row) == u64::from_le_bytes(*checksum)).then(|| (u64::from_le_bytes(*key), row, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, empty.
    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("tonearm-journal-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        folder
    }

    #[test]
    fn rows_come_back_and_a_record_cut_short_is_forgotten() {
        let folder = folder("cut");
        let out = folder.join("a.npz");
        let (mut journal, rows) = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        assert!(rows.is_empty());
        journal.add(1, b"first").expect("writes");
        journal.add(2, b"second").expect("writes");
        drop(journal);

        let part = folder.join("a.npz.part");
        let bytes = fs::read(&part).expect("is there");
        fs::write(&part, &bytes[..bytes.len() - 1]).expect("can be cut");
        let (mut journal, rows) = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        assert_eq!(rows, HashMap::from([(1, b"first".to_vec())]));

        // What is added now stands where the cut record stood.
        journal.add(3, b"third").expect("writes");
        drop(journal);
        let (journal, rows) = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        assert_eq!(
            rows,
            HashMap::from([(1, b"first".to_vec()), (3, b"third".to_vec())])
        );
        journal.remove().expect("is deleted");
        fs::remove_dir(&folder).expect("nothing else was left behind");
    }

    #[test]
    fn rows_of_other_features_are_forgotten() {
        let folder = folder("features");
        let out = folder.join("a.npz");
        let (mut journal, _) = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        journal.add(1, b"mel").expect("writes");
        drop(journal);
        let (_, rows) = Journal::open(&out, &FeatureConfig::mfcc()).expect("opens");
        assert!(rows.is_empty());
        fs::remove_dir_all(&folder).expect("can be deleted");
    }

    #[test]
    fn two_runs_cannot_write_the_same_output() {
        let folder = folder("lock");
        let out = folder.join("a.npz");
        let _first = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        let error = Journal::open(&out, &FeatureConfig::mel())
            .err()
            .expect("is locked");
        assert!(
            error.to_string().starts_with("another run is writing"),
            "{error}"
        );
        fs::remove_dir_all(&folder).expect("can be deleted");
    }
}
