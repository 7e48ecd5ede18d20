//! Names that generated Go cannot have.

/// The keywords of Go. Fields and operations have exported names, so only packages and parameters can be keywords.
pub(super) const KEYWORDS: &[&str] = &[
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Roles: packages that generated code imports, and directories with a meaning for the go command.
pub(super) const PACKAGES: &[&str] = &[
    "assertion",
    "assertions",
    "codec",
    "context",
    "fault",
    "fmt",
    "internal",
    "json",
    "main",
    "math",
    "natsgen",
    "slog",
    "subject",
    "testdata",
    "time",
    "vendor",
];

/// Operations: names of the other files of a role.
pub(super) const FILES: &[&str] = &["client", "service"];

/// Parameters: names of the arguments and results beside the parameters, and of the package that methods use.
pub(super) const PARAMS: &[&str] = &[
    "c", "conn", "ctx", "err", "event", "natsgen", "options", "reply", "request", "service",
];

/// Parameters that identify an instance: further names that the function `Serve` uses.
pub(super) const INSTANCES: &[&str] = &["router", "subject"];

/// Fields and variants: names of the methods of each type.
pub(super) const METHODS: &[&str] = &["DecodeFrom", "EncodeTo", "MarshalJSON", "UnmarshalJSON"];
