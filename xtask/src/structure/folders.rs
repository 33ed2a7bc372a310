//! The number of source files in a folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::Files;

/// Most source files in a folder.
const MAX_FILES: usize = 15;

/// Folders with too many files.
pub fn full_folders(files: &Files) -> Vec<String> {
    let mut counts: BTreeMap<&Path, usize> = BTreeMap::new();
    for file in files.keys() {
        *counts.entry(file.parent().unwrap_or(file)).or_default() += 1;
    }
    let full = counts.into_iter().filter(|(_, count)| *count > MAX_FILES);
    full.map(|(folder, count)| {
        format!(
            "{} has {count} source files; at most {MAX_FILES} are allowed: sort them by topic",
            folder.display()
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::files;
    use super::*;

    #[test]
    fn a_full_folder_is_found() {
        let many: Vec<_> = (0..=MAX_FILES)
            .map(|i| (format!("src/{i}.rs"), ""))
            .collect();
        let many: Vec<_> = many
            .iter()
            .map(|(name, content)| (name.as_str(), *content))
            .collect();
        assert_eq!(full_folders(&files(&many)).len(), 1);
        assert!(full_folders(&files(&many[1..])).is_empty());
    }
}
