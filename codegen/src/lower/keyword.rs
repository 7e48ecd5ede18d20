//! Keywords: their effect on values of a kind.

use serde_json::Value as Json;

use super::kind::Kind;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::read::Object;
use crate::schema::dialect::{AppliesTo, Draft};

/// The effect of a keyword on the values of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// No effect.
    None,
    /// The keyword constrains the valid values.
    Judges,
    /// No effect, because the keyword applies to values of another kind.
    Elsewhere,
}

/// Whether a keyword for these values applies to values of this kind.
fn concerns(applies_to: AppliesTo, kind: Kind) -> bool {
    match kind {
        Kind::Text => matches!(applies_to, AppliesTo::Texts | AppliesTo::TextsAndNumbers),
        Kind::Integer | Kind::Number => {
            matches!(applies_to, AppliesTo::Numbers | AppliesTo::TextsAndNumbers)
        }
        Kind::Boolean => false,
        Kind::Array => applies_to == AppliesTo::Arrays,
        Kind::Object => applies_to == AppliesTo::Objects,
    }
}

/// The effect of a keyword on values of this kind, if the dialect has the keyword.
fn effect(key: &str, kind: Option<Kind>, draft: Draft) -> Option<Effect> {
    Some(match draft.applies_to(key)? {
        AppliesTo::Operation => return None,
        AppliesTo::Nothing => Effect::None,
        AppliesTo::All => Effect::Judges,
        applies_to if kind.is_none_or(|kind| concerns(applies_to, kind)) => Effect::Judges,
        _ => Effect::Elsewhere,
    })
}

/// Whether only these keywords constrain the valid values. Warns of keywords for values of another kind. Reports
/// unknown keywords, and returns `None` if a keyword is misspelled.
pub(super) fn only(
    object: &Object<'_>,
    known: &[&str],
    kind: Option<Kind>,
    draft: Draft,
    out: &mut Diagnostics,
) -> Option<bool> {
    let mut answer = Some(true);
    for (key, node) in object.entries() {
        // The schema as a whole decides about `sensitive`.
        if known.contains(&key) || key == "sensitive" {
            continue;
        }
        match (effect(key, kind, draft), kind) {
            (Some(Effect::None), _) => {}
            (Some(Effect::Judges), _) => answer = answer.map(|_| false),
            (Some(Effect::Elsewhere), kind) => {
                let kind = kind.map_or("this", Kind::named);
                let help = format!(
                    "remove it, or correct the `type` beside it; all values pass {}",
                    quoted(key)
                );
                let message = format!("{} has no effect on {kind}", quoted(key));
                out.report(Code::IneffectiveKeyword, node.source(), message, help);
            }
            (None, _) => {
                let Some(problem) = draft.unknown(key) else {
                    continue;
                };
                if problem.code.severity() == Severity::Error {
                    answer = None;
                }
                out.add(node.source(), problem);
            }
        }
    }
    answer
}

/// A keyword that applies to a single type, if the schema does not restrict its values to that type.
pub(super) fn partial<'a>(object: &Object<'a>, draft: Draft) -> Option<&'a str> {
    let applies_to = |key: &str| draft.applies_to(key).unwrap_or(AppliesTo::Nothing);
    let mut keys = object.members.keys().map(String::as_str);
    if keys.clone().any(|key| applies_to(key) == AppliesTo::All) {
        return None;
    }
    keys.find(|key| {
        *key != "sensitive" && !matches!(applies_to(key), AppliesTo::Nothing | AppliesTo::Operation)
    })
}

/// Whether keywords beside `type` constrain values of all kinds.
pub(super) fn concerns_all(object: &Object<'_>, draft: Draft) -> bool {
    let mut keys = object.members.keys().map(String::as_str);
    keys.any(|key| key != "type" && draft.applies_to(key) == Some(AppliesTo::All))
}

/// Whether keywords constrain values of other kinds than these.
pub(super) fn concerns_others(object: &Object<'_>, kinds: &[Kind], draft: Draft) -> bool {
    let mut keys = object.members.keys().map(String::as_str);
    keys.any(|key| match draft.applies_to(key) {
        None | Some(AppliesTo::Nothing | AppliesTo::Operation) => false,
        Some(AppliesTo::All) => key != "type",
        Some(applies_to) => !kinds.iter().any(|kind| concerns(applies_to, *kind)),
    })
}

/// Whether a schema has keywords that describe the parts of values of this kind.
pub(super) fn describes(object: &Object<'_>, kind: Kind) -> bool {
    let keys: &[&str] = match kind {
        Kind::Object => &["properties", "additionalProperties", "patternProperties"],
        Kind::Array => &["items"],
        _ => &[],
    };
    keys.iter()
        .any(|key| object.members.get(*key).is_some_and(Json::is_object))
}

/// Whether a schema has only `$ref`, `type` and keywords that constrain neither arrays nor objects.
pub(super) fn is_scalar(object: &Object<'_>, draft: Draft) -> bool {
    let scalar = |applies_to| {
        !matches!(
            applies_to,
            AppliesTo::All | AppliesTo::Arrays | AppliesTo::Objects
        )
    };
    let mut keys = object.members.keys().map(String::as_str);
    keys.all(|key| matches!(key, "$ref" | "type") || draft.applies_to(key).is_none_or(scalar))
}

/// Whether the assertion of a schema depends on the values of properties or items.
pub(super) fn looks_inside(object: &Object<'_>, draft: Draft) -> bool {
    let mut keys = object.members.keys().map(String::as_str);
    keys.any(|key| match key {
        "type" | "const" | "enum" => false,
        "uniqueItems" | "contains" | "patternProperties" | "dependentSchemas" | "dependencies" => {
            true
        }
        _ => draft.applies_to(key) == Some(AppliesTo::All),
    })
}
