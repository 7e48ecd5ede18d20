//! Strings, arrays and maps with a limited length.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use crate::codec::json::{AnyMap, Decode, Encode, Key, Map, MapRef, Reader, Writer};
use crate::codec::reason;
use crate::codec::types::{HasBorrowed, IntoOwned};
use crate::codec::violation::Violation;
use crate::serde_by_codec;

/// A string of `MIN` to `MAX` Unicode characters, an array of `MIN` to `MAX` items, or a map of `MIN` to `MAX` members.
/// The default of `MAX` means no upper limit.
///
/// The content cannot be changed in place, so it always satisfies the limits. Take the content out with
/// [`into_inner`](Self::into_inner), change it, and create a new value.
///
/// ```
/// use natsgen_runtime::Limited;
///
/// let tags: Limited<Vec<u8>, 0, 2> = vec![1, 2].try_into()?;
/// assert_eq!(tags.len(), 2);
///
/// let mut more = tags.into_inner();
/// more.push(3);
/// let refused = Limited::<_, 0, 2>::new(more).unwrap_err();
/// assert_eq!(refused.reason(), "expected at most 2 items");
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limited<C, const MIN: usize, const MAX: usize = { usize::MAX }>(C);

/// A type with a length that can be limited.
pub trait Measure {
    /// Validates the length.
    ///
    /// # Errors
    /// If the length is not within `min..=max`.
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation>;
}

impl Measure for str {
    #[inline]
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        // A character takes 1 to 4 bytes, so most strings are validated without counting characters.
        let bytes = self.len() as u64;
        if bytes <= max && bytes.div_ceil(4) >= min {
            return Ok(());
        }
        within(self.chars().count(), min, max, "characters")
    }
}

impl Measure for String {
    #[inline]
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        self.as_str().measure(min, max)
    }
}

impl Measure for Cow<'_, str> {
    #[inline]
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        self.as_ref().measure(min, max)
    }
}

impl<T> Measure for Vec<T> {
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        within(self.len(), min, max, "items")
    }
}

impl<K, V> Measure for BTreeMap<K, V> {
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        within(self.len(), min, max, "members")
    }
}

impl<S> Measure for AnyMap<S> {
    fn measure(&self, min: u64, max: u64) -> Result<(), Violation> {
        within(self.len(), min, max, "members")
    }
}

fn within(length: usize, min: u64, max: u64, noun: &str) -> Result<(), Violation> {
    let length = length as u64;
    if length < min {
        Err(Violation::new(reason::at_least(min, noun)))
    } else if length > max {
        Err(Violation::new(reason::at_most(max, noun)))
    } else {
        Ok(())
    }
}

impl<C: Measure, const MIN: usize, const MAX: usize> Limited<C, MIN, MAX> {
    /// Creates the value from a string, an array or a map.
    ///
    /// # Errors
    /// If the length is out of bounds.
    pub fn new(content: C) -> Result<Self, Violation> {
        content.measure(MIN as u64, MAX as u64)?;
        Ok(Self(content))
    }
}

impl<C, const MIN: usize, const MAX: usize> Limited<C, MIN, MAX> {
    /// Returns the content.
    #[must_use]
    pub fn into_inner(self) -> C {
        self.0
    }
}

impl<T, const MAX: usize> Limited<Vec<T>, 0, MAX> {
    /// Collects the first items, up to the limit, and drops the other items.
    pub fn up_to(items: impl IntoIterator<Item = T>) -> Self {
        Self(items.into_iter().take(MAX).collect())
    }
}

impl<C, const MIN: usize, const MAX: usize> Deref for Limited<C, MIN, MAX> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C: fmt::Debug, const MIN: usize, const MAX: usize> fmt::Debug for Limited<C, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C: fmt::Display, const MIN: usize, const MAX: usize> fmt::Display for Limited<C, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C: Default + Measure, const MAX: usize> Default for Limited<C, 0, MAX> {
    fn default() -> Self {
        Self(C::default())
    }
}

impl<C: AsRef<str>, const MIN: usize, const MAX: usize> AsRef<str> for Limited<C, MIN, MAX> {
    fn as_ref(&self) -> &str {
        self.0.as_ref()
    }
}

impl<C: AsRef<str>, const MIN: usize, const MAX: usize> Borrow<str> for Limited<C, MIN, MAX> {
    fn borrow(&self) -> &str {
        self.0.as_ref()
    }
}

impl<C: AsRef<str>, const MIN: usize, const MAX: usize> PartialEq<str> for Limited<C, MIN, MAX> {
    fn eq(&self, other: &str) -> bool {
        self.0.as_ref() == other
    }
}

