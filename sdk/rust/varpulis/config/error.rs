//! What is wrong with a configuration.

use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use super::place::Place;

/// What is wrong with a configuration, and where. Contains no value of it: that may be a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file cannot be read: the configuration's, or the one that a variable names.
    Unreadable {
        /// Who asks for the file.
        place: Place,
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        error: io::Error,
    },
    /// The configuration has no such member.
    Unknown {
        /// Who sets it.
        place: Place,
        /// The JSON pointer of the object that does not know it.
        pointer: String,
        /// Its name, where it stands in a file.
        member: Option<String>,
        /// What is expected there.
        reason: String,
    },
    /// Two variables set one member, or a member and one inside of it.
    SetTwice([String; 2]),
    /// A value is not what it should be, or is not there.
    Wrong {
        /// Who sets it.
        place: Place,
        /// Its JSON pointer in the configuration; empty for all of it.
        pointer: String,
        /// What is expected there.
        reason: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { place, path, .. } if place.variables.is_empty() => {
                write!(f, "{} cannot be read", path.display())
            }
            Self::Unreadable { place, path, .. } => {
                write!(f, "{} of {place} cannot be read", path.display())
            }
            Self::Unknown {
                place,
                pointer,
                member,
                reason,
            } => {
                match member {
                    Some(member) => write!(f, "{place}: unknown member `{member}`, ")?,
                    None => write!(f, "{place} sets no member, ")?,
                }
                write_reason(f, reason, pointer)
            }
            Self::SetTwice([one, other]) => write!(f, "{one} and {other} set the same"),
            Self::Wrong {
                place,
                pointer,
                reason,
            } => {
                write!(f, "{place}: ")?;
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
            Self::Unknown { .. } | Self::SetTwice(_) | Self::Wrong { .. } => None,
        }
    }
}
