//! What an extraction came to.

use anyhow::Result;
use serde::Serialize;

use crate::output;

/// What came out, as `--json` prints it.
#[derive(Serialize)]
pub struct Summary {
    pub out: String,
    pub rows: usize,
    /// Rows that an earlier, stopped run had computed.
    pub resumed: usize,
    /// Files that are no audio by their name, or lie in no genre's folder.
    pub ignored: usize,
    pub labels: Vec<String>,
    pub labels_out: String,
    /// Whether a manifest or an archive named the artists. If not, every file counts as an artist of
    /// its own.
    pub artists_known: bool,
    pub unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
pub struct Unreadable {
    pub file: String,
    pub error: String,
}

/// Names the files on standard error, with the reasons.
pub fn list<'a>(unreadable: impl IntoIterator<Item = &'a Unreadable>) {
    for Unreadable { file, error } in unreadable {
        eprintln!("{file}: {error}");
    }
}

impl Summary {
    /// Prints the summary, in words or as JSON, after the files that could not be read.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn report(&self, as_json: bool) -> Result<()> {
        list(&self.unreadable);
        if as_json {
            return output::json(self);
        }
        output::line(format!(
            "{} rows of {} genres in {}, the genres' names in {}.",
            self.rows,
            self.labels.len(),
            self.out,
            self.labels_out
        ))?;
        if !self.unreadable.is_empty() {
            output::line(format!(
                "{} files could not be read; they are listed above.",
                self.unreadable.len()
            ))?;
        }
        if self.ignored > 0 {
            output::line(format!(
                "{} files were ignored: no audio by their name, or in no genre's folder.",
                self.ignored
            ))?;
        }
        Ok(())
    }
}
