//! Keywords: which ones there are, and what kind of value each of them speaks of.

use super::kind::Kind;
use crate::diagnostic::{Diagnostics, quoted};
use crate::read::Object;
use crate::rules::Draft;

/// Keywords that say nothing about what is valid.
const ANNOTATIONS: [&str; 11] = [
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];
/// Keywords that name schemas, or hold some for others to refer to.
const STRUCTURE: [&str; 7] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$defs",
    "definitions",
    "$vocabulary",
];
/// Keywords that speak of values of every type.
const COMMON: [&str; 12] = [
    "type",
    "const",
    "enum",
    "$ref",
    "$dynamicRef",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];
const TEXT: [&str; 5] = ["minLength", "maxLength", "pattern", "format", "sensitive"];
const NUMBER: [&str; 6] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "format",
];
const ARRAY: [&str; 9] = [
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
];
const OBJECT: [&str; 10] = [
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
];

/// What a keyword does to the values of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// It says what is valid.
    Judges,
    /// Nothing, since it speaks of other values.
    Elsewhere,
}

/// The keywords that speak of values of this kind and of no other.
fn keywords(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &TEXT,
        Kind::Integer | Kind::Number => &NUMBER,
        Kind::Boolean => &[],
        Kind::Array => &ARRAY,
        Kind::Object => &OBJECT,
    }
}

/// What a keyword does to a value of this kind, if that is known; `None` where the dialect has no such keyword.
fn effect(key: &str, kind: Option<Kind>, draft: Draft) -> Option<Effect> {
    if !draft.knows(key) {
        return None;
    }
    let of = |kind: Kind| match key {
        "unevaluatedItems" => kind == Kind::Array,
        "unevaluatedProperties" => kind == Kind::Object,
        _ => keywords(kind).contains(&key),
    };
    let kinds = [Kind::Text, Kind::Number, Kind::Array, Kind::Object];
    if ANNOTATIONS.contains(&key) || STRUCTURE.contains(&key) {
        Some(Effect::None)
    } else if COMMON.contains(&key) {
        Some(Effect::Judges)
    } else if kinds.into_iter().any(of) {
        Some(match kind {
            Some(kind) if !of(kind) => Effect::Elsewhere,
            _ => Effect::Judges,
        })
    } else {
        None
    }
}

/// Whether nothing but these keywords says what is valid. Keywords that speak of other values are warned of, those that
/// do not exist are errors, by which there is no answer.
pub(super) fn only(
    object: &Object<'_>,
    known: &[&str],
    kind: Option<Kind>,
    draft: Draft,
    out: &mut Diagnostics,
) -> Option<bool> {
    let mut answer = Some(true);
    for (key, node) in object.entries() {
        // Of what may be sensitive, the schema as a whole decides.
        if known.contains(&key) || key == "sensitive" {
            continue;
        }
        match (effect(key, kind, draft), kind) {
            (Some(Effect::None), _) => {}
            (Some(Effect::Judges), _) => answer = answer.map(|_| false),
            (Some(Effect::Elsewhere), kind) => {
                let kind = kind.map_or("this", Kind::named);
                let help = format!(
                    "remove it, or correct the `type` beside it; as it is, every value passes {}",
                    quoted(key)
                );
                out.warning(
                    node.source(),
                    format!("{} says nothing about {kind}", quoted(key)),
                    help,
                );
            }
            (None, _) => {
                let (message, help) = draft.unknown(key);
                out.error(node.source(), message, help);
                answer = None;
            }
        }
    }
    answer
}

/// Whether a keyword says what is valid, or is none.
pub(super) fn judges(key: &str, draft: Draft) -> bool {
    effect(key, None, draft) != Some(Effect::None)
}

/// A keyword that speaks of values of one type only, where nothing else says of which values the schema speaks.
pub(super) fn partial<'a>(object: &Object<'a>) -> Option<&'a str> {
    let common = |key: &&String| COMMON.contains(&&***key);
    if object.members.keys().any(|key| common(&key)) {
        return None;
    }
    let kinds: [&[&str]; 4] = [&TEXT, &NUMBER, &ARRAY, &OBJECT];
    let mut keys = object.members.keys().map(String::as_str);
    keys.find(|key| *key != "sensitive" && kinds.iter().any(|keys| keys.contains(key)))
}

/// Whether a schema that refers to another one says more about what is valid than that one, with nothing but keywords
/// of values that are neither arrays nor objects.
pub(super) fn is_scalar(object: &Object<'_>) -> bool {
    let scalar = |key: &str| {
        key == "$ref"
            || key == "type"
            || TEXT.contains(&key)
            || NUMBER.contains(&key)
            || ANNOTATIONS.contains(&key)
            || STRUCTURE.contains(&key)
    };
    object.members.keys().all(|key| scalar(key))
}

/// Whether the rule of a schema looks into what the values of its properties and items are.
pub(super) fn looks_inside(object: &Object<'_>) -> bool {
    let inside = |key: &str| {
        COMMON.contains(&key) && !matches!(key, "type" | "const" | "enum")
            || [
                "uniqueItems",
                "contains",
                "patternProperties",
                "dependentSchemas",
                "dependencies",
            ]
            .contains(&key)
    };
    object.members.keys().any(|key| inside(key))
}
