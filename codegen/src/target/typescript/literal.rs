//! Literals and keys.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::code::Code;
use crate::model::Integer;

/// The key that would set the prototype of an object.
pub(super) const PROTOTYPE: &str = "__proto__";
/// The greatest integer that a `number` holds exactly, together with all smaller integers.
const SAFE: i128 = (1 << 53) - 1;

/// A string literal, with the quotes that need fewer escapes.
pub(super) fn string(text: &str) -> String {
    let quote = if text.matches('"').count() > text.matches('\'').count() {
        '\''
    } else {
        '"'
    };
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => out.extend(['\\', letter]),
            letter
                if letter.is_control()
                    || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') =>
            {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

/// The key of a member, in quotes if it is no identifier.
pub(super) fn key(name: &str) -> String {
    if name == PROTOTYPE {
        return format!("[{}]", string(name));
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$');
    let starts = name.starts_with(|letter: char| is_part(letter) && !letter.is_ascii_digit());
    if starts && name.chars().all(is_part) {
        name.to_owned()
    } else {
        string(name)
    }
}

/// The member `name` of `object`.
pub(super) fn access(object: &str, name: &str) -> String {
    let key = key(name);
    if key.starts_with(['"', '\'', '[']) {
        format!("{object}[{}]", string(name))
    } else {
        format!("{object}.{key}")
    }
}

/// An integer with separators between groups of three digits, if it has more than four digits.
pub(super) fn integer(value: i128) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    if digits.len() < 5 {
        return format!("{sign}{digits}");
    }
    let mut out = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

/// Whether a value of the range can be a `number`; otherwise it is a `bigint`.
pub(super) fn is_number(range: Integer) -> bool {
    -SAFE <= range.min && range.max <= SAFE
}

/// A number.
pub(super) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        format!("{value:?}")
    }
}

/// A JSON value as the runtime parses it: an integer that a `number` does not hold exactly is a `bigint`.
pub(super) fn json(value: &Json) -> Code {
    match value {
        Json::Null | Json::Bool(_) => Code::text(value.to_string()),
        Json::String(text) => Code::string(text),
        Json::Number(found) => {
            let whole = found.as_i64().map(i128::from);
            let whole = whole.or_else(|| found.as_u64().map(i128::from));
            Code::text(match whole {
                Some(whole)
                    if is_number(Integer {
                        min: whole,
                        max: whole,
                    }) =>
                {
                    integer(whole)
                }
                Some(whole) => format!("{}n", integer(whole)),
                None => number(found.as_f64().unwrap_or_default()),
            })
        }
        Json::Array(items) => Code::List(items.iter().map(json).collect()),
        Json::Object(members) => {
            let members = members.iter();
            Code::Object(
                members
                    .map(|(key, value)| (key.clone(), json(value)))
                    .collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_has_the_quotes_with_fewer_escapes() {
        assert_eq!(string("a'b"), "\"a'b\"");
        assert_eq!(string("a\"b"), "'a\"b'");
        assert_eq!(string("\\ \n \u{1}"), "\"\\\\ \\n \\u0001\"");
    }

    #[test]
    fn key_that_is_no_identifier_is_quoted() {
        for (name, expected) in [
            ("a_1", "a_1"),
            ("1a", "\"1a\""),
            ("a-b", "\"a-b\""),
            ("", "\"\""),
            ("é", "\"é\""),
        ] {
            assert_eq!(key(name), expected);
        }
    }

    #[test]
    fn numbers_keep_their_value() {
        assert_eq!(integer(-1_234_567), "-1_234_567");
        assert_eq!(integer(1234), "1234");
        assert_eq!(number(24.0), "24");
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(1e300), "1e300");
    }
}
