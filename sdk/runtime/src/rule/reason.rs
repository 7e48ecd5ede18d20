//! What a violation says is expected, where it takes more than a line to say.

use std::fmt::Write as _;

use crate::json::Json;

use super::{Constant, Regex, Type};

/// Where nothing would do.
pub(super) const NOTHING: &str = "expected no value";

/// One of these types.
pub(super) fn types(types: &[Type]) -> String {
    let names: Vec<&str> = types.iter().map(|any| any.name()).collect();
    match names.split_last() {
        None => NOTHING.to_owned(),
        Some((only, [])) => format!("expected {only}"),
        Some((last, others)) => format!("expected {} or {last}", others.join(", ")),
    }
}

/// One of these values. A text is shown without its quotes.
pub(super) fn constants(constants: &[&Constant]) -> String {
    let mut reason = String::from(if constants.len() == 1 {
        "expected "
    } else {
        "expected one of "
    });
    for (index, constant) in constants.iter().enumerate() {
        let shown = match constant.value() {
            Some(Json::Text(text)) => text,
            _ => constant.as_str(),
        };
        let separator = if index == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(reason, "{separator}`{shown}`");
    }
    reason
}

/// No other members than these.
pub(super) fn members(names: &[&str], patterns: &[Regex]) -> String {
    let names = names.iter().map(|name| format!("`{name}`"));
    let patterns = patterns
        .iter()
        .map(|pattern| format!("those that match {}", pattern.as_str()));
    let known: Vec<String> = names.chain(patterns).collect();
    if known.is_empty() {
        return "expected no member".to_owned();
    }
    format!("expected no member but {}", known.join(", "))
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a text",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}
