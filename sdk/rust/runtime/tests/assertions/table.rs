//! Tables of cases: an assertion, and the expected result for several values.

use natsgen_runtime::Side;
use natsgen_runtime::assertion::Assertion;
use natsgen_runtime::{Reader, ValueRef};

/// JSON values and the expected result of each: empty if valid, else pointer and reason.
pub(crate) type Cases = &'static [(&'static str, &'static str)];

/// Validates the JSON text with `assertion`.
pub(crate) fn result(assertion: &'static Assertion<'static>, text: &str) -> String {
    let json: ValueRef<'_> = Reader::new(text, Side::Reply).json().unwrap();
    let result = assertion.validate(&json);
    result.map_or_else(
        |violation| format!("{}: {}", violation.pointer(), violation.reason()),
        |()| String::new(),
    )
}

#[track_caller]
pub(crate) fn check(table: &'static [(Assertion, Cases)]) {
    for (assertion, cases) in table {
        for (text, expected) in *cases {
            assert_eq!(
                result(assertion, text),
                *expected,
                "{assertion:?} of {text}"
            );
        }
    }
}
