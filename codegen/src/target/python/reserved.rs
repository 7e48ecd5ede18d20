//! Names that generated Python cannot have.

/// The keywords of Python, sorted.
pub(super) const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The keywords that begin with an upper-case letter: no type can have such a name.
pub(super) const TYPES: &[&str] = &["False", "None", "True"];

/// The built-in types that generated code uses.
pub(super) const BUILTINS: &[&str] = &["bool", "dict", "float", "int", "list", "str", "tuple"];

/// Members, parameters and operations: the name of the runtime's module in generated code.
pub(super) const NAMES: &[&str] = &["builtins", "rt"];

/// Operations: names of the modules, methods and constants beside the operations.
pub(super) const OPERATIONS: &[&str] = &["prefix", "roles", "subscriber"];

/// Parameters: names of the arguments beside the parameters.
pub(super) const PARAMS: &[&str] = &["options", "self", "service", "timeout"];

/// Errors: attributes of exceptions.
pub(super) const ERRORS: &[&str] = &[
    "add_note",
    "args",
    "code",
    "detail",
    "kind",
    "retry_after",
    "retryable",
    "with_traceback",
];

/// Whether a member cannot have this name.
pub(super) fn is_reserved(name: &str) -> bool {
    KEYWORDS.binary_search(&name).is_ok() || NAMES.contains(&name)
}

/// The name of a member, a method or a module: with `_` at its end if it is reserved.
pub(super) fn identifier(name: &str) -> String {
    let end = if is_reserved(name) { "_" } else { "" };
    format!("{name}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
