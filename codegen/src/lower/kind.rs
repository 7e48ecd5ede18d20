//! Kinds of values: `type`.

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostics, quoted};
use crate::read::Object;

/// What a value is, as far as keywords tell values apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What `type` says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Typed {
    /// Nothing: it is not there.
    No,
    /// One type, not `null`.
    One(Kind),
    /// One type and `null`.
    Nullable(Kind),
    /// Other types, or only `null`.
    Several,
}

impl Kind {
    /// The kind of a `type`.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// The kind in words.
    pub(super) fn named(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Reads `type`.
pub(super) fn typed(object: &Object<'_>, out: &mut Diagnostics) -> Option<Typed> {
    let Some(node) = object.get("type") else {
        return Some(Typed::No);
    };
    let names: Option<Vec<&str>> = match node.json {
        Json::Array(types) => types.iter().map(Json::as_str).collect(),
        one => one.as_str().map(|name| vec![name]),
    };
    let known = |name: &&str| *name == "null" || Kind::of(name).is_some();
    let all = |names: &Vec<&str>| !names.is_empty() && names.iter().all(known);
    let Some(names) = names.filter(all) else {
        let message = format!(
            "{} is not a type that a value can have",
            quoted(&node.json.to_string())
        );
        let help = "write `string`, `integer`, `number`, `boolean`, `object`, `array` or `null`, or a list of them";
        out.error(node.source(), message, help);
        return None;
    };
    Some(match names[..] {
        [one] | ["null", one] | [one, "null"] => match (Kind::of(one), names.len()) {
            (Some(kind), 1) => Typed::One(kind),
            (Some(kind), _) => Typed::Nullable(kind),
            (None, _) => Typed::Several,
        },
        _ => Typed::Several,
    })
}
