//! Types of the JSON constants: `true`, `false`, and a value or `null`.

use crate::borrowed_is_self;
use crate::codec::json::{Decode, Encode, Reader, Writer};
use crate::codec::types::{HasBorrowed, IntoOwned};
use crate::codec::violation::Violation;
use crate::serde_by_codec;

/// The JSON constant `true`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct True;

/// The JSON constant `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct False;

macro_rules! constant {
    ($name:ident, $value:literal) => {
        impl<'a> Decode<'a> for $name {
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
                match reader.bool() {
                    Ok($value) => Ok(Self),
                    Ok(_) => Err(Violation::new(concat!("expected ", $value))),
                    Err(violation) => Err(violation),
                }
            }
        }

        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
                writer.bool($value);
                Ok(())
            }
        }

        borrowed_is_self!($name);
        serde_by_codec!($name);
    };
}

constant!(True, true);
constant!(False, false);

/// A value or `null`. A member that can also be absent is an `Option<Nullable<T>>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// `null`.
    #[default]
    Null,
    /// The value.
    Value(T),
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        match value {
            Nullable::Null => None,
            Nullable::Value(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Nullable<T> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Violation> {
        Option::decode(reader).map(Self::from)
    }
}

impl<T: Encode> Encode for Nullable<T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        match self {
            Self::Null => {
                writer.null();
                Ok(())
            }
            Self::Value(value) => value.encode(writer),
        }
    }
}

impl<T: HasBorrowed> HasBorrowed for Nullable<T> {
    type Borrowed<'a> = Nullable<T::Borrowed<'a>>;

    fn decode_borrowed<'a>(reader: &mut Reader<'a>) -> Result<Self::Borrowed<'a>, Violation> {
        Option::<T>::decode_borrowed(reader).map(Nullable::from)
    }

    fn into_borrowed<'a>(self) -> Self::Borrowed<'a> {
        match self {
            Self::Null => Nullable::Null,
            Self::Value(value) => Nullable::Value(value.into_borrowed()),
        }
    }
}

impl<T: IntoOwned> IntoOwned for Nullable<T> {
    type Owned = Nullable<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Null => Nullable::Null,
            Self::Value(value) => Nullable::Value(value.into_owned()),
        }
    }
}

serde_by_codec!(impl[T] Nullable<T>);
