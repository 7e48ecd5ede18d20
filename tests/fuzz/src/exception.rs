//! The known reasons for which the decoder may differ from the reference validator.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The reason why the results for this input may differ, if any.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static str> {
    if !has_unique_keys(bytes) {
        return Some("duplicate_keys");
    }
    has_inexact_number(bytes).then_some("digits_beyond_f64")
}

/// The number of significant digits that every `f64` distinguishes.
const DIGITS: usize = 15;
/// Beyond this exponent a number may leave the range of `f64` or lose digits.
const EXPONENT: i64 = 290;

/// Whether the document holds a number that `f64` may not represent exactly. The decoder validates the written number;
/// the reference validator and serde see the converted number.
fn has_inexact_number(bytes: &[u8]) -> bool {
    let mut in_text = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'-' | b'0'..=b'9' if !in_text => {
                let rest = &bytes[at..];
                let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = rest.iter().take_while(|byte| is_part(byte)).count();
                if std::str::from_utf8(&rest[..length]).is_ok_and(is_inexact) {
                    return true;
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

fn is_inexact(number: &str) -> bool {
    if number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok() {
        return false;
    }
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let exponent = exponent.parse().unwrap_or(i64::MAX);
    digits.trim_matches('0').len() > DIGITS || !(-EXPONENT..=EXPONENT).contains(&exponent)
}

/// Whether no object of a document has a duplicate key. The reference validator sees only the last member, and the
/// decoder refuses both.
fn has_unique_keys(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Unique>(bytes).is_ok()
}

/// Any JSON without duplicate keys.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without duplicate keys")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            if !keys.insert(key) {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Err(serde::de::Error::custom("a key stands twice"));
            }
            members.next_value::<Unique>()?;
        }
        Ok(Unique)
    }
}