impl<C: AsRef<str>, const MIN: usize, const MAX: usize> PartialEq<&str> for Limited<C, MIN, MAX> {
    fn eq(&self, other: &&str) -> bool {
        self.0.as_ref() == *other
    }
}

impl<T: PartialEq, const MIN: usize, const MAX: usize> PartialEq<Vec<T>>
    for Limited<Vec<T>, MIN, MAX>
{
    fn eq(&self, other: &Vec<T>) -> bool {
        self.0 == *other
    }
}

macro_rules! iterates {
    ($([$($generics:tt)*] $content:ty;)+) => {$(
        impl<'s, $($generics)*, const MIN: usize, const MAX: usize> IntoIterator
            for &'s Limited<$content, MIN, MAX>
        {
            type Item = <&'s $content as IntoIterator>::Item;
            type IntoIter = <&'s $content as IntoIterator>::IntoIter;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }
    )+};
}

iterates! {
    [T] Vec<T>;
    [K, V] BTreeMap<K, V>;
}

impl<C: IntoIterator, const MIN: usize, const MAX: usize> IntoIterator for Limited<C, MIN, MAX> {
    type Item = C::Item;
    type IntoIter = C::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

macro_rules! holds {
    ($([$($generics:tt)*] $content:ty;)+) => {$(
        impl<$($generics)* const MIN: usize, const MAX: usize> TryFrom<$content>
            for Limited<$content, MIN, MAX>
        {
            type Error = Violation;

            fn try_from(content: $content) -> Result<Self, Violation> {
                Self::new(content)
            }
        }

        impl<$($generics)* const MIN: usize, const MAX: usize> From<Limited<$content, MIN, MAX>>
            for $content
        {
            fn from(limited: Limited<$content, MIN, MAX>) -> Self {
                limited.0
            }
        }
    )+};
}

holds! {
    [] String;
    ['a,] Cow<'a, str>;
    [T,] Vec<T>;
    [K, V,] BTreeMap<K, V>;
    [] Map;
    ['a,] MapRef<'a>;
}

impl<const MIN: usize, const MAX: usize> TryFrom<&str> for Limited<String, MIN, MAX> {
    type Error = Violation;

    fn try_from(text: &str) -> Result<Self, Violation> {
        text.measure(MIN as u64, MAX as u64)?;
        Ok(Self(text.to_owned()))
    }
}

impl<'a, C, const MIN: usize, const MAX: usize> Key<'a> for Limited<C, MIN, MAX>
where
    C: Key<'a> + Measure,
{
    fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
        Self::new(C::from_key(key)?)
    }
}

impl<'a, C, const MIN: usize, const MAX: usize> Decode<'a> for Limited<C, MIN, MAX>
where
    C: Decode<'a> + Measure,
{
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        Self::new(reader.at_most(MAX, C::decode)?)
    }
}

impl<C: Encode, const MIN: usize, const MAX: usize> Encode for Limited<C, MIN, MAX> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        self.0.encode(writer)
    }
}

/// Implements the borrowed form for each kind of content. A single implementation for all content would need the bound
/// `C::Borrowed<'a>: Measure`, with which rustc does not accept a map of itself.
macro_rules! has_borrowed {
    ($([$($parameter:ident: $bound:path),*] $content:ty $(where $key:ident)?;)+) => {$(
        impl<$($parameter: $bound,)* const MIN: usize, const MAX: usize> HasBorrowed
            for Limited<$content, MIN, MAX>
        $(where
            $key: Ord,
            for<'k> $key::Borrowed<'k>: Key<'k> + AsRef<str>,)?
        {
            type Borrowed<'a> = Limited<<$content as HasBorrowed>::Borrowed<'a>, MIN, MAX>;

            fn decode_borrowed<'a>(
                reader: &mut Reader<'a>,
            ) -> Result<Self::Borrowed<'a>, Violation> {
                Limited::new(reader.at_most(MAX, <$content>::decode_borrowed)?)
            }

            fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
                Limited(self.0.into_borrowed())
            }
        }
    )+};
}

has_borrowed! {
    [] String;
    [T: HasBorrowed] Vec<T>;
    [K: HasBorrowed, V: HasBorrowed] BTreeMap<K, V> where K;
    [] Map;
}

impl<C: IntoOwned, const MIN: usize, const MAX: usize> IntoOwned for Limited<C, MIN, MAX> {
    type Owned = Limited<C::Owned, MIN, MAX>;

    fn into_owned(self) -> Self::Owned {
        Limited(self.0.into_owned())
    }
}

serde_by_codec!(impl[C, const MIN: usize, const MAX: usize] Limited<C, MIN, MAX>);
