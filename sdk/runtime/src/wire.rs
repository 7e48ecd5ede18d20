//! How single members are written: durations as whole units, absent and null members, constants.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The JSON constant `true`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct True;

/// The JSON constant `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct False;

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl Serialize for False {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bool(Constant(true)).map(|()| Self)
    }
}

impl<'de> Deserialize<'de> for False {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_bool(Constant(false))
            .map(|()| Self)
    }
}

struct Constant(bool);

impl Visitor<'_> for Constant {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if value == self.0 {
            Ok(())
        } else {
            Err(E::custom(format_args!("expected {}", self.0)))
        }
    }
}

/// Reads a member that may be absent, but not null. To be used with `#[serde(default)]`.
///
/// # Errors
/// Whatever is wrong with the value.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a member that may be null, but not absent. To be used without `#[serde(default)]`.
///
/// # Errors
/// Whatever is wrong with the value.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

macro_rules! unit {
    ($unit:ident, $noun:literal, $from:ident, $nanos:literal) => {
        #[doc = concat!("A duration as a whole number of ", $noun, ".")]
        pub mod $unit {
            use std::time::Duration;

            use serde::de::Deserialize;
            use serde::ser::Error;
            use serde::{Deserializer, Serializer};

            #[doc = concat!("Writes whole ", $noun, "; what is left of one is dropped.")]
            ///
            /// # Errors
            /// When the duration is more than 2^64 - 1 of them.
            pub fn serialize<S: Serializer>(
                value: &Duration,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                u64::try_from(value.as_nanos() / $nanos)
                    .map_err(|_| S::Error::custom(concat!("expected fewer ", $noun)))
                    .and_then(|units| serializer.serialize_u64(units))
            }

            #[doc = concat!("Reads whole ", $noun, ".")]
            ///
            /// # Errors
            /// When the value is not an integer from 0 to 2^64 - 1.
            pub fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Duration, D::Error> {
                u64::deserialize(deserializer).map(Duration::$from)
            }
        }
    };
}

macro_rules! optional_unit {
    ($unit:ident, $noun:literal, $from:ident, $none:literal, $read:path) => {
        #[doc = concat!("A duration as a whole number of ", $noun, "; ", $none, ".")]
        pub mod $unit {
            use std::time::Duration;

            use serde::{Deserializer, Serializer};

            use crate::wire;

            #[doc = concat!("Writes whole ", $noun, "; what is left of one is dropped.")]
            ///
            /// # Errors
            /// When the duration is more than 2^64 - 1 of them.
            pub fn serialize<S: Serializer>(
                value: &Option<Duration>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match value {
                    Some(value) => wire::$unit::serialize(value, serializer),
                    None => serializer.serialize_none(),
                }
            }

            #[doc = concat!("Reads whole ", $noun, ".")]
            ///
            /// # Errors
            /// When the value is not an integer from 0 to 2^64 - 1.
            pub fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Duration>, D::Error> {
                let units: Option<u64> = $read(deserializer)?;
                Ok(units.map(Duration::$from))
            }
        }
    };
}

unit!(secs, "seconds", from_secs, 1_000_000_000);
unit!(millis, "milliseconds", from_millis, 1_000_000);
unit!(micros, "microseconds", from_micros, 1_000);

/// Durations that may be absent. To be used with `default` and `skip_serializing_if`.
pub mod optional {
    optional_unit!(
        secs,
        "seconds",
        from_secs,
        "absent if there is none, never null",
        crate::wire::present
    );
    optional_unit!(
        millis,
        "milliseconds",
        from_millis,
        "absent if there is none, never null",
        crate::wire::present
    );
    optional_unit!(
        micros,
        "microseconds",
        from_micros,
        "absent if there is none, never null",
        crate::wire::present
    );
}

/// Durations that may be null, but not absent.
pub mod nullable {
    optional_unit!(
        secs,
        "seconds",
        from_secs,
        "null if there is none",
        crate::wire::nullable
    );
    optional_unit!(
        millis,
        "milliseconds",
        from_millis,
        "null if there is none",
        crate::wire::nullable
    );
    optional_unit!(
        micros,
        "microseconds",
        from_micros,
        "null if there is none",
        crate::wire::nullable
    );
}
