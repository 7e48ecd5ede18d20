//! Decodes and encodes a document in each way that a type supports.

use std::fmt::Debug;

use natsgen_runtime::codec::{decode, encode};
use natsgen_runtime::{DecodeError, HasBorrowed, IntoOwned, Payload, Reader, Side};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// The expected result for a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// The document is decoded, and encoded as this text.
    Takes(&'static str),
    /// The document is decoded, but cannot be encoded.
    Keeps,
    /// The document is refused at this pointer, with this reason.
    Refuses(&'static str, &'static str),
}

/// Decodes a document as a request and as a reply.
pub(crate) fn both<T>(text: &str, expected: Expected)
where
    T: Payload + HasBorrowed + Clone + PartialEq + Debug + Serialize + DeserializeOwned,
{
    check::<T>(text, Side::Request, expected);
    check::<T>(text, Side::Reply, expected);
}

/// Decodes a document in each way, and encodes it again.
pub(crate) fn check<T>(text: &str, side: Side, expected: Expected)
where
    T: Payload + HasBorrowed + Clone + PartialEq + Debug + Serialize + DeserializeOwned,
{
    let owned = decode::<T>(text.as_bytes(), side);
    assert_eq!(
        borrow::<T>(text, side).map(IntoOwned::into_owned),
        owned,
        "{text}"
    );
    if side == Side::Reply {
        read_by_serde(text, &owned);
    }
    match (owned, expected) {
        (Ok(owned), Expected::Takes(written)) => {
            written_alike(&owned, written);
            let borrowed = borrow::<T>(text, side).unwrap();
            assert_eq!(encode(&borrowed).unwrap(), written.as_bytes());
            assert_eq!(
                encode(&owned.clone().into_borrowed()).unwrap(),
                written.as_bytes()
            );
            assert_eq!(decode::<T>(written.as_bytes(), side), Ok(owned));
        }
        (Ok(owned), Expected::Keeps) => {
            let refused = encode(&owned).unwrap_err();
            assert_eq!(
                encode(&owned.clone().into_borrowed()),
                Err(refused),
                "{text}"
            );
            assert!(serde_json::to_string(&owned).is_err(), "{text}");
        }
        (Err(error), Expected::Refuses(pointer, reason)) => assert_eq!(
            (error.pointer.as_str(), error.reason.as_str()),
            (pointer, reason),
            "{text}"
        ),
        (outcome, _) => panic!("{text}: {outcome:?}, not {expected:?}"),
    }
}

fn borrow<T: HasBorrowed>(text: &str, side: Side) -> Result<T::Borrowed<'_>, DecodeError> {
    let mut reader = Reader::new(text, side);
    let borrowed = T::decode_borrowed(&mut reader)?;
    reader.finish()?;
    Ok(borrowed)
}

fn read_by_serde<T>(text: &str, owned: &Result<T, DecodeError>)
where
    T: PartialEq + Debug + DeserializeOwned,
{
    match (serde_json::from_str::<T>(text), owned) {
        (Ok(read), Ok(owned)) => assert_eq!(read, *owned, "{text}"),
        // Invalid JSON has an error text of `serde_json`.
        (Err(error), Err(refused)) if error.classify() == Category::Data => {
            assert!(
                error.to_string().starts_with(&refused.to_string()),
                "{text}: {error}"
            );
        }
        (Err(_), Err(_)) => {}
        (read, _) => panic!("{text}: {read:?} by serde, {owned:?} by the codec"),
    }
}

fn written_alike<T>(owned: &T, written: &str)
where
    T: Payload + HasBorrowed + PartialEq + Debug + Serialize + DeserializeOwned,
{
    assert_eq!(encode(owned).unwrap(), written.as_bytes());
    assert_eq!(serde_json::to_string(owned).unwrap(), written);
    let value = serde_json::to_value(owned).unwrap();
    assert_eq!(serde_json::from_value::<T>(value).unwrap(), *owned);
    let bytes = postcard::to_allocvec(owned).unwrap();
    assert_eq!(postcard::from_bytes::<T>(&bytes).unwrap(), *owned);
}
