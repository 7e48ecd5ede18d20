//! Encodes and decodes complete payloads.

use std::cell::Cell;

use crate::codec::error::{DecodeError, EncodeError};
use crate::codec::json::{Decode, Encode, Limits, Reader, Writer};
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// The maximum capacity in bytes of a writer that is reused for the next payload.
const MAX_KEPT: usize = 1 << 20;

thread_local! {
    static WRITER: Cell<Writer> = const { Cell::new(Writer::new(Vec::new())) };
}

/// A type that can be sent and received.
pub trait Payload: Encode + for<'a> Decode<'a> + Send + 'static {}

impl<T: Encode + for<'a> Decode<'a> + Send + 'static> Payload for T {}

/// Encodes a payload as compact JSON.
///
/// # Errors
/// If the payload violates its schema.
pub fn encode<T: Encode + ?Sized>(payload: &T) -> Result<Vec<u8>, EncodeError> {
    Ok(write(payload, Writer::take)?)
}

/// Encodes a value with the writer of this thread, and passes the writer to `read`.
pub(crate) fn write<T: Encode + ?Sized, R>(
    value: &T,
    read: impl FnOnce(&mut Writer) -> R,
) -> Result<R, Violation> {
    let mut writer = WRITER.take();
    writer.clear();
    let outcome = value.encode(&mut writer);
    let outcome = outcome.map(|()| read(&mut writer));
    if writer.room() <= MAX_KEPT {
        WRITER.set(writer);
    }
    outcome
}

/// Decodes a payload within the [default limits](Limits::default).
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
/// assert_eq!(error.reason, "expected a string");
/// # Ok::<(), natsgen_runtime::DecodeError>(())
/// ```
///
/// # Errors
/// If the bytes are not JSON in UTF-8, exceed a limit, or violate the schema.
pub fn decode<'a, T: Decode<'a>>(bytes: &'a [u8], side: Side) -> Result<T, DecodeError> {
    payload(Reader::from_bytes(bytes, side)?)
}

/// Decodes a payload within these limits.
///
/// # Errors
/// If the bytes are not JSON in UTF-8, exceed a limit, or violate the schema.
pub fn decode_within<'a, T: Decode<'a>>(
    bytes: &'a [u8],
    side: Side,
    limits: Limits,
) -> Result<T, DecodeError> {
    payload(Reader::from_bytes(bytes, side)?.limits(limits))
}

#[inline]
fn payload<'a, T: Decode<'a>>(mut reader: Reader<'a>) -> Result<T, DecodeError> {
    let payload = T::decode(&mut reader)?;
    reader.finish()?;
    Ok(payload)
}
