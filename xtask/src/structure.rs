//! Checks the structure of the sources: import cycles, the order of the core's modules, the size of folders, and
//! retired names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// Modules of the core. Each may use those before it, and itself.
const MODULES: [&str; 10] = [
    "error",
    "features",
    "data",
    "models",
    "evaluation",
    "embedding_map",
    "recipe",
    "weights",
    "classifier",
    "training",
];

/// Most source files in a folder.
const MAX_FILES: usize = 15;

/// Folders with sources that people read.
const SOURCES: [&str; 8] = [
    "src",
    "crates",
    "xtask/src",
    "pkg/src",
    "www/src",
    "tests",
    "benches",
    "examples",
];

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

/// Runs all checks and fails if one of them finds something.
pub fn check(project: &Project) -> Result<()> {
    let files = sources(&project.root)?;
    let mut findings = Vec::new();
    findings.extend(full_folders(&files));
    findings.extend(cycle(&typescript_imports(&files)));
    let rust = rust_imports(&files);
    findings.extend(cycle(&rust));
    findings.extend(module_order(&files));
    findings.extend(retired_names(&files));
    if findings.is_empty() {
        println!("  {} files", files.len());
        return Ok(());
    }
    bail!("{}", findings.join("\n    "))
}

/// Content of each source file, by its path from the root.
type Files = BTreeMap<PathBuf, String>;

