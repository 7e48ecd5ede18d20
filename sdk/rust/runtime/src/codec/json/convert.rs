//! To and from other types, `serde_json`'s among them.

use std::str::FromStr;

use super::{AnyMap, AnyValue, Number, Reader, Value};
use crate::{Side, Violation};

impl FromStr for Value {
    type Err = Violation;

    /// Reads JSON text, within the [default limits](super::Limits::default).
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
    /// `null` for none.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        if let Some(value) = number.as_u64() {
            Self::Unsigned(value)
        } else if let Some(value) = number.as_i64() {
            Self::Signed(value)
        } else {
            Self::Float(number.as_f64().unwrap_or(f64::NAN))
        }
    }
}

impl<S: From<String>> From<serde_json::Value> for AnyValue<S> {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(Number::from(&number)),
            serde_json::Value::String(text) => Self::Text(S::from(text)),
            serde_json::Value::Array(items) => items.into_iter().map(Self::from).collect(),
            serde_json::Value::Object(members) => Self::Object(members.into()),
        }
    }
}

impl<S: From<String>> From<serde_json::Map<String, serde_json::Value>> for AnyMap<S> {
    fn from(members: serde_json::Map<String, serde_json::Value>) -> Self {
        members.into_iter().collect()
    }
}

impl<S: Into<String>> From<AnyValue<S>> for serde_json::Value {
    fn from(value: AnyValue<S>) -> Self {
        match value {
            AnyValue::Null => Self::Null,
            AnyValue::Bool(value) => Self::Bool(value),
            AnyValue::Number(Number::Unsigned(value)) => Self::from(value),
            AnyValue::Number(Number::Signed(value)) => Self::from(value),
            AnyValue::Number(Number::Float(value)) => Self::from(value),
            AnyValue::Text(text) => Self::String(text.into()),
            AnyValue::Array(items) => items.into_iter().map(Self::from).collect(),
            AnyValue::Object(members) => Self::Object(members.into()),
        }
    }
}

impl<S: Into<String>> From<AnyMap<S>> for serde_json::Map<String, serde_json::Value> {
    fn from(members: AnyMap<S>) -> Self {
        let members = members.into_iter();
        members
            .map(|(key, value)| (key.into(), value.into()))
            .collect()
    }
}

impl<S> FromIterator<AnyValue<S>> for AnyValue<S> {
    /// Makes a list.
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}

impl<S: AsRef<str>> PartialEq<serde_json::Value> for AnyValue<S> {
    fn eq(&self, other: &serde_json::Value) -> bool {
        match (self, other) {
            (Self::Null, serde_json::Value::Null) => true,
            (Self::Bool(left), serde_json::Value::Bool(right)) => left == right,
            (Self::Number(left), serde_json::Value::Number(right)) => *left == Number::from(right),
            (Self::Text(left), serde_json::Value::String(right)) => left.as_ref() == right,
            (Self::Array(left), serde_json::Value::Array(right)) => left == right,
            (Self::Object(left), serde_json::Value::Object(right)) => left == right,
            _ => false,
        }
    }
}

impl<S: AsRef<str>> PartialEq<serde_json::Map<String, serde_json::Value>> for AnyMap<S> {
    fn eq(&self, other: &serde_json::Map<String, serde_json::Value>) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key).is_some_and(|other| value == other))
    }
}
