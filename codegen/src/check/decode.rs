//! Defaults must decode into the types of their fields. A type can be narrower than its schema: it has no integer beyond
//! 64 bits.

use serde_json::{Map, Value as Json};

use super::Index;
use crate::diagnostic::{Code, Diagnostics};
use crate::lower::characters;
use crate::model::{
    AdditionalMembers, Field, Integer, Length, Name, Number, Pattern, Presence, Shape, Struct,
    Tagging, Text, Union, Value, Variant,
};
use crate::read::{escape, whole};

/// The maximal number of named types in a row with the same JSON value. A longer row is a cycle, which another check
/// reports.
const HOPS: usize = 64;

/// Reports the defaults that are valid in their schema, but do not decode into their type.
pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let decoder = Decoder { index };
    for def in &index.protocol.types {
        let Shape::Struct(shape) = &def.shape else {
            continue;
        };
        for field in &shape.fields {
            if let Presence::Default(json) = &field.presence {
                check_default(&decoder, field, json, out);
            }
        }
    }
}

fn check_default(decoder: &Decoder<'_>, field: &Field, json: &Json, out: &mut Diagnostics) {
    let Err(undecodable) = decoder.member(field, json) else {
        return;
    };
    let mut source = field.source.clone();
    source.pointer += "/default";
    let is_reported = out.as_slice().iter().any(|found| {
        found.code == Code::InvalidDefault
            && found.file == source.file
            && found.pointer.starts_with(&source.pointer)
    });
    if is_reported {
        return;
    }
    source.pointer += &undecodable.pointer;
    let message = format!("the type cannot hold the default: {}", undecodable.reason);
    let help = "change the default to a value that the type can hold";
    out.report(Code::InvalidDefault, source, message, help);
}

/// Decodes JSON values into types of the model.
pub(super) struct Decoder<'a> {
    pub(super) index: &'a Index<'a>,
}

/// The first part of a value that its type cannot hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undecodable {
    /// JSON pointer of the part, relative to the value.
    pointer: String,
    /// The expectation of the type.
    reason: String,
}

type Decoded = Result<(), Undecodable>;

fn expected(reason: impl Into<String>) -> Decoded {
    Err(Undecodable {
        pointer: String::new(),
        reason: format!("expected {}", reason.into()),
    })
}

/// The result for the value of a member, as the result for its object.
fn below(key: &str, decoded: Decoded) -> Decoded {
    decoded.map_err(|undecodable| Undecodable {
        pointer: format!("{}{}", escape(key), undecodable.pointer),
        ..undecodable
    })
}

