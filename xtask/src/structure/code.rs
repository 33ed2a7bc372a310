//! The code of a source file, without comments and literals.

use std::path::Path;

/// The code of a file: comments and literals are replaced by spaces. Code within a TypeScript template is kept.
pub fn code_of(file: &Path, source: &str) -> String {
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
