//! Errors of the parser.

use std::fmt;

/// Why a source is not a valid program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProgramError {
    /// A syntax error.
    Syntax {
        line: usize,
        column: usize,
        reason: String,
    },
    /// The program is valid in Varpulis but needs more than the sample engine supports.
    Unsupported(String),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax {
                line,
                column,
                reason,
            } => {
                write!(f, "Line {line}, column {column}: {reason}")
            }
            Self::Unsupported(reason) => f.write_str(reason),
        }
    }
}
