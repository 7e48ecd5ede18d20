//! Errors of encoding and decoding.

use std::fmt;

use crate::codec::violation::Violation;
use crate::escaped::Escaped;

/// The reason why a payload was not sent: it violates its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The JSON pointer of the invalid value; empty if it is the payload itself or unknown.
    pub pointer: String,
    /// The expected value.
    pub reason: String,
}

/// The reason why a payload could not be decoded. Contains names of members, but no other part of the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The JSON pointer of the invalid value; empty if it is the payload itself.
    pub pointer: String,
    /// The expected value.
    pub reason: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_reason(f, &self.pointer, &self.reason)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_reason(f, &self.pointer, &self.reason)
    }
}

/// Writes reason and pointer, which contain names of the peer's members.
pub(super) fn write_reason(f: &mut fmt::Formatter<'_>, pointer: &str, reason: &str) -> fmt::Result {
    write!(f, "{}", Escaped(reason))?;
    if pointer.is_empty() {
        Ok(())
    } else {
        write!(f, " at {}", Escaped(pointer))
    }
}

impl std::error::Error for EncodeError {}

impl std::error::Error for DecodeError {}

impl From<Violation> for EncodeError {
    fn from(violation: Violation) -> Self {
        let (pointer, reason) = violation.into_parts();
        Self { pointer, reason }
    }
}

impl From<Violation> for DecodeError {
    fn from(violation: Violation) -> Self {
        let (pointer, reason) = violation.into_parts();
        Self { pointer, reason }
    }
}
