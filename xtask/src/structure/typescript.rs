//! Imports of the TypeScript files.

use std::path::{Path, PathBuf};

use super::Files;
use super::cycles::Imports;

/// Relative imports of the TypeScript files, types included.
pub fn typescript_imports(files: &Files) -> Imports {
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

#[cfg(test)]
mod tests {
    use super::super::tests::files;
    use super::*;
    use crate::structure::cycles::cycle;

    #[test]
    fn a_cycle_of_typescript_imports_is_found() {
        let cyclic = files(&[
            ("pkg/src/a.ts", "import { b } from './inner/b.js';"),
            ("pkg/src/inner/b.ts", "import type { A } from '../a.js';"),
            ("pkg/src/c.ts", "import './a.js';"),
        ]);
        let found = cycle(&typescript_imports(&cyclic)).expect("there is one");
        assert_eq!(
            found,
            "import cycle: pkg/src/a.ts -> pkg/src/inner/b.ts -> pkg/src/a.ts"
        );
        let sound = files(&[("pkg/src/a.ts", "import './b.js';"), ("pkg/src/b.ts", "")]);
        assert_eq!(cycle(&typescript_imports(&sound)), None);
    }
}
