//! The borrowed form of constrained strings.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::codec::json::{Decode, Encode, Key, Reader, Writer};
use crate::codec::types::IntoOwned;
use crate::codec::violation::Violation;

/// A newtype of a `String` with a constraint.
pub trait TextType: Into<String> {
    /// The name of the type for diagnostics.
    const NAME: &'static str;
    /// Whether the strings are secrets.
    const IS_SECRET: bool;

    /// Checks a string.
    ///
    /// # Errors
    /// If the string violates the constraint.
    fn check(text: &str) -> Result<(), Violation>;

    /// Decodes a string.
    ///
    /// # Errors
    /// If the value is not a string, or violates the constraint.
    fn read<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Violation>;

    /// Copies the borrowed content.
    fn own(text: TextRef<'_, Self>) -> Self;
}

/// A string that is not a secret.
pub trait PlainText: TextType {}

/// A string that satisfies the constraint of `T`, borrowed from the decoded text.
pub struct TextRef<'a, T> {
    text: Cow<'a, str>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: TextType> TextRef<'a, T> {
    /// Creates the value from a string.
    ///
    /// # Errors
    /// If the string violates the constraint.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, Violation> {
        let text = text.into();
        T::check(&text)?;
        Ok(Self::unchecked(text))
    }

    /// Borrows the string of an owned value.
    #[must_use]
    pub fn of(text: T) -> Self {
        Self::unchecked(Cow::Owned(text.into()))
    }

    /// Returns the string. Do not log it if it is a secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the string as an owned value.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text.into_owned()
    }

    fn unchecked(text: Cow<'a, str>) -> Self {
        Self {
            text,
            of: PhantomData,
        }
    }
}

impl<T> Clone for TextRef<'_, T> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            of: PhantomData,
        }
    }
}

impl<T: TextType> fmt::Debug for TextRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if T::IS_SECRET {
            write!(f, "{}(***)", T::NAME)
        } else {
            f.debug_tuple(T::NAME).field(&self.text).finish()
        }
    }
}

impl<T: PlainText> Deref for TextRef<'_, T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> AsRef<str> for TextRef<'_, T> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> Borrow<str> for TextRef<'_, T> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<T: PlainText> fmt::Display for TextRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T: PlainText> PartialEq<str> for TextRef<'_, T> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<T: PlainText> PartialEq<&str> for TextRef<'_, T> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl<T> PartialEq for TextRef<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for TextRef<'_, T> {}

impl<T> PartialOrd for TextRef<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for TextRef<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<T> Hash for TextRef<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<'a, T: TextType> Decode<'a> for TextRef<'a, T> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        T::read(reader).map(Self::unchecked)
    }
}

impl<T> Encode for TextRef<'_, T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.text(&self.text);
        Ok(())
    }
}

impl<'a, T: PlainText> Key<'a> for TextRef<'a, T> {
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
        Self::new(key)
    }
}

impl<T: TextType> IntoOwned for TextRef<'_, T> {
    type Owned = T;

    fn into_owned(self) -> T {
        T::own(self)
    }
}
