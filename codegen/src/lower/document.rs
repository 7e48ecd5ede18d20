//! Documents: the kind of each file, and the members at the root of each document.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Source};
use crate::read::{Contents, MANIFEST, Node, Object};
use crate::schema::dialect::DIALECT;

/// Members that contain the type definitions of a document.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// The members at the root of a document that are not part of a schema.
const ROOT: [&str; 12] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$comment",
    "title",
    "description",
    "deprecated",
    "x-http",
    "x-nats",
    "$defs",
    "definitions",
];

/// The members of a schema that is not an object.
static NOTHING: LazyLock<Map<String, Json>> = LazyLock::new(Map::new);

/// The kind of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `manifest.json`.
    Manifest,
    /// `<role>/<operation>.json`, with the name of the operation.
    Operation(Name),
    /// `types/<topic>.json`.
    Types,
}

/// A document of the schema directory.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) file: &'a str,
    pub(super) role: Role,
    pub(super) node: Node<'a>,
    /// The members. A root schema that is `true` or `false` has no members.
    pub(super) root: Object<'a>,
}

impl<'a> Document<'a> {
    /// The name of the document: its operation or its topic.
    pub(super) fn name(&self) -> Option<Name> {
        match &self.role {
            Role::Manifest => None,
            Role::Operation(name) => Some(name.clone()),
            Role::Types => Some(Name::of(
                self.file.strip_suffix(".json")?.rsplit('/').next()?,
            )),
        }
    }

    /// Whether the root of the document is itself a schema, and not only a container of definitions.
    pub(super) fn is_schema(&self) -> bool {
        let says = |key: &str| !ROOT.contains(&key);
        let defines = DEFINITIONS
            .iter()
            .any(|key| self.root.members.contains_key(*key));
        self.role == Role::Types && (!defines || self.root.members.keys().any(|key| says(key)))
    }

    /// The definitions of the document with their keys, in document order.
    pub(super) fn definitions(&self, out: &mut Diagnostics) -> Vec<(&'a str, Node<'a>)> {
        let nodes = DEFINITIONS.iter().filter_map(|key| self.root.get(key));
        let objects = nodes.filter_map(|node| node.object(out));
        objects.flat_map(|object| object.entries()).collect()
    }
}

/// Classifies the files by their paths. Reports and skips files of no known kind.
pub(super) fn classify<'a>(
    parsed: &'a BTreeMap<&'a str, Option<Json>>,
    contents: Contents,
    out: &mut Diagnostics,
) -> Vec<Document<'a>> {
    let documents = parsed.iter().filter_map(|(file, json)| {
        let json = json.as_ref()?;
        let node = Node {
            file,
            pointer: String::new(),
            json,
        };
        let role = role(file, contents, out)?;
        let root = match json {
            Json::Bool(_) if role == Role::Types => Object {
                node: node.clone(),
                members: &NOTHING,
            },
            _ => node.object(out)?,
        };
        Some(Document {
            file,
            role,
            node,
            root,
        })
    });
    documents.collect()
}

fn role(file: &str, contents: Contents, out: &mut Diagnostics) -> Option<Role> {
    match (file, contents) {
        (MANIFEST, Contents::Protocol) => return Some(Role::Manifest),
        (MANIFEST, Contents::Types) => {
            let message = "a manifest describes a protocol, not only types";
            let help = "leave `--types-only` out, or rename the schema";
            out.report(Code::UnknownDocument, root_of(file), message, help);
            return None;
        }
        (_, Contents::Types) => return Some(Role::Types),
        (_, Contents::Protocol) => {}
    }
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let parts: Vec<&str> = stem.split('/').collect();
    let names: Vec<Option<Name>> = parts.iter().map(|part| Name::from_snake(part)).collect();
    let (code, message, help) = match (&parts[..], &names[..]) {
        (["types", _], _) => return Some(Role::Types),
        ([_, _], [Some(_), Some(name)]) => return Some(Role::Operation(name.clone())),
        ([_, _], _) => (
            Code::InvalidName,
            format!("the path {} is not in snake_case", quoted(file)),
            "rename the file after its operation, e.g. `worker/inject_batch.json`",
        ),
        _ => (
            Code::UnknownDocument,
            format!(
                "{} is neither the manifest nor an operation nor a document of types",
                quoted(file)
            ),
            "move operations to `<role>/<operation>.json` and types to `types/<topic>.json`",
        ),
    };
    out.report(code, root_of(file), message, help);
    None
}

/// The root of a document.
fn root_of(file: &str) -> Source {
    Source {
        file: file.to_owned(),
        pointer: String::new(),
    }
}

/// Validates the root members of a schema document.
pub(super) fn judge_root(document: &Document<'_>, out: &mut Diagnostics) {
    let root = &document.root;
    for (key, node) in root.entries() {
        let help = match (key, &document.role) {
            ("x-http" | "x-nats", Role::Types) => {
                "move the operation to a document in the folder of its role"
            }
            (_, Role::Types) => continue,
            _ if ROOT.contains(&key) => continue,
            _ => "move schemas to `$defs` and members of the operation to `x-nats`",
        };
        let message = format!("{} has no effect at the root of a document", quoted(key));
        out.report(Code::MisplacedKeyword, node.source(), message, help);
    }
    for key in ["title", "$comment"] {
        root.text(key, out);
    }
    root.get("deprecated").and_then(|node| node.boolean(out));
    if document.node.json.is_boolean() {
        return;
    }
    if root.get("$schema").is_none() {
        let message = "`$schema` is missing, so the document is read as 2020-12";
        let help = format!("write `\"$schema\": \"{DIALECT}\"`");
        out.report(Code::MissingDialect, root.node.source(), message, help);
    }
}
