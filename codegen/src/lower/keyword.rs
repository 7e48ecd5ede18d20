//! Keywords: what each of them says about values of a kind.

use super::kind::Kind;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Object;
use crate::schema::dialect::{About, Draft};

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

/// Whether a keyword that speaks of these values says something about those of this kind.
fn concerns(about: About, kind: Kind) -> bool {
    match kind {
        Kind::Text => matches!(about, About::Texts | About::TextsAndNumbers),
        Kind::Integer | Kind::Number => matches!(about, About::Numbers | About::TextsAndNumbers),
        Kind::Boolean => false,
        Kind::Array => about == About::Arrays,
        Kind::Object => about == About::Objects,
    }
}

/// What a keyword does to a value of this kind, if that is known; `None` where the dialect has no such keyword.
fn effect(key: &str, kind: Option<Kind>, draft: Draft) -> Option<Effect> {
    Some(match draft.about(key)? {
        About::Operation => return None,
        About::Nothing => Effect::None,
        About::All => Effect::Judges,
        about if kind.is_none_or(|kind| concerns(about, kind)) => Effect::Judges,
        _ => Effect::Elsewhere,
    })
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
                    "remove it, or correct the `type` beside it; all values pass {}",
                    quoted(key)
                );
                let message = format!("{} has no effect on {kind}", quoted(key));
                out.report(Code::IneffectiveKeyword, node.source(), message, help);
            }
            (None, _) => {
                out.add(node.source(), draft.unknown(key));
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
pub(super) fn partial<'a>(object: &Object<'a>, draft: Draft) -> Option<&'a str> {
    let about = |key: &str| draft.about(key).unwrap_or(About::Nothing);
    let mut keys = object.members.keys().map(String::as_str);
    if keys.clone().any(|key| about(key) == About::All) {
        return None;
    }
    keys.find(|key| *key != "sensitive" && !matches!(about(key), About::Nothing | About::Operation))
}

/// Whether a schema that refers to another one says more about what is valid than that one, with nothing but keywords
/// of values that are neither arrays nor objects.
pub(super) fn is_scalar(object: &Object<'_>, draft: Draft) -> bool {
    let scalar = |about| !matches!(about, About::All | About::Arrays | About::Objects);
    let mut keys = object.members.keys().map(String::as_str);
    keys.all(|key| matches!(key, "$ref" | "type") || draft.about(key).is_some_and(scalar))
}

/// Whether the assertion of a schema looks into what the values of its properties and items are.
pub(super) fn looks_inside(object: &Object<'_>, draft: Draft) -> bool {
    let mut keys = object.members.keys().map(String::as_str);
    keys.any(|key| match key {
        "type" | "const" | "enum" => false,
        "uniqueItems" | "contains" | "patternProperties" | "dependentSchemas" | "dependencies" => {
            true
        }
        _ => draft.about(key) == Some(About::All),
    })
}
