//! Names that generated TypeScript cannot have.

/// Parameters: words that cannot be the name of an argument, and names of the arguments beside the parameters.
pub(super) const PARAMS: &[&str] = &[
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
    "options",
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

/// Parameters that identify an instance of a role: names that the function beside the parameter uses.
pub(super) const INSTANCES: &[&str] = &["rt", "service", "subject"];

/// Operations: names of methods that a class has already, or that change the meaning of its objects.
pub(super) const OPERATIONS: &[&str] =
    &["call", "constructor", "prefix", "publish", "roles", "then"];

/// Errors: names of functions that the class of errors has already.
pub(super) const ERRORS: &[&str] = &[
    "arguments",
    "call",
    "apply",
    "bind",
    "caller",
    "capture_stack_trace",
    "is_error",
    "length",
    "name",
    "prepare_stack_trace",
    "prototype",
    "stack_trace_limit",
];
