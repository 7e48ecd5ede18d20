//! Encoding to JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::number::Number;
use super::object::AnyMap;
use super::value::AnyValue;
use super::writer::Writer;
use crate::codec::violation::Violation;

/// A type that can be encoded as JSON.
pub trait Encode {
    /// Encodes the value.
    ///
    /// # Errors
    /// If the value violates its schema.
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation>;
}

impl Writer {
    /// Encodes a dynamic value.
    ///
    /// # Errors
    /// If it has a duplicate key, or a number that is not finite.
    pub fn json<S: AsRef<str>>(&mut self, json: &AnyValue<S>) -> Result<(), Violation> {
        match json {
            AnyValue::Null => self.null(),
            AnyValue::Bool(value) => self.bool(*value),
            AnyValue::Number(Number::Unsigned(value)) => self.unsigned(*value),
            AnyValue::Number(Number::Signed(value)) => self.signed(*value),
            AnyValue::Number(Number::Float(value)) => return self.number(*value),
            AnyValue::Text(text) => self.text(text.as_ref()),
            AnyValue::Array(items) => return self.array(items),
            AnyValue::Object(members) => return members.encode(self),
        }
        Ok(())
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        (**self).encode(writer)
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        (**self).encode(writer)
    }
}

impl Encode for bool {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.bool(*self);
        Ok(())
    }
}

macro_rules! integers {
    ($method:ident, $wide:ty: $($integer:ty),+) => {$(
        impl Encode for $integer {
            #[inline]
            fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
                writer.$method(<$wide>::from(*self));
                Ok(())
            }
        }
    )+};
}

integers!(unsigned, u64: u8, u16, u32, u64);
integers!(signed, i64: i8, i16, i32, i64);

impl Encode for f64 {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.number(*self)
    }
}

impl Encode for str {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.text(self);
        Ok(())
    }
}

impl Encode for String {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        self.as_str().encode(writer)
    }
}

impl Encode for Cow<'_, str> {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        (**self).encode(writer)
    }
}

impl<T: Encode> Encode for Option<T> {
    /// Encodes the value; `None` becomes `null`.
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        if let Some(value) = self {
            value.encode(writer)
        } else {
            writer.null();
            Ok(())
        }
    }
}

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.array(self)
    }
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.array(self)
    }
}

impl<K: AsRef<str>, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.object(|members| {
            for (key, value) in self {
                members.member(key.as_ref(), value)?;
            }
            Ok(())
        })
    }
}

impl<S: AsRef<str>> Encode for AnyValue<S> {
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        writer.json(self)
    }
}

impl<S: AsRef<str>> Encode for AnyMap<S> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        self.check()?;
        writer.object(|members| {
            for (key, value) in self.iter() {
                members.member(key, value)?;
            }
            Ok(())
        })
    }
}
