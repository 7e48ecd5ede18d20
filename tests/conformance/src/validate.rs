//! Validates an instance by generated code, by every way of decoding and encoding.

use natsgen_runtime::{HasBorrowed, IntoOwned, Payload, Reader, Violation};
use natsgen_runtime::{Side, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::suite::Validation;

/// A generated type.
pub(crate) trait Generated:
    Payload + HasBorrowed + Serialize + DeserializeOwned + PartialEq
{
}

impl<T: Payload + HasBorrowed + Serialize + DeserializeOwned + PartialEq> Generated for T {}

/// Decodes the instance as an owned `T`, as a borrowed `T` and by serde, and encodes it again.
pub(crate) fn validate<T: Generated>(instance: &str) -> Validation {
    let read: Result<T, _> = codec::decode(instance.as_bytes(), Side::Request);
    let by_serde = serde_json::from_str::<T>(instance);
    let borrowed = decode_borrowed::<T>(instance);
    let outcome = match (read, by_serde, borrowed) {
        (Err(reason), Err(_), Err(_)) => return Validation::Invalid(reason.to_string()),
        (Err(reason), Ok(_), _) => Err(format!("refused ({reason}), but not by serde")),
        (Err(reason), _, Ok(_)) => Err(format!("refused ({reason}), but not when borrowed")),
        (Ok(_), Err(reason), _) => Err(format!("accepted, but serde refuses it ({reason})")),
        (Ok(_), _, Err(reason)) => Err(format!("accepted, but not when borrowed ({reason})")),
        (Ok(value), Ok(by_serde), Ok(borrowed)) => same(instance, &value, &by_serde, borrowed),
    };
    match outcome {
        Ok(()) => Validation::Valid,
        Err(difference) => Validation::Contradiction(difference),
    }
}

fn decode_borrowed<T: Generated>(instance: &str) -> Result<T::Borrowed<'_>, Violation> {
    let mut reader = Reader::from_bytes(instance.as_bytes(), Side::Request)?;
    let borrowed = T::decode_borrowed(&mut reader)?;
    reader.finish()?;
    Ok(borrowed)
}

/// Whether the value is the same for each way of decoding and encoding, and after decoding it again.
fn same<T: Generated>(
    instance: &str,
    value: &T,
    by_serde: &T,
    borrowed: T::Borrowed<'_>,
) -> Result<(), String> {
    let bytes = codec::encode(value).map_err(|reason| format!("cannot be written ({reason})"))?;
    let borrowed_bytes = codec::encode(&borrowed)
        .map_err(|reason| format!("borrowed, it cannot be written ({reason})"))?;
    let again: T = codec::decode(&bytes, Side::Request)
        .map_err(|reason| format!("written, it is refused ({reason})"))?;
    let json = |text| serde_json::from_slice::<Value>(text).map_err(|reason| reason.to_string());
    let written = json(&bytes)?;
    let written_by_serde =
        serde_json::to_vec(value).map_err(|reason| format!("serde: {reason}"))?;
    let checks = [
        (*by_serde == *value, "serde reads another value"),
        (again == *value, "written, it is read as another value"),
        (borrowed_bytes == bytes, "borrowed, it is written otherwise"),
        (
            borrowed.into_owned() == *value,
            "borrowed, it is another value",
        ),
        (
            json(&written_by_serde)? == written,
            "serde writes another document",
        ),
        (
            agree(&json(instance.as_bytes())?, &written),
            "another document is written",
        ),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, difference)) => Err(format!("{difference}: {written}")),
        None => Ok(()),
    }
}

/// Whether both are the same document. Ignored members are not encoded, and absent members are encoded with their
/// defaults.
fn agree(read: &Value, written: &Value) -> bool {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => read
            .iter()
            .filter_map(|(key, value)| Some((value, written.get(key)?)))
            .all(|(read, written)| agree(read, written)),
        (Value::Array(read), Value::Array(written)) => {
            read.len() == written.len()
                && read
                    .iter()
                    .zip(written)
                    .all(|(read, written)| agree(read, written))
        }
        // `1` and `1.0` are the same number.
        (Value::Number(read), Value::Number(written)) => {
            read == written || read.as_f64() == written.as_f64()
        }
        _ => read == written,
    }
}
