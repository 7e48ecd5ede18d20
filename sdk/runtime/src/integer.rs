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
/// `integer!(NodeId, u64, 0, 18_446_744_073_709_551_615);` implements `TryFrom<u64>`, `FromStr` (each fails with a
/// [`Violation`](crate::Violation)), `From<NodeId> for u64`, `Display`, `Checked` and the method `get`.
#[macro_export]
macro_rules! integer {
    ($name:ident, $integer:ty, $min:expr, $max:expr) => {
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
                const RANGE: ::core::ops::RangeInclusive<$integer> = $min..=$max;
                if RANGE.contains(&value) {
                    Ok(Self(value))
                } else {
                    let reason = concat!(
                        "expected an integer from ",
                        stringify!($min),
                        " to ",
                        stringify!($max)
                    );
                    Err($crate::Violation::new(reason.replace('_', "")))
                }
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from($crate::parse_integer::<$integer>(text)?)
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

        impl $crate::Checked for $name {
            fn check(&self, check: $crate::Check<'_>) -> $crate::CheckResult {
                check.finish()
            }
        }
    };
}
