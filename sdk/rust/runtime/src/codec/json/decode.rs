//! Decoding from JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::object::AnyMap;
use super::reader::Reader;
use super::value::AnyValue;
use crate::codec::violation::Violation;

/// A type that can be decoded from JSON text with the lifetime `'a`.
pub trait Decode<'a>: Sized {
    /// Decodes the next value.
    ///
    /// # Errors
    /// If the value is not valid for this type.
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation>;
}

/// A type that can be the key of a member.
pub trait Key<'a>: Sized + Ord {
    /// Converts a key.
    ///
    /// # Errors
    /// If the key is not valid for this type.
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation>;
}

impl<'a> Key<'a> for String {
    #[inline]
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
        Ok(key.into_owned())
    }
}

impl<'a> Key<'a> for Cow<'a, str> {
    #[inline]
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
        Ok(key)
    }
}

impl<'a> Decode<'a> for bool {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.bool()
    }
}

impl<'a> Decode<'a> for u64 {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.unsigned(Self::MIN, Self::MAX)
    }
}

impl<'a> Decode<'a> for i64 {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.signed(Self::MIN, Self::MAX)
    }
}

macro_rules! narrow {
    ($method:ident, $wide:ty: $($narrow:ty),+) => {$(
        impl<'a> Decode<'a> for $narrow {
            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
                let value = reader.$method(<$wide>::from(Self::MIN), <$wide>::from(Self::MAX))?;
                // The bounds are within the type, so the conversion cannot fail.
                Ok(Self::try_from(value).unwrap_or_default())
            }
        }
    )+};
}

narrow!(unsigned, u64: u8, u16, u32);
narrow!(signed, i64: i8, i16, i32);

impl<'a> Decode<'a> for f64 {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.number()
    }
}

impl<'a> Decode<'a> for String {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.text().map(Cow::into_owned)
    }
}

impl<'a> Decode<'a> for Cow<'a, str> {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.text()
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Box<T> {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        T::decode(reader).map(Self::new)
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    /// Decodes a value; `null` becomes `None`.
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        if reader.take_null() {
            Ok(None)
        } else {
            T::decode(reader).map(Some)
        }
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        let mut items = Self::new();
        reader.array(|reader, _| {
            items.push(T::decode(reader)?);
            Ok(())
        })?;
        Ok(items)
    }
}

impl<'a, K: Key<'a>, V: Decode<'a>> Decode<'a> for BTreeMap<K, V> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        read_map(reader, V::decode)
    }
}

/// Decodes an object as a map; `read` decodes a value.
pub(crate) fn read_map<'a, K: Key<'a>, V>(
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<V, Violation>,
) -> Result<BTreeMap<K, V>, Violation> {
    let mut map = BTreeMap::new();
    reader.object(|reader, key| add_member(&mut map, reader, key, &read))?;
    Ok(map)
}

/// Decodes the next value and adds it to a map.
pub(crate) fn add_member<'a, K: Key<'a>, V>(
    map: &mut BTreeMap<K, V>,
    reader: &mut Reader<'a>,
    key: Cow<'a, str>,
    read: impl Fn(&mut Reader<'a>) -> Result<V, Violation>,
) -> Result<(), Violation> {
    let name = key.clone();
    let key = K::from_key(key).map_err(|wrong| of_key(&wrong))?;
    match map.insert(key, read(reader)?) {
        None => Ok(()),
        Some(_) => Err(Violation::duplicate_in_parent(&name)),
    }
}

/// An invalid key is reported at its object, because a pointer cannot refer to a key.
#[cold]
fn of_key(wrong: &Violation) -> Violation {
    Violation::of_parent(wrong.reason().to_owned())
}

impl<'a, S: AsRef<str> + From<Cow<'a, str>>> Decode<'a> for AnyValue<S> {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.any_value()
    }
}

impl<'a, S: AsRef<str> + From<Cow<'a, str>>> Decode<'a> for AnyMap<S> {
    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        reader.any_map()
    }
}
