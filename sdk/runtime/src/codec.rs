//! JSON in and out, checked on both ways.

mod strict;

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::Segment;

use self::strict::Strict;
use crate::check::Unknown;
use crate::violation::push_token;
use crate::{Check, Checked, Violation};

/// What can be sent and received.
pub trait Payload: Serialize + DeserializeOwned + Checked + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Checked + Send + 'static> Payload for T {}

/// Where a payload is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A server reads a request: what it does not know is refused.
    Request,
    /// A client reads a reply, or a subscriber an event: what it does not know comes from a newer peer and is kept.
    Reply,
}

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

/// Writes a payload.
///
/// # Errors
/// When the payload breaks its schema.
pub fn encode<T: Serialize + Checked>(payload: &T) -> Result<Bytes, EncodeError> {
    payload.check(Check::root(Unknown::Refuse))?;
    match serde_json::to_vec(payload) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(EncodeError {
            pointer: String::new(),
            reason: error.to_string(),
        }),
    }
}

/// Reads a payload.
///
/// # Errors
/// When the bytes are not JSON in UTF-8, nested more than 127 deep where they are not read over, or break the schema.
pub fn decode<T: DeserializeOwned + Checked>(bytes: &[u8], side: Side) -> Result<T, DecodeError> {
    // All of it: texts that are read over would not be looked at otherwise.
    let text = std::str::from_utf8(bytes).map_err(|error| DecodeError {
        pointer: String::new(),
        reason: format!("expected UTF-8 at byte {}", error.valid_up_to() + 1),
    })?;
    let payload: T = read(text).map_err(|error| locate::<T>(text, &error))?;
    let unknown = match side {
        Side::Request => Unknown::Refuse,
        Side::Reply => Unknown::Keep,
    };
    payload.check(Check::root(unknown))?;
    Ok(payload)
}

fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let payload = T::deserialize(Strict(&mut deserializer))?;
    deserializer.end()?;
    Ok(payload)
}

/// Reads once more, now with the path in hand: only what is wrong pays for it.
fn locate<T: DeserializeOwned>(text: &str, error: &serde_json::Error) -> DecodeError {
    // The kind of the error does not tell: serde_json reports some values of a wrong type as bad syntax.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let place = format!("line {} column {}", error.line(), error.column());
        let full = error.to_string();
        let what = full.strip_suffix(&format!(" at {place}")).unwrap_or(&full);
        let reason = format!("expected JSON, but {what} at {place}");
        return DecodeError {
            pointer: String::new(),
            reason,
        };
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(Strict(&mut deserializer)) {
        Ok(_) => DecodeError {
            pointer: String::new(),
            reason: expectation(&error.to_string()),
        },
        Err(error) => DecodeError {
            pointer: pointer(error.path()),
            reason: expectation(&error.into_inner().to_string()),
        },
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push_token(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_token(&mut pointer, key),
            Segment::Enum { variant } => push_token(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// Takes from serde's message what was expected, and leaves out what was found: that may be a secret.
fn expectation(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(reason, _)| reason);
    if message.starts_with("unknown field") {
        let expected = message
            .rsplit_once(", expected ")
            .map_or("", |(_, expected)| expected);
        return format!("expected no member but {expected}").replace("but one of ", "but ");
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("expected a member {name}");
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return format!("expected one member {name}");
    }
    if message == "expected value" {
        return "expected a value of another type".to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => message.to_owned(),
    }
}
