//! What schemas say to readers: descriptions, and examples that are checked.

use serde_json::Value as Json;

use super::schema::Lowering;
use crate::diagnostic::Diagnostics;
use crate::model::{Source, Value};
use crate::read::Node;

/// A value that a schema holds beside its rules, to be judged by them when all types are known.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Where it stands.
    pub(crate) source: Source,
    /// The schema that it stands in.
    pub(crate) schema: Source,
    /// What it is: `example` or `default`.
    pub(crate) what: &'static str,
    /// The value.
    pub(crate) json: Json,
    /// What it must be.
    pub(crate) value: Value,
}

impl<'a> Lowering<'a> {
    /// What the type that a schema refers to says of itself.
    pub(super) fn described(&self, node: &Node<'a>) -> String {
        let branches = ["oneOf", "anyOf"].into_iter().filter_map(|key| {
            let members = node.members()?;
            members.get(key)?.items(&mut Diagnostics::default())
        });
        let nodes: Vec<Node<'a>> = std::iter::once(node.clone())
            .chain(branches.flatten())
            .collect();
        let target = nodes.iter().find_map(|node| self.followed(node));
        let text = target.and_then(|target| target.json.get("description")?.as_str());
        text.unwrap_or_default().trim().to_owned()
    }

    /// Judges the annotations of a schema, claims that its examples are valid, and gives back its description.
    pub(super) fn annotations(
        &mut self,
        node: &Node<'a>,
        value: &Value,
        out: &mut Diagnostics,
    ) -> String {
        let Some(object) = node.members() else {
            return String::new();
        };
        let examples = object.get("examples").and_then(|node| node.items(out));
        let claims = examples.into_iter().flatten().map(|example| Claim {
            source: example.source(),
            schema: node.source(),
            what: "example",
            json: example.json.clone(),
            value: value.clone(),
        });
        self.claims.extend(claims);
        object.annotations(out)
    }
}
