//! Timeouts in the notation of the schemas: `10s`, `500ms`, `2m`.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Node;

/// The default timeout, in milliseconds.
pub(super) const DEFAULT: u64 = 10_000;
/// The maximal timeout: an hour, in milliseconds.
const GREATEST: u64 = 3_600_000;

/// Reads a timeout in milliseconds.
pub(super) fn milliseconds(node: &Node<'_>, out: &mut Diagnostics) -> Option<u64> {
    let text = node.text(out)?;
    let span = parse(text).filter(|span| (1..=GREATEST).contains(span));
    if span.is_none() {
        let message = format!("{} is not a timeout between 1ms and 60m", quoted(text));
        let help = "write a whole number and `ms`, `s` or `m`, e.g. `10s`";
        out.report(Code::InvalidValue, node.source(), message, help);
    }
    span
}

fn parse(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timespan_needs_number_and_unit() {
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("0s", Some(0)),
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
