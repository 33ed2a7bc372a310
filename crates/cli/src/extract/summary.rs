//! The summary of an extraction, and the files that it leaves out.

use anyhow::{Error, Result, ensure};
use serde::Serialize;

use super::rows::Silent;
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
    #[serde(flatten)]
    pub left_out: LeftOut,
}

/// The files without a row, by reason.
#[derive(Default, Serialize)]
pub struct LeftOut {
    too_short: Vec<Failure>,
    silent: Vec<Failure>,
    unreadable: Vec<Failure>,
}

/// A file without a row, and the reason.
#[derive(Serialize)]
struct Failure {
    file: String,
    error: String,
}

impl LeftOut {
    /// Adds a file, and prints it with the reason to standard error.
    pub fn add(&mut self, file: String, error: &Error) {
        let text = output::error_text(error);
        let (list, skipped) = match error.downcast_ref() {
            Some(tonearm::Error::ClipTooShort { .. }) => (&mut self.too_short, "skipped: "),
            _ if error.is::<Silent>() => (&mut self.silent, "skipped: "),
            _ => (&mut self.unreadable, ""),
        };
        output::note(format_args!("{file}: {skipped}{text}"));
        list.push(Failure { file, error: text });
    }

    fn is_empty(&self) -> bool {
        self.too_short.is_empty() && self.silent.is_empty() && self.unreadable.is_empty()
    }

    /// The number of files of each kind that occurs, as text.
    pub fn counts(&self) -> String {
        let counts = [
            (&self.too_short, "too short"),
            (&self.silent, "silent"),
            (&self.unreadable, "unreadable"),
        ];
        let counts = counts.iter().filter(|(files, _)| !files.is_empty());
        let counts: Vec<_> = counts
            .map(|(files, kind)| format!("{} {kind}", files.len()))
            .collect();
        counts.join(", ")
    }

    /// Checks that no file was left out.
    ///
    /// # Errors
    /// If one was, with the number of files of each kind.
    pub fn check_none(&self) -> Result<()> {
        ensure!(
            self.is_empty(),
            "files were left out: {}; the reasons are listed above",
            self.counts()
        );
        Ok(())
    }
}

impl Summary {
    /// Prints the summary as text or JSON.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn report(&self, as_json: bool) -> Result<()> {
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
        if !self.left_out.is_empty() {
            let counts = self.left_out.counts();
            output::line(format!("Left out: {counts}; the reasons are listed above."))?;
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
