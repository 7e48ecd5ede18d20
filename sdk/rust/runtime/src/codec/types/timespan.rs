//! Time spans in whole units, as on the wire.

use std::time::Duration;

use crate::borrowed_is_self;
use crate::codec::json::{Decode, Encode, Reader, Writer};
use crate::codec::violation::Violation;
use crate::serde_by_codec;

macro_rules! timespan {
    ($name:ident, $noun:literal, $from:ident, $nanos:literal) => {
        #[doc = concat!("A span of time of `MIN` to `MAX` whole ", $noun, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<const MIN: u64, const MAX: u64>(u64);

        impl<const MIN: u64, const MAX: u64> $name<MIN, MAX> {
            #[doc = concat!("Takes a number of ", $noun, ".")]
            ///
            /// # Errors
            /// If the number is out of bounds.
            pub fn new(units: u64) -> Result<Self, Violation> {
                if (MIN..=MAX).contains(&units) {
                    Ok(Self(units))
                } else {
                    Err(Self::out_of_range())
                }
            }

            #[doc = concat!("A number of ", $noun, " known when compiling.")]
            ///
            /// # Panics
            /// If the number is out of bounds. In a constant this is a compile error.
            #[must_use]
            pub const fn from_static(units: u64) -> Self {
                assert!(MIN <= units && units <= MAX, "out of bounds");
                Self(units)
            }

            /// Converts a measured duration to whole units. A duration out of bounds becomes the nearest bound.
            #[must_use]
            pub fn saturating(span: Duration) -> Self {
                let units = u64::try_from(span.as_nanos() / $nanos).unwrap_or(u64::MAX);
                Self(units.clamp(MIN, MAX))
            }

            /// Returns the duration.
            #[must_use]
            pub const fn get(self) -> Duration {
                Duration::$from(self.0)
            }

            #[cold]
            fn out_of_range() -> Violation {
                Violation::new(format!(concat!("expected {} to {} ", $noun), MIN, MAX))
            }
        }

        /// A fraction of a unit is dropped.
        impl<const MIN: u64, const MAX: u64> TryFrom<Duration> for $name<MIN, MAX> {
            type Error = Violation;

            fn try_from(span: Duration) -> Result<Self, Violation> {
                u64::try_from(span.as_nanos() / $nanos)
                    .map_err(|_| Self::out_of_range())
                    .and_then(Self::new)
            }
        }

        impl<const MIN: u64, const MAX: u64> From<$name<MIN, MAX>> for Duration {
            fn from(span: $name<MIN, MAX>) -> Self {
                span.get()
            }
        }

        impl<const MAX: u64> Default for $name<0, MAX> {
            fn default() -> Self {
                Self(0)
            }
        }

        impl<'a, const MIN: u64, const MAX: u64> Decode<'a> for $name<MIN, MAX> {
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
                reader.unsigned(MIN, MAX).map(Self)
            }
        }

        impl<const MIN: u64, const MAX: u64> Encode for $name<MIN, MAX> {
            fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
                writer.unsigned(self.0);
                Ok(())
            }
        }

        borrowed_is_self!(impl[const MIN: u64, const MAX: u64] $name<MIN, MAX>);
        serde_by_codec!(impl[const MIN: u64, const MAX: u64] $name<MIN, MAX>);
    };
}

timespan!(Secs, "seconds", from_secs, 1_000_000_000);
timespan!(Millis, "milliseconds", from_millis, 1_000_000);
timespan!(Micros, "microseconds", from_micros, 1_000);
timespan!(Nanos, "nanoseconds", from_nanos, 1);
