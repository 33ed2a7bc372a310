//! Retired names.

use std::collections::BTreeSet;

use super::Files;
use super::code::code_of;

/// Words that no identifier may contain, each with the term that replaced it.
const RETIRED: [(&str, &str); 13] = [
    ("Lesson", "TrainingTask"),
    ("Workshop", "TrainController"),
    ("Desk", "OpenProject"),
    ("Intake", "ImportQueue"),
    ("Hearing", "PreviewPlayer"),
    ("Heard", "embedded"),
    ("Opinions", "ensemble weights or predictions"),
    ("Torn", "classes with leakage"),
    ("Deck", "player"),
    ("Carrying", "drag types"),
    ("Surroundings", "Platform"),
    ("Lanes", "SIMD vectors"),
    ("Keeping", "CheckpointContents"),
];

/// A retired name of several words, and its replacement.
const RETIRED_NAME: (&str, &str) = ("EngineInUse", "EngineController");

/// Retired in the core, where it meant an embedding network. Elsewhere it is an event listener.
const RETIRED_IN_CORE: (&str, &str) = ("Listener", "backbone");

/// Identifiers and names of files and folders that contain a retired word.
pub fn retired_names(files: &Files) -> Vec<String> {
    let mut findings = Vec::new();
    for (file, content) in files {
        // The list itself.
        if file.ends_with("structure/words.rs") {
            continue;
        }
        let code = code_of(file, content);
        // `open-desk.ts` is checked as `open_desk`.
        let path = file.with_extension("").to_string_lossy().replace('-', "_");
        let names: BTreeSet<_> = [path.as_str(), &code]
            .into_iter()
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'))
            .collect();
        for name in names {
            if let Some(term) = replacement(name, file.starts_with("src")) {
                findings.push(format!(
                    "{}: `{name}` is a retired name; use {term}",
                    file.display()
                ));
            }
        }
    }
    findings
}

/// The term to use instead of a retired name.
fn replacement(name: &str, in_core: bool) -> Option<&'static str> {
    let words = words_of(name);
    if words.concat().contains(RETIRED_NAME.0) {
        return Some(RETIRED_NAME.1);
    }
    let mut retired = RETIRED.iter().chain(in_core.then_some(&RETIRED_IN_CORE));
    let (_, term) = retired.find(|(word, _)| words.iter().any(|own| own == word))?;
    Some(term)
}

/// The words of an identifier, each with a capital: `is_heard`, `isHeard` and `IS_HEARD` are `[Is, Heard]`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = '_';
    for letter in name.chars() {
        let begins = last == '_' || (letter.is_uppercase() && last.is_lowercase());
        if letter == '_' {
            // It belongs to no word.
        } else if begins {
            words.push(letter.to_uppercase().collect());
        } else if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        last = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::tests::files;
    use super::*;

    #[test]
    fn retired_names_are_found_in_code_and_not_in_prose() {
        let files = files(&[
            (
                "src/a.rs",
                "// heard\nlet text = \"heard\";\nlet is_heard = 1;",
            ),
            (
                "pkg/src/b.ts",
                "class EngineInUseHere {}\naddEventListener('a', b);\nconst planes = 1;",
            ),
        ]);
        let found: Vec<_> = retired_names(&files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("pkg/src/b.ts: `EngineInUseHere`"),
            "{found:?}"
        );
        assert!(found[1].starts_with("src/a.rs: `is_heard`"), "{found:?}");
    }

    #[test]
    fn retired_words_are_found_in_the_names_of_files_and_folders() {
        let files = files(&[
            ("www/src/train/engine-in-use.ts", ""),
            ("crates/cli/src/lesson/plan.rs", ""),
            ("www/src/train/desktop.ts", ""),
        ]);
        assert_eq!(
            retired_names(&files),
            [
                "crates/cli/src/lesson/plan.rs: `lesson` is a retired name; use TrainingTask",
                "www/src/train/engine-in-use.ts: `engine_in_use` is a retired name; use EngineController",
            ]
        );
    }
}
