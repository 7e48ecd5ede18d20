//! Tables of cases: a assertion, and what it says of some values.

use natsgen_runtime::Side;
use natsgen_runtime::assertion::Assertion;
use natsgen_runtime::{Reader, ValueRef};

/// Values, and what is said of each: nothing if it is right, else pointer and reason.
pub(crate) type Cases = &'static [(&'static str, &'static str)];

/// What `assertion` says of the value that is written so.
pub(crate) fn verdict(assertion: &'static Assertion<'static>, text: &str) -> String {
    let json: ValueRef<'_> = Reader::new(text, Side::Reply).json().unwrap();
    let verdict = assertion.validate(&json);
    verdict.map_or_else(
        |violation| format!("{}: {}", violation.pointer(), violation.reason()),
        |()| String::new(),
    )
}

#[track_caller]
pub(crate) fn check(table: &'static [(Assertion, Cases)]) {
    for (assertion, cases) in table {
        for (text, expected) in *cases {
            assert_eq!(
                verdict(assertion, text),
                *expected,
                "{assertion:?} of {text}"
            );
        }
    }
}
