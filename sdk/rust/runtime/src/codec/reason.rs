//! Reasons of violations, shared by types, assertions and the reader. They are built without formatting, because
//! refusing has to be cheap.

use std::fmt::Display;

/// A minimum number of characters, items or members.
pub(crate) fn at_least(min: u64, noun: &str) -> String {
    [
        "expected at least ",
        itoa::Buffer::new().format(min),
        " ",
        noun,
    ]
    .concat()
}

/// A maximum number of characters, items or members.
pub(crate) fn at_most(max: u64, noun: &str) -> String {
    [
        "expected at most ",
        itoa::Buffer::new().format(max),
        " ",
        noun,
    ]
    .concat()
}

/// An integer in this range.
pub(crate) fn integer(min: i128, max: i128) -> String {
    let (mut least, mut greatest) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (least, greatest) = (least.format(min), greatest.format(max));
    ["expected an integer from ", least, " to ", greatest].concat()
}

/// A string with a match of this regular expression.
pub(crate) fn matching(pattern: &str) -> String {
    ["expected a string that matches ", pattern].concat()
}

/// A required member.
pub(crate) fn member(name: &str) -> String {
    ["expected a member `", name, "`"].concat()
}

/// A duplicate member.
pub(crate) fn one_member(name: &str) -> String {
    ["expected one member `", name, "`"].concat()
}

/// Only these members. The names in `known` are already quoted.
pub(crate) fn no_member_but(known: &str) -> String {
    if known.is_empty() {
        return "expected no member".to_owned();
    }
    ["expected no member but ", known].concat()
}

/// Any of these values. The values in `known` are already quoted.
pub(crate) fn one_of(known: &str) -> String {
    ["expected one of ", known].concat()
}

/// Names in quotes: `a`, `b`.
pub(crate) fn quoted(names: impl IntoIterator<Item = impl Display>) -> String {
    let quoted = names.into_iter().map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ")
}
