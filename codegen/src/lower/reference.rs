//! References between schemas: which types there are, what they are called, and which one a `$ref` means.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value as Json;

use super::document::{Document, Role};
use super::node::Node;
use crate::diagnostic::{Diagnostics, nearest, quoted};
use crate::model::Name;

/// Where types are in a document.
const DEFS: &str = "#/$defs/";

/// A type that some document defines.
#[derive(Debug)]
pub(super) struct Defined {
    /// Its name; `None` where what the document calls it is no name.
    pub(super) name: Option<Name>,
    /// What the document says of it.
    pub(super) description: String,
}

/// All types of all documents.
#[derive(Debug, Default)]
pub(super) struct References<'a> {
    /// Documents that could not be read: what refers to them is not to blame.
    broken: HashSet<&'a str>,
    documents: BTreeMap<&'a str, HashMap<&'a str, Defined>>,
}

impl<'a> References<'a> {
    /// Finds the types of these documents and names them.
    pub(super) fn new(
        parsed: &BTreeMap<&'a str, Option<Json>>,
        documents: &[Document<'a>],
        out: &mut Diagnostics,
    ) -> Self {
        let whole: HashSet<&str> = documents.iter().map(|document| document.file).collect();
        let broken = parsed
            .keys()
            .copied()
            .filter(|file| !whole.contains(file))
            .collect();
        let documents = documents
            .iter()
            .filter(|document| document.role != Role::Manifest);
        let defined = documents.map(|document| {
            let types = document.definitions(&mut Diagnostics::default());
            let types = types.into_iter().map(|(key, node)| {
                let description = node
                    .json
                    .get("description")
                    .and_then(|text| text.as_str())
                    .unwrap_or_default();
                let defined = Defined {
                    name: name(document, key, &node, out),
                    description: description.trim().to_owned(),
                };
                (key, defined)
            });
            (document.file, types.collect())
        });
        Self {
            broken,
            documents: defined.collect(),
        }
    }

    /// The type that a document defines under this key.
    pub(super) fn defined(&self, file: &str, key: &str) -> Option<&Defined> {
        self.documents.get(file)?.get(key)
    }

    /// The type that a reference means. Where there is none, that is noted.
    pub(super) fn resolve(&self, node: &Node<'_>, out: &mut Diagnostics) -> Option<&Defined> {
        let text = node.text(out)?;
        match self.find(node.file, text) {
            Ok(defined) => defined,
            Err((message, help)) => {
                out.error(node.source(), message, help);
                None
            }
        }
    }

    /// The type; `None` where its document could not be read.
    fn find(&self, from: &str, text: &str) -> Result<Option<&Defined>, (String, String)> {
        let example = "write `#/$defs/Type` or `../types/topic.json#/$defs/Type`";
        let Some((path, key)) = text.split_once(DEFS).filter(|(_, key)| !key.contains('/')) else {
            return Err((
                format!("the reference {} does not name a type", quoted(text)),
                example.to_owned(),
            ));
        };
        let Some(file) = relative(from, path) else {
            let message = format!(
                "the reference {} is not a path inside the schema directory",
                quoted(text)
            );
            return Err((message, example.to_owned()));
        };
        if self.broken.contains(&*file) {
            return Ok(None);
        }
        let Some(types) = self.documents.get(&*file) else {
            let help = match nearest(&file, self.documents.keys().copied()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => "create the document or correct the path".to_owned(),
            };
            return Err((format!("there is no document {}", quoted(&file)), help));
        };
        if file != from && !file.starts_with("types/") {
            let message = format!("{} belongs to another operation", quoted(text));
            return Err((
                message,
                "move the type to a document in `types/` and refer to it there".to_owned(),
            ));
        }
        types.get(key).map(Some).ok_or_else(|| {
            let help = match nearest(key, types.keys().copied()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => format!("define it under `$defs` of {}", quoted(&file)),
            };
            (
                format!("{} defines no type {}", quoted(&file), quoted(key)),
                help,
            )
        })
    }
}

/// The document that a relative path means, seen from another document.
fn relative(from: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            "" => return None,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The name of a type: messages of an operation carry the operation's name, all others their own.
fn name(
    document: &Document<'_>,
    key: &str,
    node: &Node<'_>,
    out: &mut Diagnostics,
) -> Option<Name> {
    if let Role::Operation(operation) = &document.role {
        match key {
            "Request" => return Some(operation.with("request")),
            "Reply" => return Some(operation.with("reply")),
            "Message" => return Some(operation.clone()),
            _ => {}
        }
    }
    let name = Name::from_pascal(key);
    if name.is_none() {
        let help = match Name::from_wire(key) {
            Some(name) => format!("call it {}", quoted(&name.pascal())),
            None => "start with a letter and use only ASCII letters and digits".to_owned(),
        };
        out.error(
            node.source(),
            format!("{} is not a type name in PascalCase", quoted(key)),
            help,
        );
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_document() {
        for (from, path, expected) in [
            ("worker/deploy.json", "", Some("worker/deploy.json")),
            (
                "worker/deploy.json",
                "../types/worker.json",
                Some("types/worker.json"),
            ),
            ("worker/deploy.json", "./x.json", Some("worker/x.json")),
            ("types/a.json", "b.json", Some("types/b.json")),
            ("worker/deploy.json", "../../x.json", None),
            ("worker/deploy.json", "/types/worker.json", None),
            ("worker/deploy.json", "https://example.com/x.json", None),
        ] {
            assert_eq!(relative(from, path).as_deref(), expected, "{path}");
        }
    }
}
