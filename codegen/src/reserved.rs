//! Words that cannot be names, because a language that code is generated in has taken them.

use crate::model::Name;

const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
const TYPESCRIPT: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];
const PYTHON: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
];
const GO: &[&str] = &[
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "error",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "nil",
    "package",
    "range",
    "return",
    "select",
    "string",
    "struct",
    "switch",
    "type",
    "var",
];

/// The languages in which a name of an operation, a role or a parameter is a keyword.
pub(crate) fn anywhere(name: &Name) -> Vec<&'static str> {
    among(
        name,
        &[
            ("Rust", RUST),
            ("TypeScript", TYPESCRIPT),
            ("Python", PYTHON),
            ("Go", GO),
        ],
    )
}

/// The languages in which the name of a field is a keyword: TypeScript's properties may be called anything, and Go's
/// fields start with a capital.
pub(crate) fn of_field(name: &Name) -> Vec<&'static str> {
    among(name, &[("Rust", RUST), ("Python", PYTHON)])
}

fn among(name: &Name, languages: &[(&'static str, &[&str])]) -> Vec<&'static str> {
    let [word] = name.words() else {
        return Vec::new();
    };
    languages
        .iter()
        .filter(|(_, words)| words.binary_search(&&**word).is_ok())
        .map(|(language, _)| *language)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, everywhere: &[&str], field: &[&str]) {
        let name = Name::new(word.split('_').map(str::to_owned).collect());
        assert_eq!(
            (&anywhere(&name)[..], &of_field(&name)[..]),
            (everywhere, field),
            "{word}"
        );
    }

    #[test]
    fn lists_are_sorted_for_the_search() {
        for words in [RUST, TYPESCRIPT, PYTHON, GO] {
            assert!(words.is_sorted());
        }
    }

    #[test]
    fn keywords_are_found_by_language() {
        check("match", &["Rust"], &["Rust"]);
        check("type", &["Rust", "Go"], &["Rust"]);
        check("from", &["Python"], &["Python"]);
        check("delete", &["TypeScript"], &[]);
        check("deploy", &[], &[]);
        check("match_type", &[], &[]);
    }
}
