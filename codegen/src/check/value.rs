//! Whether a JSON value is valid for a type: a small validator over the model, for examples and defaults.

use serde_json::{Map, Value as Json};

use super::Index;
use crate::diagnostic::text::listed;
use crate::lower::letters;
use crate::model::{
    AdditionalMembers, Format, Integer, Length, Name, Number, Pattern, Presence, Shape, Struct,
    Tagging, Text, Union, Value, Variant,
};
use crate::read::{escape, whole};

/// How deep a value may reach into types; documents are not nested as deep.
const DEPTH: usize = 256;

/// The first thing that is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// Where in the value.
    pub(super) pointer: String,
    /// What must be there.
    pub(super) reason: String,
}

type Outcome = Result<(), Violation>;

/// Judges values by the types of a protocol.
pub(super) struct Judge<'a> {
    pub(super) index: &'a Index<'a>,
}

fn no<T>(reason: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        pointer: String::new(),
        reason: reason.into(),
    })
}

/// The same outcome seen from one level further up.
fn under(key: &str, outcome: Outcome) -> Outcome {
    outcome.map_err(|violation| Violation {
        pointer: format!("{}{}", escape(key), violation.pointer),
        ..violation
    })
}

impl Judge<'_> {
    /// Judges a value.
    pub(super) fn value(&self, value: &Value, json: &Json) -> Outcome {
        self.at(value, json, DEPTH)
    }

    fn at(&self, value: &Value, json: &Json, depth: usize) -> Outcome {
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(());
        };
        match value {
            Value::Named(name) => self.named(name, json, depth),
            Value::Text(rule) => text(rule, json),
            Value::Integer(range) | Value::Duration { range, .. } => integer(*range, json),
            Value::Number(range) => number(*range, json),
            Value::Bool if json.is_boolean() => Ok(()),
            Value::Bool => no("must be true or false"),
            Value::Only(only) if json == only => Ok(()),
            Value::Only(only) => no(format!("must be {only}")),
            Value::Array { item, length } => {
                let Json::Array(items) = json else {
                    return no("must be an array");
                };
                bounded(items.len(), *length, "items")?;
                let judged = items
                    .iter()
                    .enumerate()
                    .map(|(at, json)| under(&at.to_string(), self.at(item, json, depth)));
                judged.collect()
            }
            Value::Map { key, value, length } => {
                let Json::Object(members) = json else {
                    return no("must be an object");
                };
                bounded(members.len(), *length, "members")?;
                let judged = members.iter().map(|(member, json)| {
                    if let Some(name) = key {
                        let key = self.named(name, &Json::from(member.as_str()), depth);
                        under(
                            member,
                            key.map_err(|violation| Violation {
                                reason: format!("its key {}", violation.reason),
                                ..violation
                            }),
                        )?;
                    }
                    under(member, self.at(value, json, depth))
                });
                judged.collect()
            }
            Value::Any => Ok(()),
            Value::Nullable(_) if json.is_null() => Ok(()),
            Value::Nullable(value) => self.at(value, json, depth),
        }
    }

    fn named(&self, name: &Name, json: &Json, depth: usize) -> Outcome {
        let Some(ty) = self.index.resolve(name) else {
            return Ok(());
        };
        match &ty.shape {
            Shape::Struct(shape) => self.members(shape, json, depth),
            Shape::Text(rule) => text(rule, json),
            Shape::Integer(range) => integer(*range, json),
            Shape::Number(range) => number(*range, json),
            Shape::Enum(values) if values.iter().any(|value| json == value.text.as_str()) => Ok(()),
            Shape::Enum(values) => no(format!(
                "must be one of {}",
                listed(values.iter().map(|value| &*value.text))
            )),
            Shape::Union(Union { tagging, variants }) => match tagging {
                Tagging::External => self.variant(variants, json, depth),
                Tagging::Member(key) => self.tagged(key, variants, json, depth),
            },
            Shape::Alias(value) => self.at(value, json, depth),
        }
    }

    fn members(&self, shape: &Struct, json: &Json, depth: usize) -> Outcome {
        let Json::Object(members) = json else {
            return no("must be an object");
        };
        for field in &shape.fields {
            match members.get(&field.key) {
                None if field.presence == Presence::Required => {
                    return no(format!("must have `{}`", field.key));
                }
                None => {}
                Some(Json::Null) if field.nullable => {}
                Some(json) => under(&field.key, self.at(&field.value, json, depth))?,
            }
        }
        for (key, json) in rest(shape, members) {
            match &shape.additional {
                AdditionalMembers::Ignore => {}
                AdditionalMembers::Deny => return under(key, no("must not be there")),
                AdditionalMembers::Flatten(value) => under(key, self.at(value, json, depth))?,
            }
        }
        Ok(())
    }

    fn variant(&self, variants: &[Variant], json: &Json, depth: usize) -> Outcome {
        let tag = match json {
            Json::String(tag) => Some((tag, None)),
            Json::Object(members) if members.len() == 1 => {
                members.iter().next().map(|(tag, json)| (tag, Some(json)))
            }
            _ => None,
        };
        let found = tag.and_then(|(tag, json)| {
            Some((variants.iter().find(|variant| variant.tag == *tag)?, json))
        });
        match found.map(|(variant, json)| (&variant.tag, &variant.value, json)) {
            Some((_, None, None)) => Ok(()),
            Some((tag, Some(value), Some(json))) => under(tag, self.at(value, json, depth)),
            _ => {
                let forms = variants.iter().map(|variant| match variant.value {
                    None => format!("\"{}\"", variant.tag),
                    Some(_) => format!("{{\"{}\": …}}", variant.tag),
                });
                no(format!(
                    "must be one of {}",
                    listed(&forms.collect::<Vec<_>>())
                ))
            }
        }
    }

    /// Judges an object by the variant that its tag names.
    fn tagged(&self, key: &str, variants: &[Variant], json: &Json, depth: usize) -> Outcome {
        let tag = json.get(key).and_then(Json::as_str);
        let found = variants.iter().find(|variant| Some(&*variant.tag) == tag);
        match found.and_then(|variant| variant.value.as_ref()) {
            Some(value) => self.at(value, json, depth),
            None => no(format!(
                "must be an object whose `{key}` is one of {}",
                listed(variants.iter().map(|variant| &*variant.tag))
            )),
        }
    }
}

