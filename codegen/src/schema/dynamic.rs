//! Dynamic scope: where what is valid depends on the way that led there.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::reference::References;
use crate::read::Node;

impl<'a> References<'a> {
    /// Whether the schema at this place can lead to a `$dynamicRef` that means another schema when it is reached from
    /// elsewhere. Such a schema is judged as part of what it was reached from.
    pub(crate) fn is_dynamic(&self, file: &str, pointer: &str) -> bool {
        // Without a dynamic anchor of our own there is nothing that could take another one's place.
        if !self.resources.has_dynamic_anchors() {
            return false;
        }
        let mut seen = HashSet::new();
        let mut waiting: Vec<Node<'a>> = self.node(file, pointer).into_iter().collect();
        while let Some(node) = waiting.pop() {
            if !seen.insert((node.file, node.pointer.clone())) {
                continue;
            }
            if node.json.get("$dynamicRef").is_some_and(Json::is_string) {
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

/// What stands one step inside a value.
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
