//! serde's traits by the codec: serde reads and writes the same documents.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::codec::assertion::Assertion;
use crate::codec::json::{Decode, Encode, Reader, ValueRef};
use crate::codec::payload;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Writes a value by any format: as JSON values where people read it, as JSON text elsewhere.
///
/// # Errors
/// When the value breaks its schema, or the format fails.
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

/// Reads a value from any format. What it does not know is kept, as in a reply: the writer may be newer.
///
/// # Errors
/// When the document breaks the schema, or the format fails.
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

/// Validates a value that was not read.
///
/// # Errors
/// When it breaks the assertion.
pub fn validate<T: Encode + ?Sized>(value: &T, assertion: &Assertion<'_>) -> Result<(), Violation> {
    payload::write(value, |writer| {
        assertion.validate(&Reader::from_bytes(writer.as_bytes(), Side::Reply)?.json()?)
    })?
}
