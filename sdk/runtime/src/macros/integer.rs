//! The macro that makes newtypes of integers with a range.

use std::fmt::Display;
use std::str::FromStr;

use crate::Violation;

/// Reads an integer as a subject token has it: digits, `-` in front if negative, no leading zeros, no `+`. So each
/// integer has one text, and each subject one meaning.
///
/// # Errors
/// When the text is anything else, or beyond the type.
#[doc(hidden)]
pub fn parse_integer<T: FromStr + Display>(text: &str) -> Result<T, Violation> {
    text.parse()
        .ok()
        .filter(|value: &T| value.to_string() == text)
        .ok_or_else(|| Violation::new("expected an integer without leading zeros"))
}

/// Gives a newtype of an integer its range: it can only be made of one within it.
///
/// ```
/// use natsgen_runtime::integer;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct Shelf(u32);
///
/// integer!(Shelf, u32, 0, 99);
///
/// assert_eq!(Shelf::try_from(7)?.get(), 7);
/// assert!(Shelf::try_from(100).is_err());
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
///
/// Behind the range, `judged rule` names a [`Rule`](crate::Rule) that the integer obeys too.
///
/// The macro implements `TryFrom<u32>`, `FromStr` (each fails with a [`Violation`](crate::Violation)),
/// `From<Shelf> for u32`, `Display`, the method `get`, [`Decode`](crate::Decode), [`Encode`](crate::Encode),
/// [`Lend`](crate::Lend) and serde's traits.
#[macro_export]
macro_rules! integer {
    ($name:ident, $integer:ty, $min:expr, $max:expr $(, judged $judge:path)? $(,)?) => {
        impl $name {
            /// The integer.
            #[must_use]
            pub const fn get(&self) -> $integer {
                self.0
            }
        }

        impl ::core::convert::TryFrom<$integer> for $name {
            type Error = $crate::Violation;

            fn try_from(value: $integer) -> ::core::result::Result<Self, $crate::Violation> {
                let value = $crate::Ranged::<$integer, { $min }, { $max }>::new(value)?.get();
                $($crate::macros::judge(&value, &$judge)?;)?
                ::core::result::Result::Ok(Self(value))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from($crate::macros::parse_integer::<$integer>(text)?)
            }
        }

        impl ::core::convert::From<$name> for $integer {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl<'de> $crate::json::Decode<'de> for $name {
            fn decode(
                reader: &mut $crate::json::Reader<'de>,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                $crate::judge_what_is_read!(
                    reader [$($judge)?]
                    <$integer as $crate::Whole>::read(reader, $min, $max).map(Self)
                )
            }
        }

        impl $crate::json::Encode for $name {
            fn encode(
                &self,
                writer: &mut $crate::json::Writer,
            ) -> ::core::result::Result<(), $crate::Violation> {
                $crate::json::Encode::encode(&self.0, writer)
            }
        }

        $crate::lends_itself! { $name }
        $crate::serde_by_codec! { $name }
    };
}
