//! From documents to the model: each noun of the schemas in a file of its own.

mod array;
mod choice;
mod document;
mod keyword;
mod manifest;
mod node;
mod number;
mod object;
mod open;
mod operation;
pub(crate) mod pattern;
mod reference;
mod schema;
mod subject;
mod text;
mod timespan;

use std::collections::BTreeMap;

use serde_json::Value as Json;

pub(crate) use self::document::MANIFEST;
use self::document::{Document, Role};
pub(crate) use self::node::{Node, Object, escape, listed};
pub(crate) use self::pattern::letters;
use self::reference::References;
pub(crate) use self::schema::Claim;
use crate::diagnostic::Diagnostics;
use crate::model::{Protocol, Source};

/// What comes out of the documents.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// What was understood.
    pub(crate) protocol: Protocol,
    /// Examples and defaults, to be judged by their schemas.
    pub(crate) claims: Vec<Claim>,
}

/// Reads all documents. What is wrong is noted and left out; without a manifest there is nothing.
pub(crate) fn lower(
    parsed: &BTreeMap<&str, Option<Json>>,
    out: &mut Diagnostics,
) -> Option<Lowered> {
    let documents = document::classify(parsed, out);
    document::judge_ids(&documents, out);
    let references = References::new(parsed, &documents, out);
    let root = documents
        .iter()
        .find(|document| document.role == Role::Manifest)
        .map(|document| &document.root);
    let manifest = root.map(|root| manifest::lower(root, out));
    let mut operations = Vec::new();
    let mut types = Vec::new();
    let mut claims = Vec::new();
    for document in documents
        .iter()
        .filter(|document| document.role != Role::Manifest)
    {
        document::judge_root(document, out);
        if let (Role::Operation(name), Some(manifest)) = (&document.role, &manifest) {
            let lowering = operation::Lowering {
                manifest,
                references: &references,
            };
            operations.extend(lowering.lower(document, name, out));
        }
        let (found, claimed) = definitions(document, &references, out);
        types.extend(found);
        claims.extend(claimed);
    }
    let Some(manifest) = manifest else {
        absent(parsed, out);
        return None;
    };
    operations.sort_by(|one, other| (&one.to, &one.name).cmp(&(&other.to, &other.name)));
    open::mark(&operations, &mut types);
    let manifest::Manifest {
        name,
        version,
        description,
        prefix,
        roles,
        errors,
        ..
    } = manifest;
    let protocol = Protocol {
        name,
        version,
        description,
        prefix,
        roles,
        errors,
        operations,
        types,
        rules: Vec::new(),
        resources: Vec::new(),
    };
    Some(Lowered { protocol, claims })
}

/// The types of one document.
fn definitions(
    document: &Document<'_>,
    references: &References<'_>,
    out: &mut Diagnostics,
) -> (Vec<crate::model::TypeDef>, Vec<Claim>) {
    let mut module = schema::Module {
        references,
        path: document.module(),
        types: Vec::new(),
        claims: Vec::new(),
    };
    for (key, node) in document.definitions(out) {
        module.define(key, &node, out);
    }
    (module.types, module.claims)
}

/// Notes that there is no manifest, unless it is there and was noted as broken.
fn absent(parsed: &BTreeMap<&str, Option<Json>>, out: &mut Diagnostics) {
    let noted = out
        .as_slice()
        .iter()
        .any(|diagnostic| diagnostic.file == document::MANIFEST);
    if !noted && !parsed.contains_key(document::MANIFEST) {
        let source = Source {
            file: document::MANIFEST.to_owned(),
            pointer: String::new(),
        };
        let help = "write `manifest.json` with name, version, prefix, roles and errors";
        out.error(source, "there is no manifest", help);
    }
}
