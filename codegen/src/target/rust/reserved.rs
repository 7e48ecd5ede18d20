//! Names that generated Rust cannot have, and names of the prelude that a type of the protocol can shadow.

/// The keywords of Rust, sorted.
pub(super) const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The keywords that begin with an upper-case letter.
pub(super) const TYPES: &[&str] = &["Self"];

/// Names of the prelude that generated code uses. If a type of the protocol has such a name, generated code uses the
/// name through the runtime instead.
pub(super) const PRELUDE: &[&str] = &[
    "Box", "Err", "Future", "Ok", "Option", "Result", "Send", "Some", "String", "Sync", "Vec",
];

/// Operations: names of methods of clients, and of files and constants of each role.
pub(super) const OPERATIONS: &[&str] = &["client", "new", "options", "prefix", "roles", "service"];

/// Roles: names of the modules beside the modules of roles.
pub(super) const ROLES: &[&str] = &["assertion", "error", "subject"];

/// Parameters: names of the arguments beside the parameters.
pub(super) const PARAMS: &[&str] = &["connection", "event", "prefix", "request"];

/// Errors: names of the constants beside the errors.
pub(super) const ERRORS: &[&str] = &["catalogue", "error_form"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
