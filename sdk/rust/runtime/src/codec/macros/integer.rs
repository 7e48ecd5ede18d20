//! The macro for integer newtypes with a range.

use std::fmt::Display;
use std::str::FromStr;

use crate::codec::violation::Violation;

/// Parses an integer in a subject token: digits, a leading `-` if negative, no leading zeros, no `+`. So each integer
/// has a unique text, and each subject a unique meaning.
///
/// # Errors
/// If the text has another form, or the integer is beyond the type.
#[doc(hidden)]
pub fn parse_integer<T: FromStr + Display>(text: &str) -> Result<T, Violation> {
    text.parse()
        .ok()
        .filter(|value: &T| value.to_string() == text)
        .ok_or_else(|| Violation::new("expected an integer without leading zeros"))
}

/// Implements the traits for an integer newtype with a range. Its constructors refuse other integers.
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
/// After the range, `validate assertion` names an [`Assertion`](crate::assertion::Assertion) that the integer must
/// satisfy.
///
/// The macro implements `TryFrom<u32>`, `FromStr` (each fails with a [`Violation`](crate::Violation)),
/// `From<Shelf> for u32`, `Display`, the method `get`, [`Decode`](crate::Decode), [`Encode`](crate::Encode),
/// [`HasBorrowed`](crate::HasBorrowed) and serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! integer {
    ($name:ident, $integer:ty, $min:expr, $max:expr $(, validate $validate:path)? $(,)?) => {
        $crate::checked_number! {
            $name $integer, [$($validate)?]
            |value| $crate::Ranged::<$integer, { $min }, { $max }>::new(value),
            |reader| <$integer as $crate::generated::Whole>::read(reader, $min, $max)
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from($crate::generated::macros::parse_integer::<$integer>(text)?)
            }
        }
    };
}
