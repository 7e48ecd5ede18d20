//! What a generated type makes of bytes, by each of the ways in and out that it has.

use natsgen_runtime::{DecodeError, IntoOwned, Lend, Payload, Reader, Side, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A way in and out.
type Way<Written> = fn(&[u8]) -> Result<Written, DecodeError>;

/// A message and what its type does.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    /// The message, as corpora call it.
    pub(crate) message: &'static str,
    /// Reads a request and writes it again.
    pub(crate) reread: Way<Vec<u8>>,
    /// The same with the borrowed form, and with the owned one made of it.
    pub(crate) lent: Way<[Vec<u8>; 2]>,
    /// The same with serde.
    pub(crate) serde: fn(&[u8]) -> serde_json::Result<Vec<u8>>,
}

/// What the type of a message does.
pub(crate) const fn codec<T>(message: &'static str) -> Codec
where
    T: Payload + Lend + Serialize + DeserializeOwned,
{
    Codec {
        message,
        reread: reread::<T>,
        lent: lent::<T>,
        serde: serde::<T>,
    }
}

fn reread<T: Payload>(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let payload: T = codec::decode(bytes, Side::Request)?;
    Ok(written(&payload))
}

fn lent<T: Payload + Lend>(bytes: &[u8]) -> Result<[Vec<u8>; 2], DecodeError> {
    let mut reader = Reader::from_bytes(bytes, Side::Request)?;
    let borrowed = T::lend(&mut reader)?;
    reader.finish()?;
    let first = written(&borrowed);
    Ok([first, written(&borrowed.into_owned())])
}

fn serde<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<Vec<u8>> {
    // What only a newer peer would send is kept when it is read and refused when it is written.
    serde_json::to_vec(&serde_json::from_slice::<T>(bytes)?)
}

fn written<T: natsgen_runtime::Encode>(payload: &T) -> Vec<u8> {
    let bytes = codec::encode(payload).expect("what was read can be written");
    bytes.to_vec()
}
