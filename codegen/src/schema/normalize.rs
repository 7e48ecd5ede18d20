//! Removes keywords that a dialect does not have, and translates draft-04 to draft-06.
//!
//! Later stages find keywords by their names, so a document must not have keywords of other dialects.

use serde_json::{Map, Value as Json};

use super::dialect::{Draft, Holds, applies_to};
use crate::diagnostic::Diagnostics;
use crate::model::Source;
use crate::read::escape;

/// The normal form of a document. Reports the removed keywords.
pub(crate) fn normalize(file: &str, json: &mut Json, out: &mut Diagnostics) {
    let mut normalizer = Normalizer {
        file,
        pointer: String::new(),
        out,
    };
    normalizer.schema(json, Draft::Draft202012);
}

struct Normalizer<'w> {
    file: &'w str,
    pointer: String,
    out: &'w mut Diagnostics,
}

impl Normalizer<'_> {
    /// Normalizes a schema inside a schema of this dialect.
    fn schema(&mut self, json: &mut Json, around: Draft) {
        let Json::Object(members) = json else { return };
        let is_resource =
            self.pointer.is_empty() || members.contains_key("$id") || members.contains_key("id");
        let own = members.get("$schema").and_then(Json::as_str);
        let draft = own.filter(|_| is_resource).and_then(Draft::of);
        let draft = draft.unwrap_or(around);
        if draft == Draft::Draft04 {
            translate(members);
        }
        members.retain(|key, _| self.is_kept(key, draft));
        for (key, value) in members {
            if let Some(holds) = draft.holds(key) {
                self.below(key, |normalizer| normalizer.subschemas(value, holds, draft));
            }
        }
    }

    /// Whether a keyword stays: the dialect has it, or no dialect has it.
    fn is_kept(&mut self, key: &str, draft: Draft) -> bool {
        if draft.holds(key).is_some() || applies_to(key).is_none() {
            return true;
        }
        if let Some(problem) = draft.unknown(key) {
            let source = Source {
                file: self.file.to_owned(),
                pointer: format!("{}{}", self.pointer, escape(key)),
            };
            self.out.add(source, problem);
        }
        false
    }

    fn subschemas(&mut self, value: &mut Json, holds: Holds, draft: Draft) {
        match (holds, value) {
            (Holds::List | Holds::SchemaOrList, Json::Array(items)) => {
                for (at, item) in items.iter_mut().enumerate() {
                    self.below(&at.to_string(), |normalizer| normalizer.schema(item, draft));
                }
            }
            (Holds::Members | Holds::Dependencies, Json::Object(members)) => {
                for (key, value) in members {
                    self.below(key, |normalizer| normalizer.schema(value, draft));
                }
            }
            (Holds::Schema | Holds::SchemaOrList, value) => self.schema(value, draft),
            _ => {}
        }
    }

    fn below(&mut self, key: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push_str(&escape(key));
        inside(self);
        self.pointer.truncate(length);
    }
}

/// Translates a schema of draft-04. `id` becomes `$id`. An exclusive limit is a flag beside the limit in draft-04, and a
/// number in draft-06.
fn translate(members: &mut Map<String, Json>) {
    if members.get("id").is_some_and(Json::is_string)
        && let Some(id) = members.shift_remove("id")
    {
        members.insert("$id".to_owned(), id);
    }
    for (limit, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        let Some(Json::Bool(is_exclusive)) = members.get(exclusive) else {
            continue;
        };
        let is_exclusive = *is_exclusive;
        members.shift_remove(exclusive);
        if is_exclusive && let Some(limit) = members.shift_remove(limit) {
            members.insert(exclusive.to_owned(), limit);
        }
    }
}
