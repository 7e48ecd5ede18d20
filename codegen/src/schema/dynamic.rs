//! Dynamic scope: the valid values of a schema can depend on the schemas that refer to it.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::reference::References;
use crate::read::Node;

impl<'a> References<'a> {
    /// Whether the schema at this place can reach a `$dynamicRef` or `$recursiveRef` whose target depends on the referring schemas. Such a
    /// schema is validated as a part of the schema that refers to it.
    pub(crate) fn is_dynamic(&self, file: &str, pointer: &str) -> bool {
        // Without a dynamic anchor in these documents, no anchor can override another anchor.
        if !self.resources.has_dynamic_anchors {
            return false;
        }
        let mut seen = HashSet::new();
        let mut waiting: Vec<Node<'a>> = self.node(file, pointer).into_iter().collect();
        while let Some(node) = waiting.pop() {
            if !seen.insert((node.file, node.pointer.clone())) {
                continue;
            }
            let dynamic = ["$dynamicRef", "$recursiveRef"].into_iter();
            let mut dynamic = dynamic.filter_map(|key| node.json.get(key));
            if dynamic.any(Json::is_string) {
                return true;
            }
            let reference = node.json.get("$ref").and_then(Json::as_str);
            let target = reference.and_then(|uri| self.find(node.file, &node.pointer, uri).ok());
            waiting.extend(target.flatten().map(|target| target.node));
            waiting.extend(inside(&node));
        }
        false
    }
}

/// The direct children of a value.
fn inside<'a>(node: &Node<'a>) -> Vec<Node<'a>> {
    match node.json {
        Json::Object(members) => members
            .iter()
            .map(|(key, json)| node.below(key, json))
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, json)| node.below(&at.to_string(), json))
            .collect(),
        _ => Vec::new(),
    }
}
