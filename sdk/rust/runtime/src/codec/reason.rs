//! What a violation says is expected: the same words, whether a type, a assertion or the reader finds it. Put together without
//! formatting, because refusing has to be cheap.

use std::fmt::Display;

/// At least so many characters, items or members.
pub(crate) fn at_least(min: u64, noun: &str) -> String {
    [
        "expected at least ",
        itoa::Buffer::new().format(min),
        " ",
        noun,
    ]
    .concat()
}

/// At most so many characters, items or members.
pub(crate) fn at_most(max: u64, noun: &str) -> String {
    [
        "expected at most ",
        itoa::Buffer::new().format(max),
        " ",
        noun,
    ]
    .concat()
}

/// An integer of this range.
pub(crate) fn integer(min: i128, max: i128) -> String {
    let (mut least, mut greatest) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (least, greatest) = (least.format(min), greatest.format(max));
    ["expected an integer from ", least, " to ", greatest].concat()
}

/// A text in which this regular expression finds something.
pub(crate) fn matching(pattern: &str) -> String {
    ["expected a text that matches ", pattern].concat()
}

/// A member that has to be there.
pub(crate) fn member(name: &str) -> String {
    ["expected a member `", name, "`"].concat()
}

/// A member that is there twice.
pub(crate) fn one_member(name: &str) -> String {
    ["expected one member `", name, "`"].concat()
}

/// No other member than these; they stand between their quotes.
pub(crate) fn no_member_but(known: &str) -> String {
    if known.is_empty() {
        return "expected no member".to_owned();
    }
    ["expected no member but ", known].concat()
}

/// One of these; they stand between their quotes.
pub(crate) fn one_of(known: &str) -> String {
    ["expected one of ", known].concat()
}

/// Names between quotes: `a`, `b`.
pub(crate) fn quoted(names: impl IntoIterator<Item = impl Display>) -> String {
    let quoted = names.into_iter().map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ")
}
