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

/// Words of an earlier vocabulary, which no identifier may contain.
const RETIRED: [&str; 13] = [
    "Lesson",
    "Workshop",
    "Desk",
    "Intake",
    "Hearing",
    "Heard",
    "Opinions",
    "Torn",
    "Deck",
    "Carrying",
    "Surroundings",
    "Lanes",
    "Keeping",
];

/// Retired names of several words.
const RETIRED_NAMES: [&str; 1] = ["EngineInUse"];

/// Retired in the core, where it meant an embedding network; elsewhere it is an event listener.
const RETIRED_IN_CORE: &str = "Listener";

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

/// Files of the same crate that each Rust file names by `crate::` or `super::`, apart from its ancestors: a module
/// may use what its parent defines.
fn rust_imports(files: &Files) -> Imports {
    let mut imports = Imports::new();
    for (file, content) in files {
        let Some((root, module)) = module_of(file) else {
            continue;
        };
        let mut targets = BTreeSet::new();
        for path in paths_in(content, "crate::") {
            targets.extend(file_of(files, &root, &path));
        }
        let parent = &module[..module.len().saturating_sub(1)];
        for path in paths_in(content, "super::") {
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
fn paths_in(content: &str, prefix: &str) -> Vec<Vec<String>> {
    let code = without_prose(content, '"');
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

/// Modules of the core that use one after them.
fn module_order(files: &Files) -> Vec<String> {
    let rank = |module: &str| MODULES.iter().position(|other| *other == module);
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
        for path in paths_in(content, "crate::") {
            if path
                .first()
                .and_then(|module| rank(module))
                .is_some_and(|used| used > own_rank)
            {
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

fn retired_names(files: &Files) -> Vec<String> {
    let mut findings = Vec::new();
    for (file, content) in files {
        // The list itself.
        if file.ends_with("structure.rs") {
            continue;
        }
        let mut code = without_prose(content, '"');
        if file.extension().is_some_and(|end| end == "ts") {
            code = without_prose(&code, '\'');
        }
        let names: BTreeSet<_> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for name in names {
            let words = words_of(name);
            let is_retired = |word: &String| {
                RETIRED.contains(&word.as_str())
                    || (file.starts_with("src") && word == RETIRED_IN_CORE)
            };
            if words.iter().any(is_retired)
                || RETIRED_NAMES
                    .iter()
                    .any(|retired| words.concat().contains(retired))
            {
                findings.push(format!(
                    "{}: `{name}` is a retired name; see the vocabulary in CONTRIBUTING.md",
                    file.display()
                ));
            }
        }
    }
    findings
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

/// The source with each comment and string literal replaced by a space.
fn without_prose(source: &str, quote: char) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if letter == quote {
            literal_length(rest, quote)
        } else {
            0
        };
        if skipped > 0 {
            code.push(' ');
            rest = &rest[skipped..];
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
}
