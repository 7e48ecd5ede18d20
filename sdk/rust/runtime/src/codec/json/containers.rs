//! Decodes objects and arrays.

use std::borrow::Cow;
use std::mem;

use super::name::Name;
use super::object::AnyMap;
use super::reader::Reader;
use super::scan::begins_with;
use crate::codec::reason;
use crate::codec::violation::Violation;

/// The expected next name of an object.
struct Guess {
    names: &'static [Name],
    next: usize,
}

impl<'a> Reader<'a> {
    /// Decodes an object. Calls `member` with each key; `member` must read the value of the key.
    ///
    /// # Errors
    /// If the value is not an object, or `member` fails. The pointer of the violation then contains the key.
    #[inline]
    pub fn object(
        &mut self,
        member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let most = mem::replace(&mut self.most, usize::MAX);
        let mut left = most;
        let key = |reader: &mut Self| {
            left = left.checked_sub(1).ok_or_else(|| beyond(most, "members"))?;
            reader.key()
        };
        self.each(key, member)
    }

    /// Decodes an object like [`object`](Self::object). It is faster if the members are in the order of `names`.
    ///
    /// # Errors
    /// Like [`object`](Self::object).
    #[inline]
    pub fn members(
        &mut self,
        names: &'static [Name],
        member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let mut names = Guess { names, next: 0 };
        let key = |reader: &mut Self| match reader.guess(&mut names) {
            Some(key) => Ok(Cow::Borrowed(key)),
            None => reader.odd_key(),
        };
        self.each(key, member)
    }

    /// Decodes an object. `key` reads a key up to the value of its member, and `member` reads the value.
    #[inline]
    fn each(
        &mut self,
        mut key: impl FnMut(&mut Self) -> Result<Cow<'a, str>, Violation>,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.enter(b'{', "expected an object")?;
        if self.next_byte() == b'}' {
            self.leave();
            return Ok(());
        }
        loop {
            let key_at = self.at;
            let key = key(self)?;
            if let Err(violation) = member(self, key) {
                return Err(self.in_member(key_at, violation));
            }
            if !self.has_next(b'}')? {
                return Ok(());
            }
        }
    }

    /// Decodes an array. Calls `item` with each index; `item` must read the item.
    ///
    /// # Errors
    /// If the value is not an array, or `item` fails. The pointer of the violation then contains the index.
    #[inline]
    pub fn array(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let most = mem::replace(&mut self.most, usize::MAX);
        self.enter(b'[', "expected an array")?;
        if self.next_byte() == b']' {
            self.leave();
            return Ok(());
        }
        let mut index = 0;
        loop {
            if index == most {
                return Err(beyond(most, "items"));
            }
            self.count(1)?;
            if let Err(violation) = item(self, index) {
                return Err(in_item(index, violation));
            }
            if !self.has_next(b']')? {
                return Ok(());
            }
            index += 1;
        }
    }

    /// Decodes a value that, if it is an array or an object, has at most `most` items or members. Reading stops beyond
    /// this limit.
    #[inline]
    pub(crate) fn at_most<T>(
        &mut self,
        most: usize,
        read: impl FnOnce(&mut Self) -> Result<T, Violation>,
    ) -> Result<T, Violation> {
        self.most = most;
        let outcome = read(self);
        self.most = usize::MAX;
        outcome
    }

    /// Decodes the members of an object with arbitrary members.
    pub(super) fn any_map<S>(&mut self) -> Result<AnyMap<S>, Violation>
    where
        S: AsRef<str> + From<Cow<'a, str>>,
    {
        let mut pairs = Vec::new();
        self.object(|reader, key| {
            pairs.push((S::from(key), reader.any_value()?));
            Ok(())
        })?;
        AnyMap::distinct(pairs)
    }

    #[inline]
    pub(super) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), Violation> {
        if self.next_byte() != bracket {
            return Err(self.mistyped(expected));
        }
        let Some(levels) = self.levels.checked_sub(1) else {
            return Err(self.too_deep());
        };
        self.levels = levels;
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.levels += 1;
        self.at += 1;
    }

    /// Reads a key up to the value of its member.
    #[inline]
    pub(super) fn key(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain_key() {
            Some(key) => Ok(Cow::Borrowed(key)),
            None => self.odd_key(),
        }
    }

    /// Reads a key at the current position, like [`plain_key`](Self::plain_key). It first compares the text with the
    /// expected name.
    #[inline(never)]
    fn guess(&mut self, names: &mut Guess) -> Option<&'a str> {
        if let Some(name) = names.names.get(names.next)
            && let Some(wire) = name.wire()
            && begins_with(&self.bytes()[self.at..], wire.as_bytes())
        {
            self.count(2).ok()?;
            names.next += 1;
            self.at += wire.len();
            return Some(name.key());
        }
        self.plain_key_of(names)
    }

    /// Reads a key at the current position, and searches it in the expected names.
    #[inline(never)]
    fn plain_key_of(&mut self, names: &mut Guess) -> Option<&'a str> {
        let key = self.plain_key()?;
        if let Some(place) = names.names.iter().position(|name| name.key() == key) {
            names.next = place + 1;
        }
        Some(key)
    }

    /// Consumes the comma before the next member or item, or the closing bracket. Returns false at the closing bracket.
    #[inline]
    pub(super) fn has_next(&mut self, bracket: u8) -> Result<bool, Violation> {
        let next = self.next_byte();
        if next == b',' {
            self.at += 1;
            self.next_byte();
            Ok(true)
        } else if next == bracket {
            self.leave();
            Ok(false)
        } else {
            Err(self.no_end(bracket))
        }
    }

    #[cold]
    #[inline(never)]
    fn in_member(&self, key_at: usize, violation: Violation) -> Violation {
        let mut before = self.lookahead();
        before.at = key_at;
        match before.quoted() {
            Ok(key) => violation.inside(&key),
            Err(_) => violation,
        }
    }
}

#[cold]
#[inline(never)]
fn in_item(index: usize, violation: Violation) -> Violation {
    violation.inside(&index.to_string())
}

#[cold]
#[inline(never)]
fn beyond(most: usize, noun: &str) -> Violation {
    Violation::new(reason::at_most(most as u64, noun))
}
