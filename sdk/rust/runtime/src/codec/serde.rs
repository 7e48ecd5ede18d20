//! serde's traits, implemented by the codec: serde decodes and encodes the same documents.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::codec::assertion::Assertion;
use crate::codec::json::{Decode, Encode, Reader, ValueRef};
use crate::codec::payload;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Serializes a value to any format: JSON values in formats that are human-readable, JSON text in other formats.
///
/// # Errors
/// If the value violates its schema, or the format fails.
pub fn serialize<T: Encode + ?Sized, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    payload::write(value, |writer| {
        let mut reader =
            Reader::from_bytes(writer.as_bytes(), Side::Reply).map_err(S::Error::custom)?;
        if serializer.is_human_readable() {
            let json = reader.json().map_err(S::Error::custom)?;
            json.serialize(serializer)
        } else {
            serializer.serialize_str(reader.source())
        }
    })
    .map_err(S::Error::custom)?
}

/// Deserializes a value from any format. Unknown variants are kept as in a reply, because the writer can be newer.
///
/// # Errors
/// If the document violates the schema, or the format fails.
pub fn deserialize<'de, T: for<'a> Decode<'a>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = if deserializer.is_human_readable() {
        ValueRef::deserialize(deserializer)?.to_string()
    } else {
        String::deserialize(deserializer)?
    };
    payload::decode(text.as_bytes(), Side::Reply).map_err(D::Error::custom)
}

/// Validates a value that was not decoded.
///
/// # Errors
/// If the value violates the assertion.
pub fn validate<T: Encode + ?Sized>(value: &T, assertion: &Assertion<'_>) -> Result<(), Violation> {
    payload::write(value, |writer| {
        assertion.validate(&Reader::from_bytes(writer.as_bytes(), Side::Reply)?.json()?)
    })?
}
