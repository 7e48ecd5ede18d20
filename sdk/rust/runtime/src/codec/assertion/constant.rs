//! A JSON value in a schema.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::codec::json::{Reader, ValueRef};
use crate::codec::side::Side;

/// A JSON value in a schema, parsed at its first comparison. [`constant!`](crate::constant!) creates a static constant.
#[derive(Debug)]
pub struct Constant<'s> {
    text: &'s str,
    cache: &'s ConstantCache,
}

/// The cache for the parsed value of a [`Constant`].
#[derive(Debug, Default)]
pub struct ConstantCache(OnceLock<Option<ValueRef<'static>>>);

impl ConstantCache {
    /// Creates an empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

impl<'s> Constant<'s> {
    /// Creates a constant from JSON text. `cache` must not be shared with other constants.
    #[must_use]
    pub const fn new(text: &'s str, cache: &'s ConstantCache) -> Self {
        Self { text, cache }
    }

    /// Returns the text in the schema.
    pub(super) const fn as_str(&self) -> &'s str {
        self.text
    }

    /// Returns true if `json` equals this value according to JSON Schema: `1` equals `1.0`, and the order of members is
    /// ignored. Text that is not JSON equals no value.
    pub(super) fn equals(&self, json: &ValueRef<'_>) -> bool {
        self.value().is_some_and(|value| value == json)
    }

    /// Returns the value, if the text is JSON.
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

/// Creates a [`Constant`](crate::assertion::Constant) from JSON text, with a static cache.
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
