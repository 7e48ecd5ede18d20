//! The macro for enums of strings.

use std::borrow::Cow;

use super::union::no_variant;
use crate::codec::json::{Decode, Reader};
use crate::codec::payload::encode;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Handles an unknown string: in a reply it comes from a newer peer, in a request it is a violation.
///
/// # Errors
/// If the reader decodes a request.
#[doc(hidden)]
#[cold]
pub fn unknown_text(
    reader: &Reader<'_>,
    text: Cow<'_, str>,
    known: &[&str],
) -> Result<String, Violation> {
    match reader.side() {
        Side::Request => Err(no_variant(known)),
        Side::Reply => Ok(text.into_owned()),
    }
}

/// Parses a string of an enum in a subject token.
///
/// # Errors
/// If it is not a string of the enum.
#[doc(hidden)]
pub fn parse_text<T: for<'a> Decode<'a>>(text: &str) -> Result<T, Violation> {
    let json = encode(text).map_err(|error| Violation::new(error.reason))?;
    T::decode(&mut Reader::from_bytes(&json, Side::Request)?)
}

/// Implements the traits for an enum that represents the strings in its schema.
///
/// ```
/// use natsgen_runtime::{codec, enumeration};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// pub enum Mood {
///     Good,
///     Bad,
/// }
///
/// enumeration! { Mood { "good" => Good, "bad" => Bad } }
///
/// assert_eq!(codec::encode(&Mood::Good)?, br#""good""#);
/// # Ok::<(), natsgen_runtime::EncodeError>(())
/// ```
///
/// Two words can follow the braces:
///
/// - `non_exhaustive`: the enum has a variant `Unknown(String)` for strings of newer peers. Such a string is kept in
///   replies and events, refused in requests and never encoded.
/// - `validate`: names an [`Assertion`](crate::assertion::Assertion) that the string must satisfy.
///
/// The macro implements the method `as_str`, [`Decode`](crate::Decode), [`Encode`](crate::Encode),
/// [`HasBorrowed`](crate::HasBorrowed) and serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration {
    ($name:ident { $($variants:tt)* }) => {
        $crate::enumeration_impl! { $name [$($variants)*] [] [] }
    };
    ($name:ident { $($variants:tt)* } non_exhaustive) => {
        $crate::enumeration_impl! { $name [$($variants)*] [Unknown] [] }
    };
    ($name:ident { $($variants:tt)* } validate $assertion:path) => {
        $crate::enumeration_impl! { $name [$($variants)*] [] [$assertion] }
    };
    ($name:ident { $($variants:tt)* } non_exhaustive validate $assertion:path) => {
        $crate::enumeration_impl! { $name [$($variants)*] [Unknown] [$assertion] }
    };
}

/// Implements the traits.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration_impl {
    (
        $name:ident [$($text:literal => $variant:ident),* $(,)?]
        [$($unknown:ident)?] $assertion:tt
    ) => {
        #[allow(deprecated, reason = "a deprecated member is still read and written")]
        impl $name {
            /// Returns the string on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    $(Self::$unknown(text) => text,)?
                }
            }
        }

        $crate::decode_by! { $name, $assertion |reader| {
            let text = reader.text()?;
            match &*text {
                $($text => ::core::result::Result::Ok(Self::$variant),)*
                _ => $crate::enumeration_other!(reader text [$($unknown)?] [$($text),*]),
            }
        } }

        $crate::encode_by! { $name, $assertion |self, writer| {
            const KNOWN: &[&str] = &[$($text),*];
            $(
                if let Self::$unknown(_) = self {
                    return ::core::result::Result::Err($crate::generated::macros::union::no_variant(KNOWN));
                }
            )?
            writer.text(self.as_str());
            ::core::result::Result::Ok(())
        } }

        $crate::borrowed_is_self! { $name }
        $crate::serde_by_codec! { $name }
    };
}

/// Handles an unknown string.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration_other {
    ($reader:ident $text:ident [] $known:tt) => {
        ::core::result::Result::Err($crate::generated::macros::union::no_variant(&$known))
    };
    ($reader:ident $text:ident [$unknown:ident] $known:tt) => {
        $crate::generated::macros::unknown_text($reader, $text, &$known).map(Self::$unknown)
    };
}

/// Implements the traits of a subject parameter for an enum: `Display`, `FromStr` and [`Param`](crate::Param).
///
/// ```
/// use natsgen_runtime::{enumeration, enumeration_token};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// pub enum Mood {
///     Good,
///     Bad,
/// }
///
/// enumeration! { Mood { "good" => Good, "bad" => Bad } }
/// enumeration_token!(Mood);
///
/// assert_eq!("good".parse(), Ok(Mood::Good));
/// assert!("GOOD".parse::<Mood>().is_err());
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration_token {
    ($name:ident) => {
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::generated::macros::parse_text(text)
            }
        }

        impl $crate::Param for $name {}
    };
}
