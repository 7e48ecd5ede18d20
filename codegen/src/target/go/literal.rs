//! Go literals.

use std::fmt::Write as _;

use crate::model::Length;

/// An integer literal with its digits grouped.
pub(super) fn integer(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups = groups.map(|group| String::from_utf8_lossy(group).into_owned());
    format!("{sign}{}", groups.collect::<Vec<_>>().join("_"))
}

/// A float literal.
pub(super) fn float(value: f64) -> String {
    if value.abs() >= 1e9 {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

/// The bounds of a length; -1 for no maximum.
pub(super) fn length(length: Length) -> String {
    let max = length
        .max
        .map_or_else(|| "-1".to_owned(), |max| integer(max.into()));
    format!("{}, {max}", integer(length.min.into()))
}

/// A string literal; a raw literal if it needs fewer backslashes.
pub(super) fn text(value: &str) -> String {
    let raw = value.contains(['"', '\\']) && !value.contains(['`', '\u{feff}']);
    if raw && !value.contains(char::is_control) {
        return format!("`{value}`");
    }
    let mut text = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            letter if letter.is_control() || letter == '\u{feff}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_of_each_kind() {
        assert_eq!(integer(-1_234_567), "-1_234_567");
        assert_eq!(integer(999), "999");
        assert_eq!(float(0.5), "0.5");
        assert_eq!(float(-1e15), "-1e15");
        for (value, expected) in [
            ("a ä", "\"a ä\""),
            ("a\"\\", "`a\"\\`"),
            ("`\"", "\"`\\\"\""),
            ("\n\u{1}\u{feff}", "\"\\n\\u0001\\ufeff\""),
        ] {
            assert_eq!(text(value), expected);
        }
    }
}
