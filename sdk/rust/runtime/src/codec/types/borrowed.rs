//! The borrowed form of each type: the same value, with strings that refer to the decoded text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::borrowed_is_self;
use crate::codec::json::{Decode, Encode, Key, Map, MapRef, Reader, Value, ValueRef, read_map};
use crate::codec::violation::Violation;

/// A type with a borrowed form. A type without borrowed content is its own borrowed form.
pub trait HasBorrowed: Sized {
    /// The borrowed form, e.g. `Cow<'a, str>` for a `String`.
    type Borrowed<'a>: Encode + IntoOwned<Owned = Self>;

    /// Decodes the borrowed form.
    ///
    /// # Errors
    /// Like the owned form: both accept the same documents.
    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation>;

    /// Converts an owned value to the borrowed form, which then borrows nothing.
    fn into_borrowed<'a>(self) -> Self::Borrowed<'a>;
}

/// A borrowed form that can be converted to the owned form.
pub trait IntoOwned {
    /// The owned form.
    type Owned;

    /// Copies the borrowed content.
    fn into_owned(self) -> Self::Owned;
}

borrowed_is_self!(bool, u8, u16, u32, u64, i8, i16, i32, i64, f64);

impl HasBorrowed for String {
    type Borrowed<'a> = Cow<'a, str>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Violation> {
        reader.text()
    }

    fn into_borrowed<'a>(self) -> Cow<'a, str> {
        Cow::Owned(self)
    }
}

impl IntoOwned for Cow<'_, str> {
    type Owned = String;

    fn into_owned(self) -> String {
        Cow::into_owned(self)
    }
}

impl HasBorrowed for Value {
    type Borrowed<'a> = ValueRef<'a>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<ValueRef<'a>, Violation> {
        reader.json()
    }

    fn into_borrowed<'a>(self) -> ValueRef<'a> {
        self.map(&Cow::Owned)
    }
}

impl IntoOwned for ValueRef<'_> {
    type Owned = Value;

    fn into_owned(self) -> Value {
        self.into_owned()
    }
}

impl HasBorrowed for Map {
    type Borrowed<'a> = MapRef<'a>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<MapRef<'a>, Violation> {
        MapRef::decode(reader)
    }

    fn into_borrowed<'a>(self) -> MapRef<'a> {
        self.map(&Cow::Owned)
    }
}

impl IntoOwned for MapRef<'_> {
    type Owned = Map;

    fn into_owned(self) -> Map {
        self.into_owned()
    }
}

impl<T: HasBorrowed> HasBorrowed for Vec<T> {
    type Borrowed<'a> = Vec<T::Borrowed<'a>>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation> {
        let mut items = Vec::new();
        reader.array(|reader, _| {
            items.push(T::decode_borrowed(reader)?);
            Ok(())
        })?;
        Ok(items)
    }

    fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
        self.into_iter().map(T::into_borrowed).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<K, V> HasBorrowed for BTreeMap<K, V>
where
    K: HasBorrowed + Ord,
    V: HasBorrowed,
    for<'a> K::Borrowed<'a>: Key<'a> + AsRef<str>,
{
    type Borrowed<'a> = BTreeMap<K::Borrowed<'a>, V::Borrowed<'a>>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation> {
        read_map(reader, V::decode_borrowed)
    }

    fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
        self.into_iter()
            .map(|(key, value)| (key.into_borrowed(), value.into_borrowed()))
            .collect()
    }
}

impl<K, V> IntoOwned for BTreeMap<K, V>
where
    K: IntoOwned,
    K::Owned: Ord,
    V: IntoOwned,
{
    type Owned = BTreeMap<K::Owned, V::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect()
    }
}

impl<T: HasBorrowed> HasBorrowed for Option<T> {
    type Borrowed<'a> = Option<T::Borrowed<'a>>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation> {
        if reader.take_null() {
            Ok(None)
        } else {
            T::decode_borrowed(reader).map(Some)
        }
    }

    fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
        self.map(T::into_borrowed)
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: HasBorrowed> HasBorrowed for Box<T> {
    type Borrowed<'a> = Box<T::Borrowed<'a>>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation> {
        T::decode_borrowed(reader).map(Box::new)
    }

    fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
        Box::new((*self).into_borrowed())
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}
