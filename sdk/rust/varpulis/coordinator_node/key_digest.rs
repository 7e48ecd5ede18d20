//! The form in which the registry keeps the API key of a worker.

use std::fmt::Write as _;

use ring::hmac;

use crate::types::{ApiKey, WorkerId};

/// The start of each digest, so that a reader does not take it for a key.
const PREFIX: &str = "hmac-sha256:";

/// HMAC-SHA256 of the worker's id under the API key. The registry is on disk and in messages between nodes, so it holds
/// no key. The same key and id give the same text: a renewed registration equals the registration before.
pub(crate) fn key_digest(key: &ApiKey, worker: &WorkerId) -> ApiKey {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes());
    let tag = hmac::sign(&key, worker.as_str().as_bytes());
    let mut text = PREFIX.to_owned();
    for byte in tag.as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    ApiKey::try_from(text).expect("a digest is as long as a key may be")
}

#[cfg(test)]
mod tests {
    use super::key_digest;

    #[test]
    fn key_digest_depends_on_key_and_worker() {
        let digest = |key: &str, worker: &str| {
            let digest = key_digest(&key.try_into().unwrap(), &worker.try_into().unwrap());
            digest.expose().to_owned()
        };
        // RFC 4231 has no case with such short texts; OpenSSL computes the same digest.
        let expected =
            "hmac-sha256:ff0c6447d5051dbd7764b06225a5b84efefa1ee8ff4b5ba8b69f8accc982ab25";
        assert_eq!(digest("secret", "w0"), expected);
        assert_ne!(digest("secret", "w0"), digest("secret", "w1"));
        assert_ne!(digest("secret", "w0"), digest("secre", "tw0"));
    }
}
