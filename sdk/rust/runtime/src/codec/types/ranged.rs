//! Integers within bounds.

use std::fmt;

use crate::borrowed_is_self;
use crate::codec::json::{Decode, Encode, Reader, Writer};
use crate::codec::reason;
use crate::codec::violation::Violation;
use crate::serde_by_codec;

/// An integer type of Rust.
pub trait Whole: Copy + Ord + fmt::Display + Encode {
    /// Decodes an integer from `min` to `max`. A bound beyond the type is ignored.
    ///
    /// # Errors
    /// If the next value is not an integer, or out of bounds.
    fn read(reader: &mut Reader<'_>, min: i128, max: i128) -> Result<Self, Violation>;

    /// Converts the integer to `i128`.
    fn widen(self) -> i128;
}

macro_rules! whole {
    ($($integer:ty, $wide:ty, $read:ident;)+) => {$(
        impl Whole for $integer {
            #[inline]
            fn read(reader: &mut Reader<'_>, min: i128, max: i128) -> Result<Self, Violation> {
                let clamp = |bound: i128| {
                    <$wide>::try_from(bound.clamp(i128::from(Self::MIN), i128::from(Self::MAX)))
                        .unwrap_or_default()
                };
                let value = reader.$read(clamp(min), clamp(max))?;
                Self::try_from(value).map_err(|_| out_of_range(min, max))
            }

            #[inline]
            fn widen(self) -> i128 {
                i128::from(self)
            }
        }

        impl<const MIN: i128, const MAX: i128> Ranged<$integer, MIN, MAX> {
            /// Creates an integer from a constant.
            ///
            /// # Panics
            /// If the integer is out of bounds. In a constant this is a compile error.
            #[must_use]
            pub const fn from_static(value: $integer) -> Self {
                assert!(MIN <= value as i128 && value as i128 <= MAX, "out of bounds");
                Self(value)
            }
        }

        impl<const MIN: i128, const MAX: i128> TryFrom<$integer> for Ranged<$integer, MIN, MAX> {
            type Error = Violation;

            fn try_from(value: $integer) -> Result<Self, Violation> {
                Self::new(value)
            }
        }

        impl<const MIN: i128, const MAX: i128> From<Ranged<$integer, MIN, MAX>> for $integer {
            fn from(value: Ranged<$integer, MIN, MAX>) -> Self {
                value.0
            }
        }
    )+};
}

whole! {
    u8, u64, unsigned;
    u16, u64, unsigned;
    u32, u64, unsigned;
    u64, u64, unsigned;
    i8, i64, signed;
    i16, i64, signed;
    i32, i64, signed;
    i64, i64, signed;
}

/// An integer from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranged<T, const MIN: i128, const MAX: i128>(T);

impl<T: Whole, const MIN: i128, const MAX: i128> Ranged<T, MIN, MAX> {
    /// Creates the value from an integer.
    ///
    /// # Errors
    /// If the integer is out of bounds.
    pub fn new(value: T) -> Result<Self, Violation> {
        if (MIN..=MAX).contains(&value.widen()) {
            Ok(Self(value))
        } else {
            Err(out_of_range(MIN, MAX))
        }
    }

    /// Returns the integer.
    #[must_use]
    pub const fn get(self) -> T {
        self.0
    }
}

#[cold]
fn out_of_range(min: i128, max: i128) -> Violation {
    Violation::new(reason::integer(min, max))
}

impl<T: Default, const MAX: i128> Default for Ranged<T, 0, MAX> {
    fn default() -> Self {
        Self(T::default())
    }
}

impl<T: fmt::Display, const MIN: i128, const MAX: i128> fmt::Display for Ranged<T, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a, T: Whole, const MIN: i128, const MAX: i128> Decode<'a> for Ranged<T, MIN, MAX> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        T::read(reader, MIN, MAX).map(Self)
    }
}

impl<T: Whole, const MIN: i128, const MAX: i128> Encode for Ranged<T, MIN, MAX> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        self.0.encode(writer)
    }
}

borrowed_is_self!(impl[T: Whole, const MIN: i128, const MAX: i128] Ranged<T, MIN, MAX>);
serde_by_codec!(impl[T: Whole, const MIN: i128, const MAX: i128] Ranged<T, MIN, MAX>);
