//! Conversions to and from the values of `serde_json`.

use super::number::Number;
use super::object::AnyMap;
use super::value::AnyValue;

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
