//! Object keywords.

use super::Assertions;
use super::schema::Schema;
use super::value::pattern;
use crate::diagnostic::Diagnostics;
use crate::model::{Assertion, Keyword, Regex};
use crate::read::{Node, Object};
use crate::schema::keys::keys;

/// Keys that require other keys.
type Asked = Vec<(String, Vec<String>)>;

impl<'a> Assertions<'a> {
    /// The object keywords of a schema.
    pub(super) fn objects(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let count = |key: &str, out: &mut Diagnostics| schema.get(key)?.count(out);
        keywords.extend(count("minProperties", out).map(Keyword::MinProperties));
        keywords.extend(count("maxProperties", out).map(Keyword::MaxProperties));
        if let Some(keys) = schema.get("required").and_then(|node| texts(&node, out)) {
            keywords.push(Keyword::Required(keys));
        }
        if let Some(node) = schema.get("propertyNames") {
            keywords.push(Keyword::PropertyNames(self.boxed(&node, out)));
        }
        self.members(schema, keywords, out);
        if schema.draft.is_before_2019() {
            self.dependencies(schema, keywords, out);
        } else {
            self.dependents(schema, keywords, out);
        }
    }

    /// `properties`, `patternProperties` and `additionalProperties`.
    fn members(&mut self, schema: &Schema<'a>, keywords: &mut Vec<Keyword>, out: &mut Diagnostics) {
        let properties = self.by_key(schema, "properties", out);
        let named = properties.iter().map(|(key, _)| key.clone()).collect();
        if !properties.is_empty() {
            keywords.push(Keyword::Properties(properties));
        }
        let mut matched: Vec<(Regex, Assertion)> = Vec::new();
        let object = schema
            .get("patternProperties")
            .and_then(|node| node.object(out));
        for (key, node) in object.iter().flat_map(Object::entries) {
            let regex = pattern(key, &node, out);
            let assertion = self.inner(&node, out);
            matched.extend(regex.map(|regex| (regex, assertion)));
        }
        let patterns = matched.iter().map(|(regex, _)| regex.clone()).collect();
        if !matched.is_empty() {
            keywords.push(Keyword::PatternProperties(matched));
        }
        if let Some(node) = schema.get("additionalProperties") {
            let assertion = self.boxed(&node, out);
            keywords.push(Keyword::AdditionalProperties {
                names: named,
                patterns,
                assertion,
            });
        }
    }

    /// Assertions by key.
    fn by_key(
        &mut self,
        schema: &Schema<'a>,
        key: &str,
        out: &mut Diagnostics,
    ) -> Vec<(String, Assertion)> {
        let object = schema.get(key).and_then(|node| node.object(out));
        let entries = object.iter().flat_map(Object::entries);
        let assertions = entries.map(|(key, node)| (key.to_owned(), self.inner(&node, out)));
        assertions.collect()
    }

    /// `dependentRequired` and `dependentSchemas`.
    fn dependents(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let object = schema
            .get("dependentRequired")
            .and_then(|node| node.object(out));
        let mut asked = Asked::new();
        for (key, node) in object.iter().flat_map(Object::entries) {
            asked.extend(texts(&node, out).map(|keys| (key.to_owned(), keys)));
        }
        let assertions = self.by_key(schema, "dependentSchemas", out);
        depend(asked, assertions, keywords);
    }

    /// The `dependencies` of dialects before 2019-09, which combine `dependentRequired` and `dependentSchemas`.
    fn dependencies(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let object = schema.get("dependencies").and_then(|node| node.object(out));
        let (mut asked, mut assertions) = (Asked::new(), Vec::new());
        for (key, node) in object.iter().flat_map(Object::entries) {
            if node.json.is_array() {
                asked.extend(texts(&node, out).map(|keys| (key.to_owned(), keys)));
            } else {
                assertions.push((key.to_owned(), self.inner(&node, out)));
            }
        }
        depend(asked, assertions, keywords);
    }
}

fn depend(asked: Asked, assertions: Vec<(String, Assertion)>, keywords: &mut Vec<Keyword>) {
    if !asked.is_empty() {
        keywords.push(Keyword::DependentRequired(asked));
    }
    if !assertions.is_empty() {
        keywords.push(Keyword::DependentSchemas(assertions));
    }
}

/// The keys of an array, without their places.
fn texts(node: &Node<'_>, out: &mut Diagnostics) -> Option<Vec<String>> {
    let keys = keys(node, out)?.into_iter();
    Some(keys.map(|(key, _)| key.to_owned()).collect())
}