impl Decoder<'_> {
    /// Decodes a value.
    pub(super) fn value(&self, value: &Value, json: &Json) -> Decoded {
        self.value_after(value, json, 0)
    }

    fn member(&self, field: &Field, json: &Json) -> Decoded {
        match json {
            Json::Null if field.nullable => Ok(()),
            json => self.value(&field.value, json),
        }
    }

    /// Decodes a value; `hops` named types in a row had the same JSON value.
    fn value_after(&self, value: &Value, json: &Json, hops: usize) -> Decoded {
        match value {
            Value::Named(name) => self.named(name, json, hops),
            Value::Text(constraint) => text(constraint, json),
            Value::Integer(range) | Value::Duration { range, .. } => integer(*range, json),
            Value::Number(range) => number(*range, json),
            Value::Bool if json.is_boolean() => Ok(()),
            Value::Bool => expected("`true` or `false`"),
            Value::Only(only) if json == only => Ok(()),
            Value::Only(only) => expected(format!("`{only}`")),
            Value::Array { item, length } => self.array(item, *length, json),
            Value::Map { key, value, length } => self.map(key.as_ref(), value, *length, json),
            Value::Any => Ok(()),
            Value::Nullable(_) if json.is_null() => Ok(()),
            Value::Nullable(value) => self.value_after(value, json, hops),
        }
    }

    fn array(&self, item: &Value, length: Length, json: &Json) -> Decoded {
        let Json::Array(items) = json else {
            return expected("an array");
        };
        counted(items.len(), length, "items")?;
        let items = items.iter().enumerate();
        let mut decoded = items.map(|(at, json)| below(&at.to_string(), self.value(item, json)));
        decoded.try_for_each(|decoded| decoded)
    }

    fn map(&self, key: Option<&Name>, value: &Value, length: Length, json: &Json) -> Decoded {
        let Json::Object(members) = json else {
            return expected("an object");
        };
        counted(members.len(), length, "members")?;
        members.iter().try_for_each(|(member, json)| {
            if let Some(name) = key {
                below(member, self.named(name, &Json::from(member.as_str()), 0))?;
            }
            below(member, self.value(value, json))
        })
    }

    fn named(&self, name: &Name, json: &Json, hops: usize) -> Decoded {
        let Some(def) = self.index.get(name).filter(|_| hops < HOPS) else {
            return Ok(());
        };
        match &def.shape {
            Shape::Struct(shape) => self.object(shape, json),
            Shape::Text(constraint) => text(constraint, json),
            Shape::Integer(range) => integer(*range, json),
            Shape::Number(range) => number(*range, json),
            Shape::Enum(values) if values.iter().any(|value| json == value.text.as_str()) => Ok(()),
            Shape::Enum(_) => expected("a string of the enumeration"),
            Shape::Union(Union { tagging, variants }) => match tagging {
                Tagging::External => self.external(variants, json, hops),
                Tagging::Member(key) => self.tagged(key, variants, json, hops),
                Tagging::Untagged => self.untagged(variants, json, hops),
            },
            Shape::Alias(value) => self.value_after(value, json, hops + 1),
        }
    }

    fn object(&self, shape: &Struct, json: &Json) -> Decoded {
        let Json::Object(members) = json else {
            return expected("an object");
        };
        for field in &shape.fields {
            match members.get(&field.key) {
                None if field.presence == Presence::Required => {
                    return expected(format!("a member `{}`", field.key));
                }
                None => {}
                Some(json) => below(&field.key, self.member(field, json))?,
            }
        }
        let additional = additional(shape, members);
        let mut decoded = additional.map(|(key, json)| match &shape.additional {
            AdditionalMembers::Ignore => Ok(()),
            AdditionalMembers::Deny => below(key, expected("no such member")),
            AdditionalMembers::Flatten(value) => below(key, self.value(value, json)),
        });
        decoded.try_for_each(|decoded| decoded)
    }

    /// Decodes a string, or an object with a single key.
    fn external(&self, variants: &[Variant], json: &Json, hops: usize) -> Decoded {
        let (tag, content) = match json {
            Json::String(tag) => (Some(tag), None),
            Json::Object(members) if members.len() == 1 => {
                (members.keys().next(), members.values().next())
            }
            _ => (None, None),
        };
        let variant = variants.iter().find(|variant| Some(&variant.tag) == tag);
        match (
            variant.map(|variant| (&variant.tag, &variant.value)),
            content,
        ) {
            (Some((_, None)), None) => Ok(()),
            (Some((tag, Some(value))), Some(json)) => {
                below(tag, self.value_after(value, json, hops + 1))
            }
            _ => expected("a variant of the union"),
        }
    }

    /// Decodes an object by the variant that its tag selects.
    fn tagged(&self, key: &str, variants: &[Variant], json: &Json, hops: usize) -> Decoded {
        let tag = json.get(key).and_then(Json::as_str);
        let variant = variants.iter().find(|variant| Some(&*variant.tag) == tag);
        match variant.and_then(|variant| variant.value.as_ref()) {
            Some(value) => self.value_after(value, json, hops + 1),
            None => expected(format!("an object with a known tag in `{key}`")),
        }
    }

    fn untagged(&self, variants: &[Variant], json: &Json, hops: usize) -> Decoded {
        match self.accepting(variants, json, hops) {
            Some(_) => Ok(()),
            None => expected("a variant of the union"),
        }
    }

    /// The first variant of an untagged union that accepts a value, as far as types decide.
    fn accepting<'v>(
        &self,
        variants: &'v [Variant],
        json: &Json,
        hops: usize,
    ) -> Option<&'v Variant> {
        let accepts = |variant: &&Variant| {
            let decodes = |value| self.value_after(value, json, hops + 1).is_ok();
            variant.may_accept(json) && variant.value.as_ref().is_none_or(decodes)
        };
        variants.iter().find(accepts)
    }

    /// The content of a union's value: the variant's value and its JSON.
    pub(super) fn content<'v>(
        &self,
        union: &'v Union,
        json: &'v Json,
    ) -> Option<(&'v Value, &'v Json)> {
        let tagged = |tag: &str| union.variants.iter().find(|variant| variant.tag == tag);
        let (variant, json) = match &union.tagging {
            Tagging::External => {
                let (tag, content) = json.as_object()?.iter().next()?;
                (tagged(tag)?, content)
            }
            Tagging::Member(key) => (tagged(json.get(key)?.as_str()?)?, json),
            Tagging::Untagged => (self.accepting(&union.variants, json, 0)?, json),
        };
        Some((variant.value.as_ref()?, json))
    }
}

