//! Cycles of imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What each file, or each module, imports.
pub type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// A cycle of imports, if there is one.
pub fn cycle(imports: &Imports) -> Option<String> {
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
