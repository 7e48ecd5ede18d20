//! Conversions between JSON values and Rust types.

use std::str::FromStr;

use super::number::Number;
use super::object::AnyMap;
use super::reader::Reader;
use super::value::{AnyValue, Value};
use crate::codec::side::Side;
use crate::codec::violation::Violation;

impl FromStr for Value {
    type Err = Violation;

    /// Parses JSON text within the [default limits](super::Limits::default).
    fn from_str(text: &str) -> Result<Self, Violation> {
        let mut reader = Reader::new(text, Side::Request);
        let value = reader.any_value()?;
        reader.finish()?;
        Ok(value)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Unsigned(value)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        u64::try_from(value).map_or(Self::Signed(value), Self::Unsigned)
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

macro_rules! numbers {
    ($($narrow:ty => $wide:ty),+) => {$(
        impl From<$narrow> for Number {
            fn from(value: $narrow) -> Self {
                Self::from(<$wide>::from(value))
            }
        }
    )+};
}

numbers!(u8 => u64, u16 => u64, u32 => u64, i8 => i64, i16 => i64, i32 => i64);

macro_rules! values {
    ($($number:ty),+) => {$(
        impl<S> From<$number> for AnyValue<S> {
            fn from(value: $number) -> Self {
                Self::Number(value.into())
            }
        }
    )+};
}

values!(u8, u16, u32, u64, i8, i16, i32, i64, f64, Number);

impl<S> From<bool> for AnyValue<S> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'t, S: From<&'t str>> From<&'t str> for AnyValue<S> {
    fn from(text: &'t str) -> Self {
        Self::Text(S::from(text))
    }
}

impl<S: From<String>> From<String> for AnyValue<S> {
    fn from(text: String) -> Self {
        Self::Text(S::from(text))
    }
}

impl<S, T: Into<AnyValue<S>>> From<Vec<T>> for AnyValue<S> {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<S> From<AnyMap<S>> for AnyValue<S> {
    fn from(members: AnyMap<S>) -> Self {
        Self::Object(members)
    }
}

impl<S, T: Into<AnyValue<S>>> From<Option<T>> for AnyValue<S> {
    /// Converts `None` to `null`.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<S> FromIterator<AnyValue<S>> for AnyValue<S> {
    /// Collects the items into an array.
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}
