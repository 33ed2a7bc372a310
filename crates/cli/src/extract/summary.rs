//! The summary of an extraction.

use anyhow::Result;
use serde::Serialize;

use crate::output;

/// The output of `--json`.
#[derive(Serialize)]
pub struct Summary {
    pub out: String,
    pub rows: usize,
    /// Number of rows computed by an earlier, stopped run.
    pub resumed: usize,
    /// Number of files without an audio extension, or outside the genre folders.
    pub ignored: usize,
    pub labels: Vec<String>,
    pub labels_out: String,
    /// Whether the artists are known. If not, every file counts as a separate artist.
    pub artists_known: bool,
    pub unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
pub struct Unreadable {
    pub file: String,
    pub error: String,
}

/// Prints the files and the reasons to standard error.
pub fn list<'a>(unreadable: impl IntoIterator<Item = &'a Unreadable>) {
    for Unreadable { file, error } in unreadable {
        eprintln!("{file}: {error}");
    }
}

impl Summary {
    /// Prints the files that could not be read, then the summary as text or JSON.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn report(&self, as_json: bool) -> Result<()> {
        list(&self.unreadable);
        if as_json {
            return output::json(self);
        }
        output::line(format!(
            "Wrote {} rows of {} genres to {}, and the genre names to {}.",
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
                "Ignored {} files without an audio extension or outside the genre folders.",
                self.ignored
            ))?;
        }
        Ok(())
    }
}
