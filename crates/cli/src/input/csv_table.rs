//! Reads CSV tables by the names of their columns.

use std::fs::File;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use csv::{Position, Reader, ReaderBuilder, StringRecord};

/// A CSV with one header row, or several, as pandas writes it for a column index with several levels.
///
/// Spaces around cells are ignored. A row is read at a time, because a table can have hundreds of MB.
pub struct CsvTable {
    csv: Reader<File>,
    path: PathBuf,
    /// The table in messages: its path, after a kind such as `the manifest `.
    title: String,
    header: Vec<StringRecord>,
    row: StringRecord,
}

impl CsvTable {
    /// Opens a table and reads its header. `kind` stands before the path in messages and may be empty.
    ///
    /// # Errors
    /// If the file cannot be opened or read, or ends within a header of several rows.
    pub fn open(kind: &str, path: &Path, n_header_rows: usize) -> Result<Self> {
        let title = format!("{kind}{}", path.display());
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .from_path(path)
            .with_context(|| format!("cannot open {title}"))?;
        let mut table = Self {
            csv,
            path: path.to_owned(),
            title,
            header: Vec::new(),
            row: StringRecord::new(),
        };
        for _ in 0..n_header_rows {
            let is_read = table.advance()?;
            // An empty file has one header row without columns, and `column` names the missing one.
            ensure!(
                is_read || n_header_rows == 1,
                "{} ends within its {n_header_rows} header rows",
                table.title
            );
            table.header.push(table.row.clone());
        }
        Ok(table)
    }

    /// The name that a header row gives to a column; empty if there is none.
    pub fn name(&self, header_row: usize, column: usize) -> &str {
        let name = self.header.get(header_row).and_then(|row| row.get(column));
        name.unwrap_or_default().trim()
    }

    /// Index of the column with these names in the header rows, from top to bottom. Upper and lower case are
    /// equal.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        let n_columns = self.header.first().map_or(0, StringRecord::len);
        (0..n_columns).find(|&column| {
            let mut names = names.iter().enumerate();
            names.all(|(row, name)| self.name(row, column).eq_ignore_ascii_case(name))
        })
    }

    /// As [`CsvTable::find`].
    ///
    /// # Errors
    /// If there is no such column.
    pub fn column(&self, names: &[&str]) -> Result<usize> {
        self.find(names)
            .with_context(|| format!("{} has no column \"{}\"", self.title, names.join(", ")))
    }

    /// Reads the next row with `read`; `None` at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or the number of cells differs from the other rows; and the
    /// errors of `read`, which name the line.
    pub fn next_row<T>(&mut self, read: impl FnOnce(&Self) -> Result<T>) -> Option<Result<T>> {
        match self.advance() {
            Ok(false) => None,
            Ok(true) => Some(read(self).with_context(|| {
                let line = self.row.position().map_or(0, Position::line);
                format!("line {line} of {}", self.path.display())
            })),
            Err(error) => Some(Err(error)),
        }
    }

    /// The remaining rows, each as [`CsvTable::next_row`] reads it.
    pub fn rows<T>(
        &mut self,
        mut read: impl FnMut(&Self) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        iter::from_fn(move || self.next_row(&mut read))
    }

    fn advance(&mut self) -> Result<bool> {
        self.csv
            .read_record(&mut self.row)
            .with_context(|| format!("cannot read {}", self.title))
    }

    /// A cell of the current row.
    pub fn cell(&self, column: usize) -> &str {
        self.row.get(column).unwrap_or_default().trim()
    }

    /// A cell of the current row; `name` describes it in the error, here and below.
    ///
    /// # Errors
    /// If the cell is empty.
    pub fn text(&self, column: usize, name: &str) -> Result<&str> {
        let cell = self.cell(column);
        ensure!(!cell.is_empty(), "{name} is empty");
        Ok(cell)
    }

    /// A cell of the current row as an integer.
    ///
    /// # Errors
    /// If the cell is not an integer of 32 bits.
    pub fn integer(&self, column: usize, name: &str) -> Result<i32> {
        let integer = self.cell(column).parse().ok();
        integer.with_context(|| self.refusal(column, name, "expected an integer"))
    }

    /// A cell of the current row as an id.
    ///
    /// # Errors
    /// If the cell is not a non-negative integer.
    pub fn id(&self, column: usize, name: &str) -> Result<i32> {
        let id = self.cell(column).parse().ok().filter(|id| *id >= 0);
        id.with_context(|| self.refusal(column, name, "expected a non-negative integer"))
    }

    /// A cell of the current row as a number.
    ///
    /// # Errors
    /// If the cell is not a finite number.
    pub fn number(&self, column: usize, name: &str) -> Result<f32> {
        let number = self.cell(column).parse().ok();
        let number = number.filter(|number: &f32| number.is_finite());
        number.with_context(|| self.refusal(column, name, "not a number"))
    }

    /// The message about a cell with a bad value.
    fn refusal(&self, column: usize, name: &str, rule: &str) -> String {
        format!("{name} is \"{}\", {rule}", self.cell(column))
    }
}
