//! Untagged unions: a value belongs to the first variant that accepts it.

use super::no_variant;
use crate::codec::json::{Attempt, Kind, Reader, Writer};
use crate::codec::violation::Violation;

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonTypes(u8);

impl JsonTypes {
    /// Parses names of JSON types, separated by spaces. Other words are ignored.
    #[must_use]
    pub const fn new(names: &str) -> Self {
        let names = names.as_bytes();
        let (mut types, mut start) = (0, 0);
        while start < names.len() {
            let mut end = start;
            while end < names.len() && names[end] != b' ' {
                end += 1;
            }
            types |= match (names[start], end - start) {
                (b'n', 4) => Self::of(Kind::Null).0,
                (b'b', _) => Self::of(Kind::Bool).0,
                (b'n', 6) => Self::of(Kind::Number).0,
                (b's', _) => Self::of(Kind::Text).0,
                (b'a', _) => Self::of(Kind::Array).0,
                (b'o', _) => Self::of(Kind::Object).0,
                _ => 0,
            };
            start = end + 1;
        }
        Self(types)
    }

    const fn of(kind: Kind) -> Self {
        Self(1 << kind as u8)
    }

    const fn contains(self, kind: Kind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }
}

/// The decoding of an untagged union, variant by variant.
#[derive(Debug)]
pub struct Attempts {
    kind: Kind,
    /// Whether several variants can accept this JSON type. Then each attempt decodes strictly.
    is_shared: bool,
    /// The deepest violation of the attempts.
    violation: Option<Violation>,
}

impl Attempts {
    /// Begins with the JSON type of the next value. The variants with content accept these types.
    ///
    /// # Errors
    /// If there is no value.
    #[inline]
    pub fn new(reader: &mut Reader<'_>, contents: &[JsonTypes]) -> Result<Self, Violation> {
        let kind = reader.peek()?;
        let candidates = contents.iter().filter(|types| types.contains(kind));
        Ok(Self {
            kind,
            is_shared: candidates.count() > 1,
            violation: None,
        })
    }

    /// Consumes a string if it is the next value, and returns whether it was consumed.
    ///
    /// # Errors
    /// If the string is not JSON.
    #[inline]
    pub fn unit(&self, reader: &mut Reader<'_>, tag: &str) -> Result<bool, Violation> {
        Ok(self.kind == Kind::Text && reader.take_text(tag)?)
    }

    /// Decodes the value as the content of a variant for these types. If this fails, nothing is consumed.
    #[inline]
    pub fn content<'a, T>(
        &mut self,
        reader: &mut Reader<'a>,
        types: JsonTypes,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
    ) -> Option<T> {
        if !types.contains(self.kind) {
            return None;
        }
        let attempt = Attempt::begin(reader, self.is_shared);
        match read(reader) {
            Ok(content) => {
                attempt.accept(reader);
                Some(content)
            }
            Err(violation) => {
                attempt.refuse(reader);
                self.note(violation);
                None
            }
        }
    }

    #[cold]
    fn note(&mut self, violation: Violation) {
        let is_deeper = |known: &Violation| violation.depth() > known.depth();
        if violation.is_of_text() || self.violation.as_ref().is_none_or(is_deeper) {
            self.violation = Some(violation);
        }
    }

    /// The violation if no variant accepts the value.
    #[cold]
    #[must_use]
    pub fn violation(self, known: &[&str]) -> Violation {
        let is_clear = |violation: &Violation| {
            !self.is_shared || violation.is_of_text() || violation.depth() > 0
        };
        let violation = self.violation.filter(is_clear);
        violation.unwrap_or_else(|| no_variant(known))
    }
}

/// Encodes the content of a variant for these types.
///
/// # Errors
/// If `write` fails, or if the written value has another type.
#[inline]
pub fn write_alternative(
    writer: &mut Writer,
    types: JsonTypes,
    names: &str,
    write: impl FnOnce(&mut Writer) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let start = writer.as_bytes().len();
    write(writer)?;
    let first = writer.as_bytes().get(start).copied();
    match first.and_then(Kind::of_byte) {
        Some(kind) if types.contains(kind) => Ok(()),
        _ => Err(no_variant(&[names])),
    }
}

/// Implements the traits for an enum that represents an untagged union. A row with content has the JSON types of the
/// content, separated by spaces. A row without content has its string.
///
/// ```
/// use natsgen_runtime::{codec, untagged, Side};
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub enum Delay {
///     Never,
///     Seconds(u32),
///     List(Vec<u32>),
/// }
///
/// untagged! { Delay { "never" => Never, "number" => Seconds(u32), "array" => List(Vec<u32>) } }
///
/// let delay: Delay = codec::decode(b"[1, 2]", Side::Request)?;
/// assert_eq!(delay, Delay::List(vec![1, 2]));
/// assert_eq!(codec::encode(&Delay::Never)?, br#""never""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `validate` can follow the braces. It names an [`Assertion`](crate::assertion::Assertion) that the value must satisfy.
#[doc(hidden)]
#[macro_export]
macro_rules! untagged {
    ($(#[$attribute:meta])* $name:ident $(, $borrowed:ident)? { $($variants:tt)* } $($tail:tt)*) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $($borrowed pub)?] (untagged) [$($variants)*] $($tail)*
        }
    };
    (
        $(#[$attribute:meta])* $visibility:vis $name:ident, $borrowed:ident { $($variants:tt)* }
        $($tail:tt)*
    ) => {
        $crate::union_tail! {
            [[$(#[$attribute])*] $name $borrowed $visibility] (untagged) [$($variants)*] $($tail)*
        }
    };
}

/// Decodes a variant, and leaves the block with this label if the variant accepts the value.
#[doc(hidden)]
#[macro_export]
macro_rules! union_attempt {
    ($label:lifetime $attempts:ident $reader:ident $form:ident $target:ident::$variant:ident $tag:literal) => {
        if $attempts.unit($reader, $tag)? {
            break $label ::core::result::Result::Ok($target::$variant);
        }
    };
    (
        $label:lifetime $attempts:ident $reader:ident $form:ident
        $target:ident::$variant:ident $tag:literal ($type:ty)
    ) => {
        if let ::core::option::Option::Some(content) = $attempts.content(
            $reader,
            const { $crate::generated::macros::union::JsonTypes::new($tag) },
            $crate::object_reader!($form $type),
        ) {
            break $label ::core::result::Result::Ok($target::$variant(content));
        }
    };
}

/// The JSON types of a row with content; no types for a row without content.
#[doc(hidden)]
#[macro_export]
macro_rules! union_types {
    ($tag:literal) => {
        $crate::generated::macros::union::JsonTypes::new("")
    };
    ($tag:literal ($type:ty)) => {
        $crate::generated::macros::union::JsonTypes::new($tag)
    };
}
