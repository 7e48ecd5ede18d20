//! Numerals in the text of a document that the parser rounds.

use super::pointer::escape;

/// A numeral of this length is never rounded.
const SHORT: usize = 15;

/// The container of a value.
enum Container {
    /// An array, with the index of the current item.
    Array(usize),
    /// An object, with the key of the current member. Between members there is no key.
    Object(Option<String>),
}

/// Returns pointer, numeral and value of each number that is rounded. The text must be valid JSON.
pub(super) fn rounded(text: &str) -> Vec<(String, &str, f64)> {
    let mut found = Vec::new();
    let mut containers = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let mut size = 1;
        match (byte, containers.last_mut()) {
            (b'"', container) => {
                size = string_size(&text[at..]);
                if let Some(Container::Object(key @ None)) = container {
                    *key = serde_json::from_str(&text[at..at + size]).ok();
                }
            }
            (b'[', _) => containers.push(Container::Array(0)),
            (b'{', _) => containers.push(Container::Object(None)),
            (b']' | b'}', _) => drop(containers.pop()),
            (b',', Some(Container::Array(index))) => *index += 1,
            (b',', Some(Container::Object(key))) => *key = None,
            (b'-' | b'0'..=b'9', _) => {
                let rest = &text[at..];
                let is_part = |c: char| matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9');
                size = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let numeral = &rest[..size];
                if let Some(value) = rounding(numeral) {
                    found.push((pointer(&containers), numeral, value));
                }
            }
            _ => {}
        }
        at += size;
    }
    found
}

/// The size of a string with its quotes.
fn string_size(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn pointer(containers: &[Container]) -> String {
    let steps = containers.iter().map(|container| match container {
        Container::Array(index) => escape(&index.to_string()),
        Container::Object(key) => escape(key.as_deref().unwrap_or_default()),
    });
    steps.collect()
}

/// The value of a numeral, if it differs from the numeral.
fn rounding(numeral: &str) -> Option<f64> {
    if numeral.len() <= SHORT || numeral.parse::<u64>().is_ok() || numeral.parse::<i64>().is_ok() {
        return None;
    }
    let value: f64 = numeral.parse().ok()?;
    let exact = decimal(numeral);
    // A number counts as the shortest decimal with its value. An integer may also be written with all its digits.
    let is_same =
        exact == decimal(&format!("{value:e}")) || exact == decimal(&format!("{value:.0}"));
    (!is_same).then_some(value)
}

/// The significant digits of a numeral, and the power of ten of the last digit.
fn decimal(numeral: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = numeral.split_once(['e', 'E']).unwrap_or((numeral, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole.trim_start_matches('-'), fraction].concat();
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let exponent: i64 = exponent.parse().unwrap_or_default();
    let power = exponent - i64::try_from(fraction.len()).unwrap_or(i64::MAX)
        + i64::try_from(zeros).unwrap_or(i64::MAX);
    let significant = significant.trim_start_matches('0');
    let power = if significant.is_empty() { 0 } else { power };
    (numeral.starts_with('-'), significant.to_owned(), power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeral_is_rounded_if_a_float_has_another_value() {
        let check = |numeral: &str, is_rounded: bool| {
            assert_eq!(rounding(numeral).is_some(), is_rounded, "{numeral}");
        };
        for exact in [
            "9007199254740993",
            "18446744073709551615",
            "-9223372036854775808",
            "18446744073709551616",
            "18446744073709552000",
            "0.1000000000000000",
            "1.7976931348623157e308",
            "2.2250738585072014E-308",
            "100000000000000000000000.0",
            "-0.0000000000000000",
        ] {
            check(exact, false);
        }
        for rounded in [
            "9007199254740993.0",
            "9007199254740993.5",
            "18446744073709551617",
            "-9223372036854775809",
            "0.1000000000000000055511151231257827",
            "3.14159265358979323846",
            "972783798187987123879878123.18878137",
            "1.00000000000000000001e10",
        ] {
            check(rounded, true);
        }
    }

    #[test]
    fn numeral_has_the_pointer_of_its_place() {
        let text = r#" { "a\"b/c~": [0, {"x": 9007199254740993.5, "y": "9007199254740993.5"}, [[]], 3.14159265358979323846], "n": {"9007199254740993.5": 1}, "z": 9007199254740993.5 } "#;
        let found: Vec<_> = rounded(text)
            .into_iter()
            .map(|(pointer, ..)| pointer)
            .collect();
        assert_eq!(found, ["/a\"b~1c~0/1/x", "/a\"b~1c~0/3", "/z"]);
        assert_eq!(rounded("9007199254740993.5")[0].0, "");
    }
}
