//! The borrowed form of each type: the same value, with its texts left in the bytes that it was read from.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::codec::json::{Decode, Encode, Json, Key, Map, Object, Reader, Value, read_map};
use crate::{Violation, lends_itself};

/// A type with a borrowed form. A type that holds nothing to borrow is its own.
pub trait Lend: Sized {
    /// The borrowed form, e.g. `Cow<'a, str>` for a `String`.
    type Ref<'a>: Encode + IntoOwned<Owned = Self>;

    /// Reads the borrowed form.
    ///
    /// # Errors
    /// Those of reading the owned form: both take the same documents.
    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Self::Ref<'a>, Violation>;

    /// The borrowed form of a value that is not needed any longer: it borrows nothing.
    fn into_ref<'a>(self) -> Self::Ref<'a>;
}

/// A borrowed form that can become the owned one.
pub trait IntoOwned {
    /// The owned form.
    type Owned;

    /// Copies what is borrowed.
    fn into_owned(self) -> Self::Owned;
}

lends_itself!(bool, u8, u16, u32, u64, i8, i16, i32, i64, f64);

impl Lend for String {
    type Ref<'a> = Cow<'a, str>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Violation> {
        reader.text()
    }

    fn into_ref<'a>(self) -> Cow<'a, str> {
        Cow::Owned(self)
    }
}

impl IntoOwned for Cow<'_, str> {
    type Owned = String;

    fn into_owned(self) -> String {
        Cow::into_owned(self)
    }
}

impl Lend for Value {
    type Ref<'a> = Json<'a>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Json<'a>, Violation> {
        reader.json()
    }

    fn into_ref<'a>(self) -> Json<'a> {
        self.map(&Cow::Owned)
    }
}

impl IntoOwned for Json<'_> {
    type Owned = Value;

    fn into_owned(self) -> Value {
        self.into_owned()
    }
}

impl Lend for Map {
    type Ref<'a> = Object<'a>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Object<'a>, Violation> {
        Object::decode(reader)
    }

    fn into_ref<'a>(self) -> Object<'a> {
        self.map(&Cow::Owned)
    }
}

impl IntoOwned for Object<'_> {
    type Owned = Map;

    fn into_owned(self) -> Map {
        self.into_owned()
    }
}

impl<T: Lend> Lend for Vec<T> {
    type Ref<'a> = Vec<T::Ref<'a>>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Self::Ref<'a>, Violation> {
        let mut items = Vec::new();
        reader.array(|reader, _| {
            items.push(T::lend(reader)?);
            Ok(())
        })?;
        Ok(items)
    }

    fn into_ref<'a>(self) -> Self::Ref<'a> {
        self.into_iter().map(T::into_ref).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<K, V> Lend for BTreeMap<K, V>
where
    K: Lend + Ord,
    V: Lend,
    for<'a> K::Ref<'a>: Key<'a> + AsRef<str>,
{
    type Ref<'a> = BTreeMap<K::Ref<'a>, V::Ref<'a>>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Self::Ref<'a>, Violation> {
        read_map(reader, V::lend)
    }

    fn into_ref<'a>(self) -> Self::Ref<'a> {
        self.into_iter()
            .map(|(key, value)| (key.into_ref(), value.into_ref()))
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

impl<T: Lend> Lend for Option<T> {
    type Ref<'a> = Option<T::Ref<'a>>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Self::Ref<'a>, Violation> {
        if reader.take_null() {
            Ok(None)
        } else {
            T::lend(reader).map(Some)
        }
    }

    fn into_ref<'a>(self) -> Self::Ref<'a> {
        self.map(T::into_ref)
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: Lend> Lend for Box<T> {
    type Ref<'a> = Box<T::Ref<'a>>;

    fn lend<'a>(reader: &mut Reader<'a>) -> Result<Self::Ref<'a>, Violation> {
        T::lend(reader).map(Box::new)
    }

    fn into_ref<'a>(self) -> Self::Ref<'a> {
        Box::new((*self).into_ref())
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}
