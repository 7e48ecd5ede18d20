//! Schemas: lowers a schema at a place to an assertion of the model.

use serde_json::Value as Json;

use super::Assertions;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Assertion, Keyword};
use crate::read::{Node, Object};
use crate::schema::dialect::{Draft, is_validation};

/// A schema object.
pub(super) struct Schema<'a> {
    pub(super) object: Object<'a>,
    pub(super) draft: Draft,
    /// Whether the meta-schema has the validation vocabulary.
    validation: bool,
}

impl<'a> Schema<'a> {
    /// The value of a keyword, if the keyword applies in this dialect and vocabulary.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        let heard = self.validation || !is_validation(key);
        self.object.get(key).filter(|_| heard)
    }

    /// Warns of keywords that have no effect because another keyword is missing.
    pub(super) fn idle(&self, keys: &[&str], missing: &str, out: &mut Diagnostics) {
        for node in keys.iter().filter_map(|key| self.get(key)) {
            let message = format!("the keyword has no effect without {missing}");
            let help = format!("remove it, or add {missing}");
            out.report(Code::IneffectiveKeyword, node.source(), message, help);
        }
    }
}

impl<'a> Assertions<'a> {
    /// The assertion of a subschema. A subschema with `$id` has a named assertion.
    pub(super) fn inner(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Assertion {
        let around = self.references.around(node.file, &node.pointer);
        if around.is_some_and(|around| around.root.pointer == node.pointer) {
            let name = self.note(node.clone(), None);
            return Assertion(vec![Keyword::Ref(name)]);
        }
        self.definition(node, out)
    }

    /// The boxed assertion of a subschema.
    pub(super) fn boxed(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Box<Assertion> {
        Box::new(self.inner(node, out))
    }

    /// The assertion of a schema. Errors are reported, and their keywords are left out.
    pub(super) fn definition(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Assertion {
        let object = match node.json {
            Json::Bool(true) => return Assertion::default(),
            Json::Bool(false) => return Assertion(vec![Keyword::Never]),
            _ => node.object(out),
        };
        let Some(object) = object else {
            return Assertion::default();
        };
        let around = self.references.around(node.file, &node.pointer);
        let schema = Schema {
            object,
            draft: around.map_or(Draft::Draft202012, |around| around.draft),
            validation: around.is_none_or(|around| around.validation),
        };
        let mut keywords = Vec::new();
        if schema.draft.is_before_2019() && schema.object.get("$ref").is_some() {
            self.refer(&schema, &mut keywords, out);
            return Assertion(keywords);
        }
        known(&schema, out);
        self.values(&schema, &mut keywords, out);
        self.arrays(&schema, &mut keywords, out);
        self.objects(&schema, &mut keywords, out);
        self.refer(&schema, &mut keywords, out);
        self.logic(&schema, &mut keywords, out);
        self.unevaluated(&schema, &mut keywords, out);
        Assertion(keywords)
    }

    /// `$ref`, `$dynamicRef` and `$recursiveRef`.
    fn refer(&mut self, schema: &Schema<'a>, keywords: &mut Vec<Keyword>, out: &mut Diagnostics) {
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(node) = schema.get(key) else {
                continue;
            };
            let Some(text) = node.text(out) else {
                continue;
            };
            let place = &schema.object.node;
            match self.references.find_by(key, place, text) {
                Ok(Some(target)) => {
                    let assertion = self.note(target.node, None);
                    keywords.push(match target.dynamic {
                        Some(anchor) => Keyword::DynamicRef { anchor, assertion },
                        None => Keyword::Ref(assertion),
                    });
                }
                Ok(None) => {}
                Err(problem) => out.add(node.source(), problem),
            }
        }
    }

    /// `unevaluatedItems` and `unevaluatedProperties`, which must be validated last.
    fn unevaluated(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        if schema.draft.is_before_2019() {
            return;
        }
        if let Some(node) = schema.get("unevaluatedItems") {
            keywords.push(Keyword::UnevaluatedItems(self.boxed(&node, out)));
        }
        if let Some(node) = schema.get("unevaluatedProperties") {
            keywords.push(Keyword::UnevaluatedProperties(self.boxed(&node, out)));
        }
    }
}

/// Reports each keyword that the dialect does not know, or that is at the wrong place.
fn known(schema: &Schema<'_>, out: &mut Diagnostics) {
    let inside = !schema.object.node.pointer.is_empty();
    for (key, node) in schema.object.entries() {
        if schema.draft.holds(key).is_none() {
            if let Some(problem) = schema.draft.unknown(key) {
                out.add(node.source(), problem);
            }
        } else if matches!(key, "x-http" | "x-nats") && inside {
            let message = format!("`{key}` has no effect inside a schema");
            let help = "move it to the root of an operation's document";
            out.report(Code::MisplacedKeyword, node.source(), message, help);
        } else if key == "$schema" && inside && schema.object.get("$id").is_none() {
            let message = "`$schema` has no effect inside a schema";
            let help = "move it to the root of the document, or beside an `$id`";
            out.report(Code::MisplacedKeyword, node.source(), message, help);
        }
    }
}
