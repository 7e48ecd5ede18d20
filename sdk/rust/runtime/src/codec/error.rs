//! Errors of encoding and decoding.

use std::fmt;

use crate::codec::violation::Violation;

/// Why a payload was not sent: it breaks its schema, so the fault is on this side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The JSON pointer of the offending value; empty if it is the payload itself or not known.
    pub pointer: String,
    /// What is expected there.
    pub reason: String,
}

/// Why a payload could not be read. Contains nothing of the payload but names of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The JSON pointer of the offending value; empty if it is the payload itself.
    pub pointer: String,
    /// What is expected there.
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

fn write_reason(f: &mut fmt::Formatter<'_>, pointer: &str, reason: &str) -> fmt::Result {
    f.write_str(reason)?;
    if pointer.is_empty() {
        Ok(())
    } else {
        write!(f, " at {pointer}")
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
