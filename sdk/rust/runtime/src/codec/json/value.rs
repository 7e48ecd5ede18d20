//! Dynamic JSON values.

use std::borrow::Cow;
use std::ops::Index;

use super::number::Number;
use super::object::AnyMap;
use crate::codec::violation::unescape;

/// A JSON value.
pub type Value = AnyValue<String>;

/// A JSON value that borrows its strings from the text that it was read from.
pub type ValueRef<'a> = AnyValue<Cow<'a, str>>;

/// Any JSON value, with strings of the type `S`: [`Value`] owns them, [`ValueRef`] borrows.
///
/// Equality follows JSON Schema: `1` equals `1.0`, and the order of members is ignored.
#[derive(Clone, Debug, Default)]
pub enum AnyValue<S> {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(S),
    /// An array.
    Array(Vec<AnyValue<S>>),
    /// An object.
    Object(AnyMap<S>),
}

impl<S: AsRef<str>> AnyValue<S> {
    /// Returns true for `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the boolean, if the value is a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the string, if the value is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// Returns the number, if the value is a number.
    #[must_use]
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the integer, if the value is an integer from 0 to 2^64 - 1. `1.0` is an integer.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_integer()?.try_into().ok()
    }

    /// Returns the integer, if the value is an integer from -2^63 to 2^63 - 1. `1.0` is an integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_integer()?.try_into().ok()
    }

    /// Returns the nearest float, if the value is a number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().map(|number| number.as_f64())
    }

    /// Returns the items, if the value is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the members, if the value is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&AnyMap<S>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the value of the member `key`, if the value is an object with this member.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// Returns the value at a JSON pointer, e.g. `/items/0/name`.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        let tokens = pointer.strip_prefix('/')?.split('/');
        tokens
            .map(unescape)
            .try_fold(self, |value, token| match value {
                Self::Object(members) => members.get(&token),
                Self::Array(items) => {
                    let is_index = token == "0" || !token.starts_with(['0', '+']);
                    items.get(token.parse::<usize>().ok().filter(|_| is_index)?)
                }
                _ => None,
            })
    }

    /// Borrows the strings.
    #[must_use]
    pub fn borrowed(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Bool(value) => ValueRef::Bool(*value),
            Self::Number(number) => ValueRef::Number(*number),
            Self::Text(text) => ValueRef::Text(text.as_ref().into()),
            Self::Array(items) => ValueRef::Array(items.iter().map(Self::borrowed).collect()),
            Self::Object(members) => ValueRef::Object(members.borrowed()),
        }
    }
}

impl<S> AnyValue<S> {
    /// Converts to owned strings.
    #[must_use]
    pub fn into_owned(self) -> Value
    where
        S: Into<String>,
    {
        self.map(&Into::into)
    }

    /// Converts each string to another type.
    pub(crate) fn map<T>(self, text: &impl Fn(S) -> T) -> AnyValue<T> {
        match self {
            Self::Null => AnyValue::Null,
            Self::Bool(value) => AnyValue::Bool(value),
            Self::Number(number) => AnyValue::Number(number),
            Self::Text(own) => AnyValue::Text(text(own)),
            Self::Array(items) => {
                AnyValue::Array(items.into_iter().map(|item| item.map(text)).collect())
            }
            Self::Object(members) => AnyValue::Object(members.map(text)),
        }
    }
}

impl<S: AsRef<str>> PartialEq for AnyValue<S> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left.as_ref() == right.as_ref(),
            (Self::Array(left), Self::Array(right)) => left == right,
            (Self::Object(left), Self::Object(right)) => left == right,
            _ => false,
        }
    }
}

impl<S: AsRef<str>> Index<&str> for AnyValue<S> {
    type Output = Self;

    /// Returns the value of a member; `null` if the member is absent.
    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&Self::Null)
    }
}

impl<S: AsRef<str>> Index<&str> for AnyMap<S> {
    type Output = AnyValue<S>;

    /// Returns the value of a member; `null` if the member is absent.
    fn index(&self, key: &str) -> &AnyValue<S> {
        self.get(key).unwrap_or(&AnyValue::Null)
    }
}

impl<S: AsRef<str>> Index<usize> for AnyValue<S> {
    type Output = Self;

    /// Returns the item at an index; `null` if the item is absent.
    fn index(&self, index: usize) -> &Self {
        let items = self.as_array().map_or(&[][..], Vec::as_slice);
        items.get(index).unwrap_or(&Self::Null)
    }
}
