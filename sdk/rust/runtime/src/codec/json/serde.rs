//! serde for dynamic JSON values. Formats that are not human-readable contain the JSON text.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::serde as codec;

use super::number::Number;
use super::object::{AnyMap, Map};
use super::value::{AnyValue, Value};

impl Serialize for Number {
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        if !serializer.is_human_readable() {
            return codec::serialize(&Value::Number(*self), serializer);
        }
        match *self {
            Self::Unsigned(value) => serializer.serialize_u64(value),
            Self::Signed(value) => serializer.serialize_i64(value),
            Self::Float(value) if value.is_finite() => serializer.serialize_f64(value),
            Self::Float(_) => Err(F::Error::custom("expected a finite number")),
        }
    }
}

impl<S: AsRef<str>> Serialize for AnyValue<S> {
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        if !serializer.is_human_readable() {
            return codec::serialize(self, serializer);
        }
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text.as_ref()),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<S: AsRef<str>> Serialize for AnyMap<S> {
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        if !serializer.is_human_readable() {
            return codec::serialize(self, serializer);
        }
        self.check().map_err(F::Error::custom)?;
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match AnyValue::<String>::deserialize(deserializer)? {
            AnyValue::Number(number) => Ok(number),
            _ => Err(D::Error::custom("expected a number")),
        }
    }
}

impl<'de, S: From<String>> Deserialize<'de> for AnyValue<S> {
    /// Duplicate keys are kept, so that the type that contains the value can refuse them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return codec::deserialize(deserializer).map(|value: Value| value.map(&S::from));
        }
        deserializer.deserialize_any(TreeVisitor(PhantomData))
    }
}

impl<'de, S: From<String>> Deserialize<'de> for AnyMap<S> {
    /// Duplicate keys are kept, so that the type that contains the members can refuse them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return codec::deserialize(deserializer).map(|members: Map| members.map(&S::from));
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct TreeVisitor<S>(PhantomData<S>);

impl<'de, S: From<String>> Visitor<'de> for TreeVisitor<S> {
    type Value = AnyValue<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::Null)
    }

    fn visit_none<E: Error>(self) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<AnyValue<S>, D::Error> {
        AnyValue::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<AnyValue<S>, E> {
        if value.is_finite() {
            Ok(AnyValue::from(value))
        } else {
            Err(E::invalid_value(
                Unexpected::Float(value),
                &"a finite number",
            ))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<AnyValue<S>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<AnyValue<S>, E> {
        Ok(AnyValue::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<AnyValue<S>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(AnyValue::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<AnyValue<S>, A::Error> {
        PairsVisitor(PhantomData)
            .visit_map(access)
            .map(AnyValue::Object)
    }
}

struct PairsVisitor<S>(PhantomData<S>);

impl<'de, S: From<String>> Visitor<'de> for PairsVisitor<S> {
    type Value = AnyMap<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<AnyMap<S>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = access.next_entry::<String, _>()? {
            members.push((S::from(key), value));
        }
        Ok(AnyMap::from_vec(members))
    }
}
