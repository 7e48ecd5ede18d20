//! Rust literals.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

/// An integer literal without a suffix, with its digits grouped.
pub(super) fn literal(value: i128) -> TokenStream {
    let literal: Literal = digits(value.unsigned_abs())
        .parse()
        .expect("digits are a literal");
    if value < 0 {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}

/// The text of an integer literal.
pub(super) fn integer(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", digits(value.unsigned_abs()))
}

fn digits(value: u128) -> String {
    let digits = value.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join("_")
}

/// The text of a float literal without a suffix, with an exponent if it would have many digits.
pub(super) fn float(value: f64) -> String {
    if value.abs() >= 1e4 {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

/// The text of a string literal.
pub(super) fn text(value: &str) -> String {
    Literal::string(value).to_string()
}

/// `Some(…)` or `None`.
pub(super) fn option<T: ToTokens>(value: Option<&T>) -> TokenStream {
    value.map_or_else(
        || quote!(prelude::None),
        |value| quote!(prelude::Some(#value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_number_has_grouped_digits() {
        let check = |value: i128, expected: &str| assert_eq!(integer(value), expected);
        check(0, "0");
        check(-1_000, "-1_000");
        check(86_400, "86_400");
        check(
            i128::MIN,
            "-170_141_183_460_469_231_731_687_303_715_884_105_728",
        );
        let check = |value: f64, expected: &str| assert_eq!(float(value), expected);
        check(0.5, "0.5");
        check(-1e15, "-1e15");
        check(-1.0, "-1.0");
        check(1e-7, "1e-7");
        check(12_345.5, "1.23455e4");
        check(1_234.5, "1234.5");
    }
}
