//! The macro for number newtypes with a range.

use crate::codec::violation::Violation;

/// Checks that a number is finite and from `min` to `max`.
///
/// # Errors
/// If the number is not finite or out of range.
#[inline]
#[doc(hidden)]
pub fn check_number(value: f64, min: f64, max: f64) -> Result<f64, Violation> {
    if value.is_finite() && value >= min && value <= max {
        Ok(value)
    } else {
        Err(wrong(min, max))
    }
}

#[cold]
fn wrong(min: f64, max: f64) -> Violation {
    Violation::new(match (min.is_finite(), max.is_finite()) {
        (false, false) => "expected a finite number".to_owned(),
        (true, false) => format!("expected a number from {min}"),
        (false, true) => format!("expected a number up to {max}"),
        (true, true) => format!("expected a number from {min} to {max}"),
    })
}

/// Implements the traits for a newtype of a finite `f64` with a range. Its constructors refuse other numbers.
/// `f64::NEG_INFINITY` and `f64::INFINITY` mean that the range has no limit on this side.
///
/// ```
/// use natsgen_runtime::number;
///
/// #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
/// pub struct Share(f64);
///
/// number!(Share, 0.0, 1.0);
///
/// assert_eq!(Share::try_from(0.5)?.get(), 0.5);
/// assert!(Share::try_from(1.5).is_err());
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
///
/// After the range, `validate assertion` names an [`Assertion`](crate::assertion::Assertion) that the number must
/// satisfy.
///
/// The macro implements `TryFrom<f64>` (which fails with a [`Violation`](crate::Violation)), `From<Share> for f64` and
/// `Display`. It also implements the method `get`, [`Decode`](crate::Decode), [`Encode`](crate::Encode),
/// [`HasBorrowed`](crate::HasBorrowed) and serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! number {
    ($name:ident, $min:expr, $max:expr $(, validate $validate:path)? $(,)?) => {
        $crate::checked_number! {
            $name f64, [$($validate)?]
            |value| $crate::generated::macros::check_number(value, $min, $max),
            |reader| {
                let value = reader.number()?;
                $crate::generated::macros::check_number(value, $min, $max)
            }
        }
    };
}

/// The common part of [`number!`](crate::number!) and [`integer!`](crate::integer!).
#[doc(hidden)]
#[macro_export]
macro_rules! checked_number {
    (
        $name:ident $inner:ty, [$($assertion:path)?]
        |$value:ident| $check:expr, |$reader:ident| $read:expr
    ) => {
        impl $name {
            /// Returns the number.
            #[must_use]
            pub const fn get(&self) -> $inner {
                self.0
            }
        }

        impl ::core::convert::TryFrom<$inner> for $name {
            type Error = $crate::Violation;

            fn try_from($value: $inner) -> ::core::result::Result<Self, $crate::Violation> {
                $check?;
                $($crate::generated::macros::validate(&$value, &$assertion)?;)?
                ::core::result::Result::Ok(Self($value))
            }
        }

        impl ::core::convert::From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        $crate::decode_by! { $name, [$($assertion)?] |$reader| $read.map(Self) }
        $crate::encode_by! { $name, [] |self, writer| $crate::Encode::encode(&self.0, writer) }
        $crate::borrowed_is_self! { $name }
        $crate::serde_by_codec! { $name }
    };
}