/// The members that are not fields.
fn additional<'m>(
    shape: &Struct,
    members: &'m Map<String, Json>,
) -> impl Iterator<Item = (&'m String, &'m Json)> {
    let is_field = |key: &str| shape.fields.iter().any(|field| field.key == key);
    members.iter().filter(move |(key, _)| !is_field(key))
}

fn counted(count: usize, length: Length, unit: &str) -> Decoded {
    let count = count as u64;
    match length.max {
        _ if count < length.min => expected(format!("at least {} {unit}", length.min)),
        Some(max) if count > max => expected(format!("at most {max} {unit}")),
        _ => Ok(()),
    }
}

/// Decodes a string. The assertion of the schema covers the format.
fn text(constraint: &Text, json: &Json) -> Decoded {
    let Json::String(text) = json else {
        return expected("a string");
    };
    counted(text.chars().count(), constraint.length, "characters")?;
    match (&constraint.constant, &constraint.pattern) {
        (Some(constant), _) if constant != text => expected(format!("`{constant}`")),
        (_, Some(pattern)) if !matches(pattern, text) => {
            expected(format!("a match of `{}`", pattern.regex))
        }
        _ => Ok(()),
    }
}

/// Whether a string matches. Each run takes the maximal number of characters, because patterns are unambiguous.
fn matches(pattern: &Pattern, text: &str) -> bool {
    let mut remaining = text.as_bytes();
    for run in &pattern.runs {
        let class = characters(&run.class);
        let max = run.max.map_or(usize::MAX, |max| max as usize);
        let taken = remaining.iter().take(max);
        let taken = taken.take_while(|byte| byte.is_ascii() && class & (1 << **byte) != 0);
        let taken = taken.count();
        if taken < run.min as usize {
            return false;
        }
        remaining = &remaining[taken..];
    }
    remaining.is_empty()
}

fn integer(range: Integer, json: &Json) -> Decoded {
    match whole(json) {
        Some(value) if (range.min..=range.max).contains(&value) => Ok(()),
        _ => expected(format!("an integer from {} to {}", range.min, range.max)),
    }
}

fn number(range: Number, json: &Json) -> Decoded {
    let Some(value) = json.as_f64() else {
        return expected("a number");
    };
    // The decoder refuses an integer that it would round.
    if whole(json).is_some_and(|whole| format!("{value:.0}") != whole.to_string()) {
        return expected("a number that 64-bit floating point represents exactly");
    }
    if range.min.is_some_and(|min| value < min) || range.max.is_some_and(|max| value > max) {
        return expected("a number within its bounds");
    }
    Ok(())
}
