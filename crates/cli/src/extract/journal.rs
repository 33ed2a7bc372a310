//! The rows computed so far, in a file beside the output from which a stopped run resumes.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use tonearm::features::{FeatureConfig, fnv1a};

/// Size in bytes of a record's header: key, length, checksum.
const RECORD_HEADER: usize = 8 + 4 + 8;

/// `F.npz.part`: a line that identifies the features, then one record per row. Records are only appended,
/// so an interruption loses at most the row being written.
pub struct Journal {
    file: File,
    path: PathBuf,
    /// Offset and length of each row, by key.
    rows: HashMap<u64, (u64, usize)>,
    /// Offset of the next record.
    end: u64,
}

impl Journal {
    /// Opens the journal of `out`.
    ///
    /// Discards rows of other features or versions, and a truncated last record.
    ///
    /// # Errors
    /// If the file cannot be read or written, or another run is writing to it.
    pub fn open(out: &Path, config: &FeatureConfig) -> Result<Self> {
        let mut path = out.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let context = || format!("cannot write {}", path.display());

        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(context)?;
        file.try_lock()
            .map_err(|_| anyhow!("another run is writing to {}", out.display()))?;

        let header = format!(
            "tonearm extract {} {}\n",
            env!("CARGO_PKG_VERSION"),
            config.fingerprint()
        );
        let (mut rows, mut end) = (HashMap::new(), 0);
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).with_context(context)?;
        if line == header.as_bytes() {
            end = line.len() as u64;
            while let Some((key, n_bytes)) = read_record(&mut reader) {
                let start = end + RECORD_HEADER as u64;
                rows.insert(key, (start, n_bytes));
                end = start + n_bytes as u64;
            }
        }

        file.set_len(end).with_context(context)?;
        if end == 0 {
            file.rewind().with_context(context)?;
            file.write_all(header.as_bytes()).with_context(context)?;
            end = header.len() as u64;
        }
        Ok(Self {
            file,
            path,
            rows,
            end,
        })
    }

    /// Whether the journal has a row with this key.
    pub fn has(&self, key: u64) -> bool {
        self.rows.contains_key(&key)
    }

    /// Appends a row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, key: u64, row: &[u8]) -> Result<()> {
        let length = u32::try_from(row.len()).context("a row is longer than 4 GB")?;
        let mut record = Vec::with_capacity(RECORD_HEADER + row.len());
        record.extend(key.to_le_bytes());
        record.extend(length.to_le_bytes());
        record.extend(fnv1a(row.iter().copied()).to_le_bytes());
        record.extend(row);
        self.file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(&record))
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        let start = self.end + RECORD_HEADER as u64;
        self.rows.insert(key, (start, row.len()));
        self.end = start + row.len() as u64;
        Ok(())
    }

    /// Reads one row.
    ///
    /// # Errors
    /// If the journal has no row with this key, or cannot be read.
    pub fn row(&mut self, key: u64) -> Result<Vec<u8>> {
        let name = self.path.display();
        let (start, n_bytes) = self
            .rows
            .get(&key)
            .copied()
            .with_context(|| format!("{name} lacks a row"))?;
        let mut row = vec![0; n_bytes];
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut row))
            .with_context(|| format!("cannot read {name}"))?;
        Ok(row)
    }

    /// Deletes the file.
    ///
    /// # Errors
    /// If the file cannot be deleted.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path)
            .with_context(|| format!("cannot delete {}", self.path.display()))
    }
}

/// Key of a file's row: a hash of its path, size and modification time.
pub fn key(path: &Path) -> u64 {
    let (size, time) = fs::metadata(path).map_or((0, 0), |metadata| {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (metadata.len(), modified.map_or(0, |time| time.as_nanos()))
    });
    let mut name = path.as_os_str().as_encoded_bytes().to_vec();
    name.extend(size.to_le_bytes());
    name.extend(time.to_le_bytes());
    fnv1a(name)
}

/// Key and row length of the next record; `None` if it is truncated or corrupt.
fn read_record(reader: &mut impl Read) -> Option<(u64, usize)> {
    let mut header = [0; RECORD_HEADER];
    reader.read_exact(&mut header).ok()?;
    let (key, rest) = header.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (checksum, _) = rest.split_first_chunk()?;
    let length = u32::from_le_bytes(*length);
    // Not allocated up front, because the length may be corrupt.
    let mut row = Vec::new();
    reader.take(length.into()).read_to_end(&mut row).ok()?;
    let is_valid =
        row.len() == length as usize && fnv1a(row.iter().copied()) == u64::from_le_bytes(*checksum);
    is_valid.then(|| (u64::from_le_bytes(*key), row.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary_folder::TemporaryFolder;

    #[test]
    fn rows_are_read_back_and_a_truncated_record_is_discarded() {
        let folder = TemporaryFolder::new();
        let out = folder.join("a.npz");
        let open = || Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        let mut journal = open();
        assert!(!journal.has(1));
        journal.add(1, b"first").expect("writes");
        journal.add(2, b"second").expect("writes");
        assert_eq!(journal.row(1).expect("is there"), b"first");
        drop(journal);

        let part = folder.join("a.npz.part");
        let bytes = fs::read(&part).expect("is there");
        fs::write(&part, &bytes[..bytes.len() - 1]).expect("can be cut");
        let mut journal = open();
        assert!(journal.has(1) && !journal.has(2));
        assert!(journal.row(2).is_err());

        // The next record overwrites the truncated one.
        journal.add(3, b"third").expect("writes");
        drop(journal);
        let mut journal = open();
        assert!(!journal.has(2));
        assert_eq!(journal.row(1).expect("is there"), b"first");
        assert_eq!(journal.row(3).expect("is there"), b"third");
        journal.remove().expect("is deleted");
        fs::remove_dir(&*folder).expect("nothing else was left behind");
    }

    #[test]
    fn rows_of_other_features_are_discarded() {
        let folder = TemporaryFolder::new();
        let out = folder.join("a.npz");
        let mut journal = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        journal.add(1, b"mel").expect("writes");
        drop(journal);
        let journal = Journal::open(&out, &FeatureConfig::mfcc()).expect("opens");
        assert!(!journal.has(1));
    }

    #[test]
    fn two_runs_cannot_write_the_same_output() {
        let folder = TemporaryFolder::new();
        let out = folder.join("a.npz");
        let _first = Journal::open(&out, &FeatureConfig::mel()).expect("opens");
        let error = Journal::open(&out, &FeatureConfig::mel())
            .err()
            .expect("is locked");
        assert!(
            error.to_string().starts_with("another run is writing"),
            "{error}"
        );
    }
}
