//! Python literals.

use serde_json::Value as Json;

use super::expression::Expression;

/// An integer, with its digits grouped.
pub(super) fn integer(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups = groups.map(|group| String::from_utf8_lossy(group).into_owned());
    format!("{sign}{}", groups.collect::<Vec<_>>().join("_"))
}

/// A float, with an exponent if it would have many digits.
pub(super) fn float(value: f64) -> String {
    if value.abs() >= 1e4 {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

/// A Boolean.
pub(super) fn boolean(value: bool) -> String {
    let text = if value { "True" } else { "False" };
    text.to_owned()
}

/// A string. It is in single quotes if this needs fewer escapes.
pub(super) fn text(value: &str) -> String {
    let quote = if value.contains('"') && !value.contains('\'') {
        '\''
    } else {
        '"'
    };
    let mut out = String::from(quote);
    for letter in value.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => out.extend(['\\', letter]),
            letter if letter.is_control() || is_hidden(letter) => out.push_str(&escaped(letter)),
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

/// A string as a raw literal.
pub(super) fn raw(value: &str) -> String {
    if value.contains('"') || value.ends_with('\\') || value.contains(char::is_control) {
        text(value)
    } else {
        format!("r\"{value}\"")
    }
}

/// The strings as a list of expressions.
pub(super) fn texts<'t>(values: impl IntoIterator<Item = &'t str>) -> Vec<Expression> {
    let values = values.into_iter();
    values.map(|value| Expression::plain(text(value))).collect()
}

/// A scalar. Arrays and objects have no literal.
pub(super) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some("None".to_owned()),
        Json::Bool(value) => Some(boolean(*value)),
        Json::Number(number) => Some(match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), ..) => integer(value.into()),
            (_, Some(value), _) => integer(value.into()),
            (.., value) => float(value?),
        }),
        Json::String(value) => Some(text(value)),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// Whether a character changes how the text around it looks.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn escaped(letter: char) -> String {
    match u32::from(letter) {
        code if code <= 0xff => format!("\\x{code:02x}"),
        code if code <= 0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_number_has_grouped_digits() {
        assert_eq!(integer(-1_000_000), "-1_000_000");
        assert_eq!(integer(999), "999");
        assert_eq!(float(-1e15), "-1e15");
        assert_eq!(float(1.0), "1.0");
        assert_eq!(float(1e-7), "1e-7");
    }

    #[test]
    fn literal_text_is_escaped() {
        assert_eq!(text("a'b"), "\"a'b\"");
        assert_eq!(text("a\"b"), "'a\"b'");
        assert_eq!(text("'\"\\\n\u{1}"), "\"'\\\"\\\\\\n\\x01\"");
        assert_eq!(text("\u{202e}"), "\"\\u202e\"");
        assert_eq!(raw("\\d"), "r\"\\d\"");
        assert_eq!(raw("\\"), "\"\\\\\"");
    }
}
