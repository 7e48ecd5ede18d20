//! The ways in which a generated type decodes and encodes bytes.

use natsgen_runtime::{DecodeError, HasBorrowed, IntoOwned, Payload, Reader, Side, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A function that decodes bytes and encodes the result.
type RoundTrip<Encoded> = fn(&[u8]) -> Result<Encoded, DecodeError>;

/// A message and the codec functions of its type.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    /// The name of the message in the corpora.
    pub(crate) message: &'static str,
    /// Decodes a request and encodes it again.
    pub(crate) reread: RoundTrip<Vec<u8>>,
    /// The same with the borrowed form, and with the owned form made of it.
    pub(crate) borrowed: RoundTrip<[Vec<u8>; 2]>,
    /// The same with serde.
    pub(crate) serde: fn(&[u8]) -> serde_json::Result<Vec<u8>>,
}

/// The codec functions of the type of a message.
pub(crate) const fn codec<T>(message: &'static str) -> Codec
where
    T: Payload + HasBorrowed + Serialize + DeserializeOwned,
{
    Codec {
        message,
        reread: reread::<T>,
        borrowed: borrowed::<T>,
        serde: serde::<T>,
    }
}

fn reread<T: Payload>(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let payload: T = codec::decode(bytes, Side::Request)?;
    Ok(encoded(&payload))
}

fn borrowed<T: Payload + HasBorrowed>(bytes: &[u8]) -> Result<[Vec<u8>; 2], DecodeError> {
    let mut reader = Reader::from_bytes(bytes, Side::Request)?;
    let borrowed = T::decode_borrowed(&mut reader)?;
    reader.finish()?;
    let first = encoded(&borrowed);
    Ok([first, encoded(&borrowed.into_owned())])
}

fn serde<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<Vec<u8>> {
    // Serde keeps members of a newer peer when it reads, and refuses them when it writes.
    serde_json::to_vec(&serde_json::from_slice::<T>(bytes)?)
}

fn encoded<T: natsgen_runtime::Encode>(payload: &T) -> Vec<u8> {
    let bytes = codec::encode(payload).expect("a decoded value can be encoded");
    bytes.clone()
}
