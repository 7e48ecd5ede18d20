//! Annotations of schemas: descriptions, and the examples that are validated later.

use super::example::{Example, ExampleKind};
use super::schema::Lowering;
use crate::diagnostic::Diagnostics;
use crate::read::Node;

impl<'a> Lowering<'a> {
    /// The description of the type that a schema refers to.
    pub(super) fn target_description(&self, node: &Node<'a>) -> String {
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

    /// Checks the annotations of a schema, collects its examples, and returns its description.
    pub(super) fn annotations(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> String {
        let Some(object) = node.members() else {
            return String::new();
        };
        let examples = object.get("examples").and_then(|node| node.items(out));
        let examples = examples.into_iter().flatten().enumerate();
        let examples = examples.map(|(at, example)| Example {
            schema: node.source(),
            place: format!("/examples/{at}"),
            kind: ExampleKind::Example,
            json: example.json.clone(),
        });
        self.examples.extend(examples);
        object.annotations(out)
    }
}
