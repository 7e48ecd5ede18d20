//! JSON in and out, checked on both ways.

pub mod assertion;
pub mod format;
pub mod json;
#[doc(hidden)]
pub mod macros;
pub(crate) mod reason;
pub(crate) mod types;
pub mod violation;

use std::cell::Cell;
use std::fmt;

use bytes::Bytes;

use crate::Violation;
use crate::codec::json::{Decode, Encode, Limits, Reader, Writer};

/// A writer with no more room than this is kept for the next payload.
const KEPT: usize = 1 << 20;

thread_local! {
    static WRITER: Cell<Writer> = const { Cell::new(Writer::new(Vec::new())) };
}

/// What can be sent and received.
pub trait Payload: Encode + for<'a> Decode<'a> + Send + 'static {}

impl<T: Encode + for<'a> Decode<'a> + Send + 'static> Payload for T {}

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

/// Writes a payload as compact JSON.
///
/// # Errors
/// When the payload breaks its schema.
pub fn encode<T: Encode + ?Sized>(payload: &T) -> Result<Bytes, EncodeError> {
    Ok(write(payload, Writer::take)?)
}

/// Writes a value with the writer of this thread, for `read` to make something of it.
pub(crate) fn write<T: Encode + ?Sized, R>(
    value: &T,
    read: impl FnOnce(&mut Writer) -> R,
) -> Result<R, Violation> {
    let mut writer = WRITER.take();
    writer.clear();
    let outcome = value.encode(&mut writer);
    let outcome = outcome.map(|()| read(&mut writer));
    if writer.room() <= KEPT {
        WRITER.set(writer);
    }
    outcome
}

/// Reads a payload, within the [default limits](Limits::default).
///
/// ```
/// use natsgen_runtime::{Limited, Side, codec};
///
/// type Names = Limited<Vec<String>, 1, 8>;
///
/// let names: Names = codec::decode(br#"["tea", "milk"]"#, Side::Reply)?;
/// assert_eq!(names[1], "milk");
///
/// let error = codec::decode::<Names>(br#"["tea", 5]"#, Side::Reply).unwrap_err();
/// assert_eq!(error.pointer, "/1");
/// assert_eq!(error.reason, "expected a text");
/// # Ok::<(), natsgen_runtime::DecodeError>(())
/// ```
///
/// # Errors
/// When the bytes are not JSON in UTF-8, beyond the limits, or break the schema.
pub fn decode<'a, T: Decode<'a>>(bytes: &'a [u8], side: Side) -> Result<T, DecodeError> {
    payload(Reader::from_bytes(bytes, side)?)
}

/// Reads a payload within limits of its own.
///
/// # Errors
/// When the bytes are not JSON in UTF-8, beyond the limits, or break the schema.
pub fn decode_within<'a, T: Decode<'a>>(
    bytes: &'a [u8],
    side: Side,
    limits: Limits,
) -> Result<T, DecodeError> {
    payload(Reader::from_bytes(bytes, side)?.with_limits(limits))
}

#[inline]
fn payload<'a, T: Decode<'a>>(mut reader: Reader<'a>) -> Result<T, DecodeError> {
    let payload = T::decode(&mut reader)?;
    reader.finish()?;
    Ok(payload)
}
