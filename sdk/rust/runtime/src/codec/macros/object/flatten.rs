//! Maps for the additional members of an object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::codec::json::{AnyMap, Decode, Encode, Map, MapRef, Members, Reader, Value, add_member};
use crate::codec::types::HasBorrowed;
use crate::codec::violation::Violation;

/// A map for the additional members of an object.
pub trait Flatten: HasBorrowed + Default {
    /// Creates the borrowed form without members.
    fn empty<'a>() -> Self::Borrowed<'a>;

    /// Decodes the value of `key` and adds the member.
    ///
    /// # Errors
    /// If the value is invalid.
    fn insert<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation>;

    /// Decodes the value of `key` and adds the member to the borrowed form.
    ///
    /// # Errors
    /// If the value is invalid.
    fn insert_borrowed<'a>(
        rest: &mut Self::Borrowed<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation>;
}

/// The additional members of an object, in either form.
pub trait WriteMembers {
    /// Checks that the keys are distinct.
    ///
    /// # Errors
    /// If there is a duplicate key.
    fn check(&self) -> Result<(), Violation>;

    /// Writes the members.
    ///
    /// # Errors
    /// If a key is in `known`, because that member has a field, or if there is a duplicate key.
    fn write_members(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation>;
}

fn write_members<'v, V: Encode + 'v>(
    rest: impl Iterator<Item = (&'v str, &'v V)>,
    known: &[&str],
    members: &mut Members<'_>,
) -> Result<(), Violation> {
    for (key, value) in rest {
        if let Some(name) = known.iter().find(|name| **name == key) {
            return Err(Violation::duplicate(name));
        }
        members.member(key, value)?;
    }
    Ok(())
}

impl<V: HasBorrowed + for<'a> Decode<'a>> Flatten for BTreeMap<String, V> {
    fn empty<'a>() -> Self::Borrowed<'a> {
        BTreeMap::new()
    }

    fn insert<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        add_member(self, reader, key, V::decode)
    }

    fn insert_borrowed<'a>(
        rest: &mut Self::Borrowed<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        add_member(rest, reader, key, V::decode_borrowed)
    }
}

impl<K: AsRef<str>, V: Encode> WriteMembers for BTreeMap<K, V> {
    fn check(&self) -> Result<(), Violation> {
        Ok(())
    }

    fn write_members(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        let pairs = self.iter().map(|(key, value)| (key.as_ref(), value));
        write_members(pairs, known, members)
    }
}

impl Flatten for Map {
    fn empty<'a>() -> MapRef<'a> {
        MapRef::default()
    }

    fn insert<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        let value = Value::decode(reader)?;
        self.push(key.into_owned(), value);
        Ok(())
    }

    fn insert_borrowed<'a>(
        rest: &mut MapRef<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        let value = reader.json()?;
        rest.push(key, value);
        Ok(())
    }
}

impl<S: AsRef<str>> WriteMembers for AnyMap<S> {
    fn check(&self) -> Result<(), Violation> {
        self.check()
    }

    fn write_members(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        self.check()?;
        write_members(self.iter(), known, members)
    }
}
