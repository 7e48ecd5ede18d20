//! Keys that are constants.

/// A constant key. It is compared and written in its wire form, with quotes and colon.
///
/// `name!("worker_id")` creates a `Name`.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    key: &'static str,
    /// The key in its wire form, up to its value; empty if the wire form has escapes.
    wire: &'static str,
}

impl Name {
    /// Creates a name from a key and its wire form, which is the key in quotes with a colon.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(key: &'static str, wire: &'static str) -> Self {
        let wire = if is_plain(key.as_bytes()) { wire } else { "" };
        Self { key, wire }
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the wire form, if it has no escapes.
    #[inline]
    pub(super) const fn wire(&self) -> Option<&'static str> {
        if self.wire.is_empty() {
            None
        } else {
            Some(self.wire)
        }
    }
}

const fn is_plain(mut key: &[u8]) -> bool {
    while let [first, rest @ ..] = key {
        if matches!(first, b'"' | b'\\' | 0..0x20) {
            return false;
        }
        key = rest;
    }
    true
}

/// Creates a [`Name`](crate::codec::json::Name) from a literal.
#[doc(hidden)]
#[macro_export]
macro_rules! name {
    ($key:literal) => {
        const { $crate::generated::Name::new($key, ::core::concat!("\"", $key, "\":")) }
    };
}
