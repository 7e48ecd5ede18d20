//! Timeouts: `10s`, `500ms`, `2m`.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Problem};

/// Timeout of a request without one, in milliseconds.
pub(super) const DEFAULT: u64 = 10_000;
/// Longest timeout: one hour, in milliseconds.
const LONGEST: u64 = 3_600_000;

/// Parses a timeout of 1 ms to 60 min, in milliseconds.
pub(super) fn parse(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    let span = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (1..=LONGEST).contains(&span).then_some(span)
}

/// The problem of a text that is not a timeout.
pub(super) fn invalid(text: &str) -> Problem {
    let message = format!("{} is not a timeout between 1ms and 60m", quoted(text));
    let help = "write a whole number and `ms`, `s` or `m`, e.g. `10s`";
    Problem::new(Code::InvalidValue, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_has_a_number_and_a_unit() {
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("0s", None),
            ("61m", None),
            ("", None),
            ("10", None),
            ("s", None),
            ("1h", None),
            ("-1s", None),
            ("1.5s", None),
            ("10 s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615m", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