/// The members that are not fields.
fn rest<'m>(
    shape: &Struct,
    members: &'m Map<String, Json>,
) -> impl Iterator<Item = (&'m String, &'m Json)> {
    members
        .iter()
        .filter(|(key, _)| !shape.fields.iter().any(|field| field.key == **key))
}

fn bounded(count: usize, length: Length, what: &str) -> Outcome {
    let count = count as u64;
    if count < length.min {
        return no(format!("must have at least {} {what}", length.min));
    }
    match length.max {
        Some(max) if count > max => no(format!("must have at most {max} {what}")),
        _ => Ok(()),
    }
}

fn text(rule: &Text, json: &Json) -> Outcome {
    let Json::String(text) = json else {
        return no("must be a string");
    };
    if let Some(constant) = rule.constant.as_ref().filter(|constant| *constant != text) {
        return no(format!("must be \"{constant}\""));
    }
    bounded(text.chars().count(), rule.length, "characters")?;
    if let Some(pattern) = rule
        .pattern
        .as_ref()
        .filter(|pattern| !matches(pattern, text))
    {
        return no(format!("must match the pattern `{}`", pattern.regex));
    }
    match rule.format {
        Some(Format::DateTime) if !is_date_time(text) => no("must be an RFC 3339 date and time"),
        Some(Format::Uuid) if !is_uuid(text) => no("must be a UUID"),
        _ => Ok(()),
    }
}

