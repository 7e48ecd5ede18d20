//! Judging an instance by generated code, in every way in which it can be read.

use natsgen_runtime::Payload;
use natsgen_runtime::codec::{self, Side};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::suite::Verdict;

/// Reads the instance as a `T` by the wire's codec and by serde, and writes it again.
pub(crate) fn judge<T: Payload + Serialize + DeserializeOwned + PartialEq>(
    instance: &str,
) -> Verdict {
    let read: Result<T, _> = codec::decode(instance.as_bytes(), Side::Request);
    let by_serde = serde_json::from_str::<T>(instance);
    let value = match read {
        Ok(value) => value,
        Err(why) if by_serde.is_err() => return Verdict::Invalid(why.to_string()),
        Err(why) => {
            return Verdict::Contradiction(format!("refused ({why}), but not by serde"));
        }
    };
    match check(instance, &value, by_serde) {
        Ok(()) => Verdict::Valid,
        Err(what) => Verdict::Contradiction(what),
    }
}

/// Whether a value that was read is the same by serde, and the same again when it is written and read.
fn check<T: Payload + Serialize + PartialEq>(
    instance: &str,
    value: &T,
    by_serde: serde_json::Result<T>,
) -> Result<(), String> {
    let by_serde = by_serde.map_err(|why| format!("accepted, but serde refuses it ({why})"))?;
    if by_serde != *value {
        return Err("serde reads another value".to_owned());
    }
    let bytes = codec::encode(value).map_err(|why| format!("cannot be written ({why})"))?;
    let again: T = codec::decode(&bytes, Side::Request)
        .map_err(|why| format!("written, it is refused ({why})"))?;
    if again != *value {
        return Err("written, it is read as another value".to_owned());
    }
    let json = |text| serde_json::from_slice::<Value>(text).map_err(|why| why.to_string());
    let written = json(&bytes)?;
    if !agree(&json(instance.as_bytes())?, &written) {
        return Err(format!("written as {written}"));
    }
    let by_serde = serde_json::to_value(value).map_err(|why| format!("serde: {why}"))?;
    if by_serde == written {
        Ok(())
    } else {
        Err(format!("serde writes {by_serde}, the codec {written}"))
    }
}

/// Whether both are the same document: what it read over is not written, what was absent is written with its default.
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
        // `1` and `1.0` are one number.
        (Value::Number(read), Value::Number(written)) => {
            read == written || read.as_f64() == written.as_f64()
        }
        _ => read == written,
    }
}
