//! Tables of cases: a rule, and what it says of some values.

use natsgen_runtime::Side;
use natsgen_runtime::json::{Json, Reader};
use natsgen_runtime::rule::Rule;

/// Values, and what is said of each: nothing if it is right, else pointer and reason.
pub(crate) type Cases = &'static [(&'static str, &'static str)];

/// What `rule` says of the value that is written so.
pub(crate) fn verdict(rule: &'static Rule, text: &str) -> String {
    let json: Json<'_> = Reader::new(text, Side::Reply).json().unwrap();
    let verdict = rule.judge(&json);
    verdict.map_or_else(
        |violation| format!("{}: {}", violation.pointer(), violation.reason()),
        |()| String::new(),
    )
}

#[track_caller]
pub(crate) fn check(table: &'static [(Rule, Cases)]) {
    for (rule, cases) in table {
        for (text, expected) in *cases {
            assert_eq!(verdict(rule, text), *expected, "{rule:?} of {text}");
        }
    }
}
