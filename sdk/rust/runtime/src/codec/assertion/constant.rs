//! A JSON value that a schema names.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::codec::json::{Reader, ValueRef};
use crate::codec::side::Side;

/// A JSON value that a schema names, parsed at its first comparison. [`constant!`](crate::constant!) makes a static one.
#[derive(Debug)]
pub struct Constant<'s> {
    text: &'s str,
    cache: &'s ConstantCache,
}

/// Holds the parsed value of one [`Constant`].
#[derive(Debug, Default)]
pub struct ConstantCache(OnceLock<Option<ValueRef<'static>>>);

impl ConstantCache {
    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

impl<'s> Constant<'s> {
    /// The value whose JSON is `text`. `cache` belongs to this constant alone.
    #[must_use]
    pub const fn new(text: &'s str, cache: &'s ConstantCache) -> Self {
        Self { text, cache }
    }

    /// The value as the schema writes it.
    pub(super) const fn as_str(&self) -> &'s str {
        self.text
    }

    /// Whether `json` is this value, as JSON Schema compares: `1` equals `1.0`, and the order of members does not count.
    /// If the text is not JSON, it equals no value.
    pub(super) fn equals(&self, json: &ValueRef<'_>) -> bool {
        self.value().is_some_and(|value| value == json)
    }

    /// The value, unless the text is not JSON.
    pub(super) fn value(&self) -> Option<&ValueRef<'static>> {
        let parse = || {
            let mut reader = Reader::new(self.text, Side::Reply);
            let value = reader.json().ok()?;
            reader.finish().ok()?;
            Some(value.into_owned().map(&Cow::Owned))
        };
        self.cache.0.get_or_init(parse).as_ref()
    }
}

/// The [`Constant`](crate::assertion::Constant) with this JSON text, with a static cache of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! constant {
    ($json:literal) => {
        $crate::assertion::Constant::new($json, {
            static CACHE: $crate::assertion::ConstantCache =
                $crate::assertion::ConstantCache::new();
            &CACHE
        })
    };
}
