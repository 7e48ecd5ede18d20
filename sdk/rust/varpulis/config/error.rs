//! Errors of the configuration.

use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use super::origin::Origin;

/// An error of the configuration. Contains no value, because a value may be a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration file, or a file that a variable names, cannot be read.
    Unreadable {
        /// The source that names the file.
        origin: Origin,
        /// The path of the file.
        path: PathBuf,
        /// The I/O error.
        error: io::Error,
    },
    /// The schema has no such member.
    UnknownMember {
        /// The source that sets the member.
        origin: Origin,
        /// The JSON pointer of the object that has no such member.
        pointer: String,
        /// The name of the member, if a file sets it.
        member: Option<String>,
        /// The expected members.
        reason: String,
    },
    /// A variable sets no member, but would with separators (`__`) in place of single underscores.
    Separator {
        /// The name of the variable.
        variable: String,
        /// The name that sets a member.
        meant: String,
    },
    /// Two variables set the same member, or a member and a member inside it.
    Duplicate([String; 2]),
    /// A value is invalid or missing.
    Invalid {
        /// The source that sets the value.
        origin: Origin,
        /// The JSON pointer of the value; empty for the whole configuration.
        pointer: String,
        /// The expected value.
        reason: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { origin, path, .. } if origin.variables.is_empty() => {
                write!(f, "{} cannot be read", path.display())
            }
            Self::Unreadable { origin, path, .. } => {
                write!(f, "{} of {origin} cannot be read", path.display())
            }
            Self::UnknownMember {
                origin,
                pointer,
                member,
                reason,
            } => {
                match member {
                    Some(member) => write!(f, "{origin}: unknown member `{member}`, ")?,
                    None => write!(f, "{origin} sets no member, ")?,
                }
                write_reason(f, reason, pointer)
            }
            Self::Separator { variable, meant } => {
                write!(f, "{variable} sets no member, but {meant} would")
            }
            Self::Duplicate([first, second]) => {
                write!(f, "{first} and {second} set the same member")
            }
            Self::Invalid {
                origin,
                pointer,
                reason,
            } => {
                write!(f, "{origin}: ")?;
                write_reason(f, reason, pointer)
            }
        }
    }
}

fn write_reason(f: &mut fmt::Formatter<'_>, reason: &str, pointer: &str) -> fmt::Result {
    f.write_str(reason)?;
    if pointer.is_empty() {
        return Ok(());
    }
    write!(f, " at {pointer}")
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            Self::UnknownMember { .. }
            | Self::Separator { .. }
            | Self::Duplicate(_)
            | Self::Invalid { .. } => None,
        }
    }
}
