//! Failures of commands and their exit codes.

use std::fmt;
use std::io;

use natsgen::{Diagnostic, Diagnostics, ReadError, Severity};

/// The reason why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The input has errors, or files are out of date.
    Wrong(String),
    /// The command could not be run.
    Broken(String),
}

impl Failure {
    /// A schema directory cannot be read.
    pub(super) fn unreadable(error: &ReadError) -> Self {
        Self::Broken(format!(
            "{error}\n  help: run this where the directory is, or name another one\n"
        ))
    }

    /// Standard output cannot be written.
    pub(super) fn unwritable(error: &io::Error) -> Self {
        Self::Broken(format!("cannot write to standard output: {error}\n"))
    }

    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Wrong(_) => 1,
            Self::Broken(_) => 2,
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Wrong(format!(
            "{diagnostics}\n{}\n",
            counts(diagnostics.as_slice())
        ))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(text) | Self::Broken(text) => f.write_str(text),
        }
    }
}

/// The number of errors and warnings, as a sentence.
pub(super) fn counts(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    let counted =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}, {}",
        counted(errors, "error"),
        counted(diagnostics.len() - errors, "warning")
    )
}
