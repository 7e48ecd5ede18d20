//! Removes keywords that a dialect does not have, and translates draft-04 to draft-06. In schemas without a protocol, it
//! also removes misspelled keywords and annotations of a wrong type, because they say nothing of valid values.
//!
//! Later stages find keywords by their names, so a document must not have keywords of other dialects.

use serde_json::{Map, Value as Json};

use super::dialect::{Draft, Holds, applies_to};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics, Problem};
use crate::model::Source;
use crate::read::{Contents, escape};

/// The normal form of a document. Reports the removed keywords.
pub(crate) fn normalize(file: &str, json: &mut Json, contents: Contents, out: &mut Diagnostics) {
    let mut normalizer = Normalizer {
        file,
        contents,
        pointer: String::new(),
        out,
    };
    normalizer.schema(json, Draft::Draft202012);
}

struct Normalizer<'w> {
    file: &'w str,
    contents: Contents,
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
        members.retain(|key, value| {
            self.is_kept(key, draft)
                && (self.contents == Contents::Protocol
                    || self.has_meaning(key, value, is_resource, draft))
        });
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
            self.add(key, problem);
        }
        false
    }

    /// Whether a keyword in a schema without a protocol stays. Reports those that do not.
    fn has_meaning(&mut self, key: &str, value: &Json, is_resource: bool, draft: Draft) -> bool {
        let is_annotation = match key {
            "title" | "description" | "$comment" => value.is_string(),
            "examples" => value.is_array(),
            "deprecated" | "readOnly" | "writeOnly" => value.is_boolean(),
            "$schema" => is_resource,
            _ => {
                let unknown = draft.unknown(key);
                let misspelled = unknown.filter(|found| found.code == Code::UnknownKeyword);
                let Some(problem) = misspelled else {
                    return true;
                };
                let code = Code::IgnoredKeyword;
                self.add(key, Problem { code, ..problem });
                return false;
            }
        };
        if !is_annotation {
            let message = match key {
                "$schema" => "`$schema` has no effect inside a schema without `$id`".to_owned(),
                _ => format!("the value of {} has a wrong type", quoted(key)),
            };
            self.add(
                key,
                Problem::new(Code::IgnoredKeyword, message, "remove it"),
            );
        }
        is_annotation
    }

    fn add(&mut self, key: &str, problem: Problem) {
        let source = Source {
            file: self.file.to_owned(),
            pointer: format!("{}{}", self.pointer, escape(key)),
        };
        self.out.add(source, problem);
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
