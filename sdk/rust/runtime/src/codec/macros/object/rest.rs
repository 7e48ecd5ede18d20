//! Maps that take the members of an object which have no field of their own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Lend;
use crate::codec::json::{Decode, Encode, Map, Members, Object, Pairs, Reader, Value, add_member};
use crate::{Violation, reason};

/// A map that takes the members of an object which have no field of their own.
pub trait Rest: Lend + Default {
    /// The borrowed form without members.
    fn none<'a>() -> Self::Ref<'a>;

    /// Reads the member that is next.
    ///
    /// # Errors
    /// With what is wrong with it.
    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation>;

    /// Reads the member that is next into the borrowed form.
    ///
    /// # Errors
    /// With what is wrong with it.
    fn keep_ref<'a>(
        rest: &mut Self::Ref<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation>;
}

/// The rest of an object, in either form.
pub trait Spread {
    /// Checks that no key is there twice.
    ///
    /// # Errors
    /// When one is.
    fn check(&self) -> Result<(), Violation>;

    /// Writes the members.
    ///
    /// # Errors
    /// When one of them is `known`, because it has a field of its own, or there twice.
    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation>;
}

fn spread<'v, V: Encode + 'v>(
    rest: impl Iterator<Item = (&'v str, &'v V)>,
    known: &[&str],
    members: &mut Members<'_>,
) -> Result<(), Violation> {
    for (key, value) in rest {
        if let Some(name) = known.iter().find(|name| **name == key) {
            return Err(Violation::new(reason::one_member(name)));
        }
        members.member(key, value)?;
    }
    Ok(())
}

impl<V: Lend + for<'a> Decode<'a>> Rest for BTreeMap<String, V> {
    fn none<'a>() -> Self::Ref<'a> {
        BTreeMap::new()
    }

    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        add_member(self, reader, key, V::decode)
    }

    fn keep_ref<'a>(
        rest: &mut Self::Ref<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        add_member(rest, reader, key, V::lend)
    }
}

impl<K: AsRef<str>, V: Encode> Spread for BTreeMap<K, V> {
    fn check(&self) -> Result<(), Violation> {
        Ok(())
    }

    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        let pairs = self.iter().map(|(key, value)| (key.as_ref(), value));
        spread(pairs, known, members)
    }
}

impl Rest for Map {
    fn none<'a>() -> Object<'a> {
        Object::default()
    }

    fn keep<'a>(&mut self, reader: &mut Reader<'a>, key: Cow<'a, str>) -> Result<(), Violation> {
        let value = Value::decode(reader)?;
        self.push(key.into_owned(), value);
        Ok(())
    }

    fn keep_ref<'a>(
        rest: &mut Object<'a>,
        reader: &mut Reader<'a>,
        key: Cow<'a, str>,
    ) -> Result<(), Violation> {
        let value = reader.json()?;
        rest.push(key, value);
        Ok(())
    }
}

impl<S: AsRef<str>> Spread for Pairs<S> {
    fn check(&self) -> Result<(), Violation> {
        self.check()
    }

    fn spread(&self, known: &[&str], members: &mut Members<'_>) -> Result<(), Violation> {
        self.check()?;
        spread(self.iter(), known, members)
    }
}
