//! The members of a dynamic JSON object.

use std::borrow::Cow;

use super::value::AnyValue;
use crate::codec::violation::Violation;

/// The maximum number of members that are searched linearly. For more members, sorting is faster.
const FEW: usize = 16;

/// The members of a JSON object.
pub type Map = AnyMap<String>;

/// The members of a JSON object that borrows its strings from the text that it was read from.
pub type MapRef<'a> = AnyMap<Cow<'a, str>>;

/// The members of a JSON object in wire order, with strings of the type `S`: [`Map`] owns them, [`MapRef`] borrows.
///
/// The members are a list of pairs, which is cheap to fill and to iterate, and fast to search while it is short. The
/// list can contain a duplicate key if it was collected from pairs. It cannot be encoded then.
#[derive(Clone, Debug)]
pub struct AnyMap<S> {
    list: Vec<(S, AnyValue<S>)>,
    /// Whether the keys are known to be distinct.
    is_distinct: bool,
}

impl<S> AnyMap<S> {
    /// Creates an object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            list: Vec::new(),
            is_distinct: true,
        }
    }

    pub(super) fn from_vec(list: Vec<(S, AnyValue<S>)>) -> Self {
        Self {
            list,
            is_distinct: false,
        }
    }

    /// Returns the number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns true if there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Converts to owned strings.
    #[must_use]
    pub fn into_owned(self) -> Map
    where
        S: Into<String>,
    {
        self.map(&Into::into)
    }

    /// Converts each string to another type. The conversion must not change the text.
    pub(crate) fn map<T>(self, text: &impl Fn(S) -> T) -> AnyMap<T> {
        let members = self.list.into_iter();
        AnyMap {
            list: members
                .map(|(key, value)| (text(key), value.map(text)))
                .collect(),
            is_distinct: self.is_distinct,
        }
    }
}

impl<S: AsRef<str>> AnyMap<S> {
    /// Returns the value of the member `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&AnyValue<S>> {
        let place = self.place(key)?;
        Some(&self.list[place].1)
    }

    /// Returns a mutable reference to the value of the member `key`.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut AnyValue<S>> {
        let place = self.place(key)?;
        Some(&mut self.list[place].1)
    }

    /// Returns true if there is a member `key`.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// Sets a member. An existing member keeps its position, a new member is appended. Returns the previous value.
    pub fn insert(
        &mut self,
        key: impl Into<S>,
        value: impl Into<AnyValue<S>>,
    ) -> Option<AnyValue<S>> {
        let (key, value) = (key.into(), value.into());
        if let Some(old) = self.get_mut(key.as_ref()) {
            return Some(std::mem::replace(old, value));
        }
        self.list.push((key, value));
        None
    }

    /// Removes a member.
    pub fn remove(&mut self, key: &str) -> Option<AnyValue<S>> {
        let place = self.place(key)?;
        Some(self.list.remove(place).1)
    }

    /// Iterates over the members in wire order.
    #[must_use]
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (&str, &AnyValue<S>)> + DoubleEndedIterator {
        self.list.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Iterates over the keys in wire order.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.list.iter().map(|(key, _)| key.as_ref())
    }

    /// Iterates over the values in wire order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &AnyValue<S>> + DoubleEndedIterator {
        self.list.iter().map(|(_, value)| value)
    }

    /// Borrows the strings.
    #[must_use]
    pub fn borrowed(&self) -> MapRef<'_> {
        self.iter()
            .map(|(key, value)| (Cow::Borrowed(key), value.borrowed()))
            .collect()
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.list.iter().position(|(name, _)| name.as_ref() == key)
    }

    /// Appends a member. The caller must call [`AnyMap::check`] after the last member.
    pub(crate) fn push(&mut self, key: S, value: AnyValue<S>) {
        self.is_distinct = false;
        self.list.push((key, value));
    }

    /// Creates the members from a list, and refuses duplicate keys.
    pub(super) fn distinct(list: Vec<(S, AnyValue<S>)>) -> Result<Self, Violation> {
        let mut members = Self::from_vec(list);
        members.check()?;
        members.is_distinct = true;
        Ok(members)
    }

    /// Refuses duplicate keys.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        if !self.is_distinct
            && let Some(key) = self.duplicate()
        {
            return Err(Violation::duplicate(key));
        }
        Ok(())
    }

    fn duplicate(&self) -> Option<&str> {
        if self.len() > FEW {
            let keys = self.sorted();
            let twice = keys.windows(2).find(|pair| pair[0].0 == pair[1].0);
            return twice.map(|pair| pair[0].0);
        }
        let mut seen = 0;
        for (place, key) in self.keys().enumerate() {
            let mark = mark(key);
            // Most keys differ in this bit. For equal bits, the keys are compared.
            if seen & mark != 0 && self.place(key) != Some(place) {
                return Some(key);
            }
            seen |= mark;
        }
        None
    }

    fn sorted(&self) -> Vec<(&str, &AnyValue<S>)> {
        let mut members: Vec<_> = self.iter().collect();
        members.sort_by_key(|(key, _)| *key);
        members
    }
}

/// Returns a bit of 64 that depends on the length of a key and on its first and last byte.
#[inline]
fn mark(key: &str) -> u64 {
    let end = |byte: Option<&u8>| byte.map_or(0, |byte| u64::from(*byte));
    let bytes = key.as_bytes();
    let ends = end(bytes.first()) | end(bytes.last()) << 8 | (bytes.len() as u64) << 16;
    // Multiplication by the golden ratio spreads similar values.
    1 << (ends.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl<S> Default for AnyMap<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: AsRef<str>> PartialEq for AnyMap<S> {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= FEW {
            return self
                .iter()
                .all(|(key, value)| other.get(key) == Some(value));
        }
        self.sorted() == other.sorted()
    }
}

impl<S, K: Into<S>, V: Into<AnyValue<S>>> FromIterator<(K, V)> for AnyMap<S> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let members = members.into_iter();
        let list = members.map(|(key, value)| (key.into(), value.into()));
        Self::from_vec(list.collect())
    }
}

impl<S> IntoIterator for AnyMap<S> {
    type Item = (S, AnyValue<S>);
    type IntoIter = std::vec::IntoIter<(S, AnyValue<S>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'p, S> IntoIterator for &'p AnyMap<S> {
    type Item = &'p (S, AnyValue<S>);
    type IntoIter = std::slice::Iter<'p, (S, AnyValue<S>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
