//! Imports of the Rust files, and the order of the core's modules.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Files;
use super::code::code_of;
use super::cycles::Imports;

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

/// Modules of the same crate that each module names by `crate::` or `super::`. Each import counts for the outermost
/// modules that differ: if `train/run.rs` uses `report/page.rs`, `train` imports `report`. So a cycle is found too if
/// it passes through a module and one of its children. A module and its own children may use each other.
pub fn rust_imports(files: &Files) -> Imports {
    let mut imports = Imports::new();
    for (file, content) in files {
        let Some((root, module)) = module_of(file) else {
            continue;
        };
        let code = code_of(file, content);
        for path in absolute_paths(&code, &module) {
            let target = file_of(files, &root, &path).and_then(|file| module_of(&file));
            let Some((_, target)) = target else {
                continue;
            };
            let shared = module.iter().zip(&target).take_while(|(a, b)| a == b);
            let depth = shared.count() + 1;
            if depth <= module.len().min(target.len()) {
                let name = |module: &[String]| root.join(module[..depth].join("/"));
                imports
                    .entry(name(&module))
                    .or_default()
                    .insert(name(&target));
            }
        }
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

/// The paths of `crate::` and `super::` in the code of a module, from the root of the crate.
fn absolute_paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let inline = inline_modules(code);
    let mut paths = paths_in(code, "crate::");
    let mut end = 0;
    for start in starts_of(code, "super::") {
        // `super::{super::a}` is read once.
        if start < end {
            continue;
        }
        let mut relative = Vec::new();
        end = start + expand(&mut Vec::new(), &code[start..], &mut relative);
        // `super` leaves the inline modules first.
        let depth = inline.iter().filter(|range| range.contains(&start)).count();
        for path in relative {
            let n_supers = path.iter().take_while(|part| *part == "super").count();
            let n_kept = (module.len() + depth).saturating_sub(n_supers);
            if n_kept <= module.len() {
                paths.push([&module[..n_kept], &path[n_supers..]].concat());
            }
        }
    }
    paths
}

/// The bytes of each inline module, from its name to its closing brace.
fn inline_modules(code: &str) -> Vec<Range<usize>> {
    let mut modules = Vec::new();
    for start in starts_of(code, "mod ") {
        let name = start + "mod ".len();
        let rest = &code[name..];
        let is_inline = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .is_some_and(|end| rest[end..].trim_start().starts_with('{'));
        if is_inline {
            let mut depth = 0;
            let end = rest.find(|c: char| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                c == '}' && depth == 0
            });
            modules.push(name..end.map_or(code.len(), |end| name + end));
        }
    }
    modules
}

/// The paths in code that begin with a prefix, without it: `crate::a::{b, c::D}` gives `[a, b]` and `[a, c, D]`.
fn paths_in(code: &str, prefix: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for start in starts_of(code, prefix) {
        expand(&mut Vec::new(), &code[start + prefix.len()..], &mut paths);
    }
    paths
}

/// Where a prefix begins a path, or is a word of its own.
fn starts_of(code: &str, prefix: &str) -> impl Iterator<Item = usize> {
    let starts = code.match_indices(prefix).map(|(start, _)| start);
    starts.filter(|start| {
        !code[..*start].ends_with(|before: char| {
            before.is_alphanumeric() || before == '_' || before == ':' || before == '$'
        })
    })
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

/// The module of each name that `src/lib.rs` re-exports: `crate::Classifier` is in `classifier`.
fn exports_of_core(files: &Files) -> BTreeMap<String, String> {
    let lib = Path::new("src/lib.rs");
    let code = files.get(lib).map(|content| code_of(lib, content));
    let paths = paths_in(&code.unwrap_or_default(), "pub use ");
    let export = |path: Vec<String>| Some((path.last()?.clone(), path.first()?.clone()));
    paths.into_iter().filter_map(export).collect()
}

/// Modules of the core that use one after them.
pub fn module_order(files: &Files) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::super::tests::files;
    use super::*;
    use crate::structure::cycles::cycle;

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
            found.contains("train/file -> crates/cli/src/train/run"),
            "{found}"
        );
    }

    #[test]
    fn a_cycle_over_two_levels_is_found() {
        for path in ["super::super::report::Page", "super::{super::report::Page}"] {
            let import = format!("use {path};");
            let files = files(&[
                ("crates/cli/src/report.rs", "use crate::train::Args;"),
                ("crates/cli/src/train.rs", "mod run;"),
                ("crates/cli/src/train/run.rs", &import),
            ]);
            assert_eq!(
                cycle(&rust_imports(&files)).as_deref(),
                Some(
                    "import cycle: crates/cli/src/report -> crates/cli/src/train -> crates/cli/src/report"
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn an_inline_module_counts_as_a_level() {
        let run = |path: &str| {
            let code = format!("mod tests {{ fn a() {{}} use super::super::{path}; }}");
            let files = files(&[
                ("src/file.rs", "use crate::train::Args;"),
                ("src/train.rs", ""),
                ("src/train/file.rs", "use super::run::Run;"),
                ("src/train/run.rs", &code),
            ]);
            cycle(&rust_imports(&files))
        };
        assert_eq!(
            run("file::Out").as_deref(),
            Some("import cycle: src/train/file -> src/train/run -> src/train/file")
        );
        assert_eq!(run("Args"), None);
        assert_eq!(
            run("super::file::Out").as_deref(),
            Some("import cycle: src/file -> src/train -> src/file")
        );
    }

    #[test]
    fn a_cycle_through_a_parent_is_found() {
        let files = files(&[
            ("crates/cli/src/report.rs", "use crate::train::Args;"),
            ("crates/cli/src/train.rs", "mod run;\nuse run::run;"),
            ("crates/cli/src/train/run.rs", "use crate::report::Page;"),
        ]);
        assert_eq!(
            cycle(&rust_imports(&files)).as_deref(),
            Some(
                "import cycle: crates/cli/src/report -> crates/cli/src/train -> crates/cli/src/report"
            )
        );
    }

    #[test]
    fn a_module_and_its_parent_are_no_cycle() {
        let files = files(&[
            ("crates/cli/src/train.rs", "use crate::train::file::Out;"),
            ("crates/cli/src/train/file.rs", "use super::Args;"),
        ]);
        assert_eq!(cycle(&rust_imports(&files)), None);
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
}