fn sources(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for folder in SOURCES {
        collect(root, &root.join(folder), &mut files)?;
    }
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules")
                && !path.ends_with("dist")
                && !path.ends_with("test-results")
            {
                collect(root, &path, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "ts")
        {
            let name = path.strip_prefix(root).context("it is below the root")?;
            files.insert(name.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

fn full_folders(files: &Files) -> Vec<String> {
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

/// Files that each file imports.
type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Relative imports of the TypeScript files, types included.
fn typescript_imports(files: &Files) -> Imports {
    let mut imports = Imports::new();
    for (file, content) in files {
        if file.extension().is_none_or(|end| end != "ts") {
            continue;
        }
        let folder = file.parent().unwrap_or(file);
        let targets = relative_specifiers(content)
            .map(|specifier| normalised(&folder.join(specifier)).with_extension("ts"))
            .filter(|target| files.contains_key(target));
        imports.insert(file.clone(), targets.collect());
    }
    imports
}

/// String literals that are relative paths; the build resolves each of them as an import.
fn relative_specifiers(content: &str) -> impl Iterator<Item = &str> {
    content
        .match_indices(['\'', '"'])
        .filter_map(|(start, quote)| {
            let literal = &content[start + 1..];
            let is_relative = literal.starts_with("./") || literal.starts_with("../");
            let end = literal.find(quote)?;
            is_relative.then(|| &literal[..end])
        })
}

/// The path without `.` and `..`.
fn normalised(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                parts.pop();
            }
            std::path::Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts
}

/// Files of the same crate that each Rust file names by `crate::` or `super::`, apart from the modules that contain it:
/// a module may use what its parents define, so a cycle through a parent is not found.
fn rust_imports(files: &Files) -> Imports {
    let mut imports = Imports::new();
    for (file, content) in files {
        let Some((root, module)) = module_of(file) else {
            continue;
        };
        let code = code_of(file, content);
        let mut targets = BTreeSet::new();
        for path in paths_in(&code, "crate::") {
            targets.extend(file_of(files, &root, &path));
        }
        let parent = &module[..module.len().saturating_sub(1)];
        for path in paths_in(&code, "super::") {
            let path: Vec<_> = parent.iter().cloned().chain(path).collect();
            targets.extend(file_of(files, &root, &path));
        }
        targets.retain(|target| {
            module_of(target).is_some_and(|(_, other)| !module.starts_with(&other))
        });
        imports.insert(file.clone(), targets);
    }
    imports
}

/// The folder of a crate's sources, and the module that a file defines: `[train, file]` for `train/file.rs`.
fn module_of(file: &Path) -> Option<(PathBuf, Vec<String>)> {
    if file.extension().is_none_or(|end| end != "rs") {
        return None;
    }
    let root = file.ancestors().find(|folder| folder.ends_with("src"))?;
    let inner = file.strip_prefix(root).ok()?.with_extension("");
    let mut module: Vec<_> = inner
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        module.pop();
    }
    Some((root.to_owned(), module))
}

/// The longest module on a path that has a file.
fn file_of(files: &Files, root: &Path, path: &[String]) -> Option<PathBuf> {
    (1..=path.len()).rev().find_map(|length| {
        let module = path[..length]
            .iter()
            .fold(root.to_owned(), |folder, part| folder.join(part));
        let file = module.with_extension("rs");
        files.contains_key(&file).then_some(file)
    })
}

/// The paths in code that begin with a prefix, without it: `crate::a::{b, c::D}` gives `[a, b]` and `[a, c, D]`.
fn paths_in(code: &str, prefix: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (start, _) in code.match_indices(prefix) {
        let is_part = code[..start].ends_with(|before: char| {
            before.is_alphanumeric() || before == '_' || before == ':' || before == '$'
        });
        if !is_part {
            expand(&mut Vec::new(), &code[start + prefix.len()..], &mut paths);
        }
    }
    paths
}

/// Reads a path, or a group of them in braces, and returns the number of bytes read.
fn expand(base: &mut Vec<String>, code: &str, paths: &mut Vec<Vec<String>>) -> usize {
    let depth = base.len();
    let mut at = 0;
    loop {
        let rest = &code[at..];
        if let Some(inner) = rest.strip_prefix('{') {
            at += 1;
            let mut offset = 0;
            while !inner[offset..].starts_with('}') && offset < inner.len() {
                let next = inner[offset..]
                    .find(|c: char| !c.is_whitespace() && c != ',')
                    .unwrap_or(inner.len() - offset);
                offset += next;
                let read = expand(base, &inner[offset..], paths);
                offset += read;
                if read == 0 && !inner[offset..].starts_with('}') {
                    offset += inner[offset..].chars().next().map_or(1, char::len_utf8);
                }
            }
            at += offset + 1;
            break;
        }
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if length == 0 {
            break;
        }
        base.push(rest[..length].to_owned());
        at += length;
        if code[at..].starts_with("::") {
            at += 2;
        } else {
            paths.push(base.clone());
            break;
        }
    }
    base.truncate(depth);
    at.min(code.len())
}

/// A cycle of imports, if there is one.
fn cycle(imports: &Imports) -> Option<String> {
    let mut done = BTreeSet::new();
    for start in imports.keys() {
        let mut path = Vec::new();
        if let Some(cycle) = visit(start, imports, &mut path, &mut done) {
            let names: Vec<_> = cycle
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            return Some(format!("import cycle: {}", names.join(" -> ")));
        }
    }
    None
}

fn visit(
    file: &PathBuf,
    imports: &Imports,
    path: &mut Vec<PathBuf>,
    done: &mut BTreeSet<PathBuf>,
) -> Option<Vec<PathBuf>> {
    if let Some(start) = path.iter().position(|other| other == file) {
        return Some(path[start..].iter().chain([file]).cloned().collect());
    }
    if !done.insert(file.clone()) {
        return None;
    }
    path.push(file.clone());
    for target in imports.get(file).into_iter().flatten() {
        if let Some(cycle) = visit(target, imports, path, done) {
            return Some(cycle);
        }
    }
    path.pop();
    None
}

/// The module of each name that `src/lib.rs` re-exports: `crate::Classifier` is in `classifier`.
fn exports_of_core(files: &Files) -> BTreeMap<String, String> {
    let lib = Path::new("src/lib.rs");
    let code = files.get(lib).map(|content| code_of(lib, content));
    let paths = paths_in(&code.unwrap_or_default(), "pub use ");
    let export = |path: Vec<String>| Some((path.last()?.clone(), path.first()?.clone()));
    paths.into_iter().filter_map(export).collect()
}

/// Modules of the core that use one after them.
fn module_order(files: &Files) -> Vec<String> {
    let rank = |module: &str| MODULES.iter().position(|other| *other == module);
    let exported = exports_of_core(files);
    let mut findings = Vec::new();
    for (file, content) in files {
        let Ok(inner) = file.strip_prefix("src") else {
            continue;
        };
        let Some(own) = inner
            .with_extension("")
            .iter()
            .next()
            .map(|part| part.to_string_lossy().into_owned())
        else {
            continue;
        };
        let Some(own_rank) = rank(&own) else {
            if own != "lib" {
                findings.push(format!(
                    "{} is in no module that `MODULES` lists",
                    file.display()
                ));
            }
            continue;
        };
        for path in paths_in(&code_of(file, content), "crate::") {
            let first = path.first().map(String::as_str).unwrap_or_default();
            let used = exported.get(first).map_or(first, String::as_str);
            if rank(used).is_some_and(|used| used > own_rank) {
                findings.push(format!(
                    "{} uses `crate::{}`, which comes after `{own}`",
                    file.display(),
                    path.join("::")
                ));
            }
        }
    }
    findings
}

/// Identifiers that contain a retired word.
fn retired_names(files: &Files) -> Vec<String> {
    let mut findings = Vec::new();
    for (file, content) in files {
        // The list itself.
        if file.ends_with("structure.rs") {
            continue;
        }
        let code = code_of(file, content);
        let names: BTreeSet<_> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
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

/// The code of a file: comments and literals are replaced by spaces. Code within a TypeScript template is kept.
fn code_of(file: &Path, source: &str) -> String {
    let is_typescript = file.extension().is_some_and(|end| end == "ts");
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    // For each open template, the number of braces that are open in its current expression.
    let mut templates: Vec<usize> = Vec::new();
    let mut in_text = false;
    while let Some(letter) = rest.chars().next() {
        let mut skipped = 0;
        if in_text {
            // The text of a template, up to its end or its next expression.
            if rest.starts_with("${") {
                skipped = 2;
                in_text = false;
            } else {
                skipped = if letter == '\\' { 2 } else { letter.len_utf8() };
                if letter == '`' {
                    templates.pop();
                    in_text = false;
                }
            }
        } else if rest.starts_with("//") {
            skipped = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            skipped = rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if letter == '"' || (letter == '\'' && is_typescript) {
            skipped = literal_length(rest, letter);
        } else if letter == '`' && is_typescript {
            templates.push(0);
            in_text = true;
            skipped = 1;
        } else if !is_typescript {
            skipped = rust_literal_length(rest, &code);
        }
        if let Some(depth) = templates.last_mut().filter(|_| !in_text && skipped == 0) {
            match letter {
                '{' => *depth += 1,
                '}' if *depth == 0 => {
                    in_text = true;
                    skipped = 1;
                }
                '}' => *depth -= 1,
                _ => {}
            }
        }
        if skipped > 0 {
            code.push(' ');
            rest = rest.get(skipped..).unwrap_or_default();
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    code
}

/// Bytes of a string literal that starts here, its quotes included.
fn literal_length(source: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (index, letter) in source.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if letter == '\\' {
            is_escaped = true;
        } else if letter == quote {
            return index + 1;
        }
    }
    source.len()
}

/// Bytes of a raw string or a character literal of Rust that starts here, or 0. `before` is the code so far.
fn rust_literal_length(source: &str, before: &str) -> usize {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if let Some(raw) = source
        .strip_prefix('r')
        .filter(|_| !before.ends_with(is_word))
    {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(text) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = text.find(&end).map_or(text.len(), |at| at + end.len());
            return 2 + hashes + length;
        }
    }
    let Some(character) = source.strip_prefix('\'') else {
        return 0;
    };
    let mut letters = character.char_indices();
    match letters.next() {
        Some((_, '\\')) => literal_length(source, '\''),
        // A lifetime has no second quote.
        Some(_) => match letters.next() {
            Some((at, '\'')) => at + 2,
            _ => 0,
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(sources: &[(&str, &str)]) -> Files {
        sources
            .iter()
            .map(|(name, content)| (PathBuf::from(name), (*content).to_owned()))
            .collect()
    }

    #[test]
    fn a_cycle_of_typescript_imports_is_found() {
        let files = files(&[
            ("pkg/src/a.ts", "import { b } from './inner/b.js';"),
            ("pkg/src/inner/b.ts", "import type { A } from '../a.js';"),
            ("pkg/src/c.ts", "import './a.js';"),
        ]);
        let found = cycle(&typescript_imports(&files)).expect("there is one");
        assert_eq!(
            found,
            "import cycle: pkg/src/a.ts -> pkg/src/inner/b.ts -> pkg/src/a.ts"
        );
        let sound =
            super::tests::files(&[("pkg/src/a.ts", "import './b.js';"), ("pkg/src/b.ts", "")]);
        assert_eq!(cycle(&typescript_imports(&sound)), None);
    }

    #[test]
    fn a_cycle_of_rust_modules_is_found_and_parents_are_no_cycle() {
        let files = files(&[
            (
                "crates/cli/src/train.rs",
                "mod file;\nmod run;\nuse file::Out;",
            ),
            (
                "crates/cli/src/train/file.rs",
                "use super::run::Run;\nuse super::Args;",
            ),
            (
                "crates/cli/src/train/run.rs",
                "use crate::train::{file::Out, Args};",
            ),
        ]);
        let found = cycle(&rust_imports(&files)).expect("there is one");
        assert!(
            found.contains("train/file.rs -> crates/cli/src/train/run.rs"),
            "{found}"
        );
    }

    #[test]
    fn a_module_that_uses_a_later_one_is_found() {
        let files = files(&[
            (
                "src/data.rs",
                "use crate::{Error, Result};\nuse crate::weights::Weights;",
            ),
            (
                "src/weights.rs",
                "use crate::data::Dataset; // not crate::training",
            ),
        ]);
        let found = module_order(&files);
        assert_eq!(
            found,
            ["src/data.rs uses `crate::weights::Weights`, which comes after `data`"]
        );
    }

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

    #[test]
    fn a_module_and_its_parent_are_no_cycle() {
        let files = files(&[
            ("crates/cli/src/train.rs", "use crate::train::file::Out;"),
            ("crates/cli/src/train/file.rs", "use super::Args;"),
        ]);
        let imports = rust_imports(&files);
        assert_eq!(imports[Path::new("crates/cli/src/train.rs")].len(), 1);
        assert_eq!(cycle(&imports), None);
    }

    #[test]
    fn a_re_exported_name_counts_as_its_module() {
        let files = files(&[
            ("src/lib.rs", "pub use classifier::{Analysis, Classifier};"),
            ("src/data.rs", "use crate::{Classifier, Result};"),
        ]);
        let found = module_order(&files);
        assert_eq!(
            found,
            ["src/data.rs uses `crate::Classifier`, which comes after `data`"]
        );
    }

    #[test]
    fn literals_of_all_kinds_are_no_code() {
        let code = |name: &str, source: &str| {
            let code = code_of(Path::new(name), source);
            code.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let typescript =
            "a('https://x', \"it's\"); b(`text ${c({ d: `${e}` })} \\` text`); // f\ng";
        assert_eq!(code("a.ts", typescript), "a( , ); b( c({ d: e }) ); g");
        let rust = "a('\"', '\\'', \"\\\"\", r#\"\"b\"#); fn c<'d>() { e } // f";
        assert_eq!(code("a.rs", rust), "a( , , , ); fn c<'d>() { e }");
    }
}
