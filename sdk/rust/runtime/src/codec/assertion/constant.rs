//! A JSON value that a schema names.

use std::sync::OnceLock;

use crate::Side;
use crate::codec::json::{Reader, ValueRef};

/// A JSON value that a schema names, read when it is first compared. [`constant!`](crate::constant!) makes one.
#[derive(Debug)]
pub struct Constant {
    text: &'static str,
    read: &'static OnceLock<Option<ValueRef<'static>>>,
}

impl Constant {
    /// The value that `text` is the JSON of, to be kept in `read`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        text: &'static str,
        read: &'static OnceLock<Option<ValueRef<'static>>>,
    ) -> Self {
        Self { text, read }
    }

    /// The value as the schema writes it.
    pub(super) const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether `json` is this value, as JSON Schema compares: `1` is `1.0`, and members have no order. Nothing equals a
    /// text that is not JSON.
    pub(super) fn equals(&self, json: &ValueRef<'_>) -> bool {
        self.value().is_some_and(|value| value == json)
    }

    /// The value, unless the text is not JSON.
    pub(super) fn value(&self) -> Option<&ValueRef<'static>> {
        let read = || {
            let mut reader = Reader::new(self.text, Side::Reply);
            let value = reader.json().ok()?;
            reader.finish().ok()?;
            Some(value)
        };
        self.read.get_or_init(read).as_ref()
    }
}

/// The [`Constant`](crate::codec::assertion::Constant) that is written so in JSON.
///
/// It is a macro, because what a static refers to may only change inside if it is a static itself.
#[macro_export]
macro_rules! constant {
    ($json:literal) => {
        $crate::codec::assertion::Constant::new($json, {
            static READ: ::std::sync::OnceLock<
                ::core::option::Option<$crate::codec::json::ValueRef<'static>>,
            > = ::std::sync::OnceLock::new();
            &READ
        })
    };
}
