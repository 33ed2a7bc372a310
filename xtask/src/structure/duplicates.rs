//! Code that stands twice.

use std::collections::HashMap;
use std::path::Path;

use super::Files;

/// Number of equal lines in a row that count as a duplicate.
const MIN_LINES: usize = 10;

/// Runs of lines that stand in two places. Comments, imports, and lines of brackets alone do not count.
pub fn duplicates(files: &Files) -> Vec<String> {
    let mut places: HashMap<Vec<&str>, (&Path, usize)> = HashMap::new();
    let mut findings = Vec::new();
    for (file, content) in files {
        let mut was_duplicate = false;
        for run in code_lines(content).windows(MIN_LINES) {
            let number = run[0].0;
            let lines = run.iter().map(|(_, line)| *line).collect();
            let (first, at) = *places.entry(lines).or_insert((file, number));
            let is_duplicate = (first, at) != (file.as_path(), number);
            // Only the beginning of a longer run is reported.
            if is_duplicate && !was_duplicate {
                findings.push(format!(
                    "{}:{number} repeats {}:{at}; write it once",
                    file.display(),
                    first.display()
                ));
            }
            was_duplicate = is_duplicate;
        }
    }
    findings
}

/// The lines that count, trimmed, each with its number.
fn code_lines(content: &str) -> Vec<(usize, &str)> {
    // The end of the comment or import that a line is in.
    let mut skipping_to = None;
    let mut lines = Vec::new();
    for (index, line) in content.lines().enumerate() {
        let line = line.trim();
        if skipping_to.is_none() {
            skipping_to = if line.starts_with("/*") {
                Some("*/")
            } else if ["use ", "pub use ", "import ", "export {", "export type {"]
                .iter()
                .any(|start| line.starts_with(start))
            {
                Some(";")
            } else {
                None
            };
            let is_code = skipping_to.is_none() && !line.starts_with("//");
            if is_code && line.contains(char::is_alphanumeric) {
                lines.push((index + 1, line));
            }
        }
        if skipping_to.is_some_and(|end| line.ends_with(end)) {
            skipping_to = None;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::tests::files;
    use super::*;

    #[test]
    fn a_run_of_lines_in_two_files_is_reported_once() {
        let code = |n: usize| -> String { (0..n).map(|i| format!("let x{i} = {i};\n")).collect() };
        let long = code(MIN_LINES + 2);
        let commented = format!("import {{\n  a,\n}} from 'b';\n/** One\n * two. */\n{long}");
        let found = duplicates(&files(&[("src/a.ts", &long), ("src/b.ts", &commented)]));
        assert_eq!(found, ["src/b.ts:6 repeats src/a.ts:1; write it once"]);

        let short = code(MIN_LINES - 1);
        let found = duplicates(&files(&[("src/a.ts", &short), ("src/b.ts", &short)]));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn imports_and_comments_may_be_equal() {
        let code = "use a::b;\n// One.\n}\n".repeat(MIN_LINES);
        let found = duplicates(&files(&[("src/a.rs", &code), ("src/b.rs", &code)]));
        assert!(found.is_empty(), "{found:?}");
    }
}
