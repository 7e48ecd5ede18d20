//! Reasons of violations that need more than a line of code.

use crate::codec::json::ValueRef;
use crate::codec::reason::{no_member_but, one_of, quoted};

use super::constant::Constant;
use super::keyword::Type;
use super::regex::Regex;

/// No value is valid.
pub(super) const NOTHING: &str = "expected no value";

/// Any of these types.
pub(super) fn types(types: &[Type]) -> String {
    let names: Vec<&str> = types.iter().map(|any| any.name()).collect();
    match names.split_last() {
        None => NOTHING.to_owned(),
        Some((only, [])) => format!("expected {only}"),
        Some((last, others)) => format!("expected {} or {last}", others.join(", ")),
    }
}

/// Any of these values. A string is shown without its quotes.
pub(super) fn constants(constants: &[&Constant]) -> String {
    let shown = quoted(constants.iter().map(|constant| match constant.value() {
        Some(ValueRef::Text(text)) => text,
        _ => constant.as_str(),
    }));
    match constants {
        [_] => format!("expected {shown}"),
        _ => one_of(&shown),
    }
}

/// Only these members.
pub(super) fn members(names: &[&str], patterns: &[Regex]) -> String {
    let patterns = patterns
        .iter()
        .map(|pattern| format!("those that match {}", pattern.as_str()));
    let names = names.iter().map(|name| quoted([name]));
    no_member_but(&names.chain(patterns).collect::<Vec<_>>().join(", "))
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}
