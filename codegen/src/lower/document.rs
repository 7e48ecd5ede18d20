//! Documents: which file is what, and what every one of them has at its root.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::node::{Node, Object};
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{Name, Source};

/// File of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The dialect that documents are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// What may stand at the root of a document.
const ROOT: [&str; 7] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "x-nats",
    "$defs",
];

/// What a document is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `manifest.json`.
    Manifest,
    /// `<role>/<operation>.json`; holds the name of the operation.
    Operation(Name),
    /// `types/<topic>.json`.
    Types,
}

/// A document of the schema directory.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) file: &'a str,
    pub(super) role: Role,
    pub(super) root: Object<'a>,
}

impl<'a> Document<'a> {
    /// Path of the document without `.json`.
    pub(super) fn module(&self) -> &'a str {
        self.file.strip_suffix(".json").unwrap_or(self.file)
    }

    /// The types of the document by their keys, in its order.
    pub(super) fn definitions(&self, out: &mut Diagnostics) -> Vec<(&'a str, Node<'a>)> {
        let definitions = self.root.get("$defs").and_then(|node| node.object(out));
        definitions
            .map(|definitions| definitions.entries().collect())
            .unwrap_or_default()
    }
}

/// Sorts out what the files are; those that are nothing are noted and left out.
pub(super) fn classify<'a>(
    parsed: &'a BTreeMap<&'a str, Option<Json>>,
    out: &mut Diagnostics,
) -> Vec<Document<'a>> {
    let documents = parsed.iter().filter_map(|(file, json)| {
        let json = json.as_ref()?;
        let node = Node {
            file,
            pointer: String::new(),
            json,
        };
        let role = role(file, out)?;
        let root = node.object(out)?;
        Some(Document { file, role, root })
    });
    documents.collect()
}

fn role(file: &str, out: &mut Diagnostics) -> Option<Role> {
    if file == MANIFEST {
        return Some(Role::Manifest);
    }
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let parts: Vec<&str> = stem.split('/').collect();
    let names: Vec<Option<Name>> = parts.iter().map(|part| Name::from_snake(part)).collect();
    let (message, help) = match (&parts[..], &names[..]) {
        (["types", _], [_, Some(_)]) => return Some(Role::Types),
        ([_, _], [Some(_), Some(name)]) => return Some(Role::Operation(name.clone())),
        ([_, _], _) => (
            format!(
                "the path {} is not made of names in snake_case",
                quoted(file)
            ),
            "rename it, e.g. `worker/inject_batch.json`; the file is called like its operation",
        ),
        _ => (
            format!(
                "{} is neither the manifest nor an operation nor a document of types",
                quoted(file)
            ),
            "operations stand in `<role>/<operation>.json`, types in `types/<topic>.json`",
        ),
    };
    out.error(
        Source {
            file: file.to_owned(),
            pointer: String::new(),
        },
        message,
        help,
    );
    None
}

/// Judges what every schema document has at its root.
pub(super) fn judge_root(document: &Document<'_>, out: &mut Diagnostics) {
    let root = &document.root;
    for (key, node) in root.entries() {
        let help = match key {
            "x-nats" if document.role == Role::Types => {
                "an operation has a document of its own in its role's folder"
            }
            "definitions" => "2020-12 calls it `$defs`",
            _ if ROOT.contains(&key) => continue,
            _ => "write schemas under `$defs` and annotations of the operation under `x-nats`",
        };
        out.error(
            node.source(),
            format!("{} does not belong at the root of a document", quoted(key)),
            help,
        );
    }
    for key in ["title", "$comment"] {
        root.text(key, out);
    }
    let help = format!("write `\"$schema\": \"{DIALECT}\"`");
    if let Some(node) = root.require("$schema", &help, out)
        && node.text(out).is_some_and(|dialect| dialect != DIALECT)
    {
        out.error(
            node.source(),
            "the document is written in another dialect",
            help,
        );
    }
}

/// Judges that every `$id` agrees with the document's place, so that other tools resolve references as we do.
pub(super) fn judge_ids(documents: &[Document<'_>], out: &mut Diagnostics) {
    let mut first: Option<(&str, &str)> = None;
    for document in documents
        .iter()
        .filter(|document| document.role != Role::Manifest)
    {
        let Some(node) = document.root.get("$id") else {
            continue;
        };
        let Some(id) = node.text(out) else { continue };
        let Some(base) = id
            .strip_suffix(document.file)
            .filter(|base| base.ends_with('/'))
        else {
            let message = format!(
                "the `$id` {} does not end in the document's path",
                quoted(id)
            );
            out.error(
                node.source(),
                message,
                format!("let it end in `/{}`", document.file),
            );
            continue;
        };
        match first {
            None => first = Some((base, document.file)),
            Some((other, file)) if other != base => {
                let message = format!(
                    "the `$id` stands below {}, that of {} below {}",
                    quoted(base),
                    quoted(file),
                    quoted(other)
                );
                out.error(
                    node.source(),
                    message,
                    "let every `$id` start alike; references between documents are relative",
                );
            }
            Some(_) => {}
        }
    }
}
