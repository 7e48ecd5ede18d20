//! Keys that are known when the program is compiled.

/// A key that is known when the program is compiled: it is read and written as it stands, quotes and colon with it.
///
/// `name!("worker_id")` makes one.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    key: &'static str,
    /// The key as it is on the wire, up to its value; empty if it has escapes there.
    wire: &'static str,
}

impl Name {
    /// A key, and the same between quotes with a colon behind it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(key: &'static str, wire: &'static str) -> Self {
        let wire = if is_plain(key.as_bytes()) { wire } else { "" };
        Self { key, wire }
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The key as it is on the wire, if it stands for itself there.
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

/// Makes a [`Name`](crate::codec::json::Name) of a literal.
#[doc(hidden)]
#[macro_export]
macro_rules! name {
    ($key:literal) => {
        const { $crate::generated::Name::new($key, ::core::concat!("\"", $key, "\":")) }
    };
}
