//! What schemas say to readers: descriptions, and examples that are checked.

use serde_json::Value as Json;

use super::schema::Lowering;
use crate::diagnostic::Diagnostics;
use crate::model::{Source, Value};
use crate::read::Node;

/// A value that a schema holds beside its rules, to be judged by them when all types are known.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The schema that it stands in.
    pub(crate) schema: Source,
    /// Where in the schema it stands, as the end of a JSON pointer.
    pub(crate) place: String,
    /// What it is: `example` or `default`.
    pub(crate) what: &'static str,
    /// The value.
    pub(crate) json: Json,
    /// What it must be.
    pub(crate) value: Value,
}

impl Claim {
    /// Where it stands.
    pub(crate) fn source(&self) -> Source {
        Source {
            file: self.schema.file.clone(),
            pointer: format!("{}{}", self.schema.pointer, self.place),
        }
    }
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
        let examples = examples.into_iter().flatten().enumerate();
        let claims = examples.map(|(at, example)| Claim {
            schema: node.source(),
            place: format!("/examples/{at}"),
            what: "example",
            json: example.json.clone(),
            value: value.clone(),
        });
        self.claims.extend(claims);
        object.annotations(out)
    }
}