/// Whether a text matches: each run takes as many characters as it can, since patterns are unambiguous.
fn matches(pattern: &Pattern, text: &str) -> bool {
    let mut rest = text.as_bytes();
    for run in &pattern.runs {
        let set = letters(&run.class);
        let most = run.max.map_or(usize::MAX, |max| max as usize);
        let taken = rest
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii() && set & (1 << **byte) != 0)
            .count();
        if taken < run.min as usize {
            return false;
        }
        rest = &rest[taken..];
    }
    rest.is_empty()
}

fn integer(range: Integer, json: &Json) -> Outcome {
    match whole(json) {
        Some(value) if (range.min..=range.max).contains(&value) => Ok(()),
        _ => no(format!(
            "must be a whole number from {} to {}",
            range.min, range.max
        )),
    }
}

fn number(range: Number, json: &Json) -> Outcome {
    let Some(value) = json.as_f64() else {
        return no("must be a number");
    };
    if range.min.is_some_and(|min| value < min) || range.max.is_some_and(|max| value > max) {
        return no("must be a number in the range of its schema");
    }
    Ok(())
}

/// Whether a text is a date and time by RFC 3339, section 5.6; a leap second only at the end of a UTC day.
fn is_date_time(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let punctuated = |at: usize, allowed: &[u8]| {
        text.as_bytes()
            .get(at)
            .is_some_and(|byte| allowed.contains(byte))
    };
    let date = (number(0..4), number(5..7), number(8..10));
    let time = (number(11..13), number(14..16), number(17..19));
    let ((Some(year), Some(month), Some(day)), (Some(hour), Some(minute), Some(second))) =
        (date, time)
    else {
        return false;
    };
    let separated = punctuated(4, b"-")
        && punctuated(7, b"-")
        && punctuated(10, b"Tt")
        && punctuated(13, b":")
        && punctuated(16, b":");
    let mut rest = text.get(19..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() == fraction.len() {
            return false;
        }
        rest = after;
    }
    let Some(offset) = offset(rest) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    let whole = second < 60 || second == 60 && utc == 24 * 60 - 1;
    separated && (1..=days).contains(&day) && hour < 24 && minute < 60 && whole
}

/// Minutes east of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let digits = |range| {
        text.get(range)
            .filter(|digits: &&str| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (hours, minutes) = (
        digits(1..3)?.parse::<i64>().ok()?,
        digits(4..6)?.parse::<i64>().ok()?,
    );
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Whether a text is a UUID by RFC 4122, section 3.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_those_of_rfc_3339() {
        for (text, expected) in [
            ("2026-01-31T18:00:00Z", true),
            ("2024-02-29t23:59:60.123456789z", true),
            ("2024-02-29T00:59:60+01:00", true),
            ("2026-01-31T18:00:00-00:00", true),
            ("2026-02-29T00:00:00Z", false),
            ("2026-13-01T00:00:00Z", false),
            ("2026-00-01T00:00:00Z", false),
            ("2026-01-00T00:00:00Z", false),
            ("2026-01-01T24:00:00Z", false),
            ("2026-01-01T00:60:00Z", false),
            ("2026-01-01T12:00:60Z", false),
            ("2026-01-01T00:00:00", false),
            ("2026-01-01T00:00:00.Z", false),
            ("2026-01-01T00:00:00+1:00", false),
            ("2026-01-01T00:00:00+24:00", false),
            ("2026-01-01 00:00:00Z", false),
            ("2026-1-1T00:00:00Z", false),
            ("+026-01-01T00:00:00Z", false),
            ("2026-01-01T00:00:0\u{e9}Z", false),
            ("", false),
        ] {
            assert_eq!(is_date_time(text), expected, "{text}");
        }
    }

    #[test]
    fn uuids_are_five_groups_of_hexadecimal_digits() {
        assert!(is_uuid("091417dc-7e84-45cf-926b-b04361398F07"));
        for text in [
            "",
            "091417dc7e8445cf926bb04361398f07",
            "091417dg-7e84-45cf-926b-b04361398f07",
            "{091417dc-7e84-45cf-926b-b04361398f07}",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
