//! Array keywords.

use super::Assertions;
use super::schema::Schema;
use crate::diagnostic::Diagnostics;
use crate::model::{Assertion, Keyword};
use crate::read::Node;

impl<'a> Assertions<'a> {
    /// The array keywords of a schema.
    pub(super) fn arrays(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let count = |key: &str, out: &mut Diagnostics| schema.get(key)?.count(out);
        keywords.extend(count("minItems", out).map(Keyword::MinItems));
        keywords.extend(count("maxItems", out).map(Keyword::MaxItems));
        let unique = schema.get("uniqueItems");
        if unique.and_then(|node| node.boolean(out)) == Some(true) {
            keywords.push(Keyword::UniqueItems);
        }
        let (first, rest) = places(schema);
        if first.is_none() && schema.draft.is_before_2020() {
            schema.idle(&["additionalItems"], "a list under `items`", out);
        }
        let mut after = 0;
        if let Some(nodes) = first.and_then(|node| node.items(out)) {
            after = nodes.len();
            keywords.push(Keyword::PrefixItems(self.each(&nodes, out)));
        }
        if let Some(node) = rest {
            let assertion = self.boxed(&node, out);
            keywords.push(Keyword::Items { after, assertion });
        }
        self.contains(schema, keywords, out);
    }

    /// The assertions of a list of schemas.
    pub(super) fn each(&mut self, nodes: &[Node<'a>], out: &mut Diagnostics) -> Vec<Assertion> {
        nodes.iter().map(|node| self.inner(node, out)).collect()
    }

    fn contains(
        &mut self,
        schema: &Schema<'a>,
        keywords: &mut Vec<Keyword>,
        out: &mut Diagnostics,
    ) {
        let Some(node) = schema.get("contains") else {
            return schema.idle(&["minContains", "maxContains"], "`contains`", out);
        };
        let (mut min, mut max) = (1, None);
        if !schema.draft.is_before_2019() {
            let least = schema.get("minContains").map(|node| node.count(out));
            min = least.flatten().unwrap_or(1);
            max = schema.get("maxContains").and_then(|node| node.count(out));
        }
        let assertion = self.boxed(&node, out);
        keywords.push(Keyword::Contains {
            assertion,
            min,
            max,
        });
    }
}

/// The schema of each of the first items, and the schema of all further items.
fn places<'a>(schema: &Schema<'a>) -> (Option<Node<'a>>, Option<Node<'a>>) {
    let items = schema.get("items");
    if !schema.draft.is_before_2020() {
        return (schema.get("prefixItems"), items);
    }
    if items.as_ref().is_some_and(|node| node.json.is_array()) {
        return (items, schema.get("additionalItems"));
    }
    (None, items)
}
