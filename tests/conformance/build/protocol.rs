//! The schema of a group as a protocol of its own.

use std::collections::BTreeMap;

use natsgen::model::Protocol;
use natsgen::{Formats, Language, Schemas};

use crate::group::{Group, Section};
use crate::remote::{self, Remote};
use crate::schema::{is_boolean, with};

/// The smallest manifest that natsgen accepts.
const MANIFEST: &str = r#"{"name": "conformance", "version": "0.1.0",
    "description": "A group of the official test suite.", "prefix": "conformance",
    "roles": {"reader": {"description": "Validates instances."}}}"#;
/// The document with the schema of the group.
const DOCUMENT: &str = "types/instance.json";
/// The pointer to a schema that is not an object: such a schema cannot be a document itself.
const BOOLEAN: &str = "/$defs/instance";

/// The generated code of a group.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The Rust files by path.
    pub(crate) files: BTreeMap<String, String>,
    /// The path of the schema's type below the root module.
    pub(crate) path: String,
}

/// Runs natsgen on a group.
///
/// # Errors
/// The errors of natsgen for the schema.
pub(crate) fn generate(group: &Group, remotes: &[Remote]) -> Result<Generated, String> {
    let formats = match group.section {
        Section::Required | Section::Optional => Formats::Annotate,
        Section::Format => Formats::Assert,
    };
    let schemas = Schemas::from_texts(texts(group, remotes)).formats(formats);
    let (protocol, _) = natsgen::compile(&schemas).map_err(|found| reasons(&found))?;
    let path = path(&protocol).ok_or("the schema yields no type")?;
    let files = natsgen::emit(Language::Rust, &protocol, schemas.directory());
    Ok(Generated { files, path })
}

/// The documents of the protocol.
fn texts(group: &Group, remotes: &[Remote]) -> Vec<(String, String)> {
    let schema = group.described.schema.get();
    let text = if is_boolean(schema) {
        format!("{{\"$defs\":{{\"instance\":{schema}}}}}")
    } else {
        schema.to_owned()
    };
    let document = with(&text, "$schema", group.draft.dialect);
    let mut texts = vec![
        ("manifest.json".to_owned(), MANIFEST.to_owned()),
        (DOCUMENT.to_owned(), document),
    ];
    let remotes = remote::needed(schema, remotes);
    for (number, text) in remotes.iter().flat_map(|remote| &remote.texts).enumerate() {
        texts.push((format!("types/remote_{number}.json"), text.clone()));
    }
    texts
}

/// The path of the type of the group's schema.
fn path(protocol: &Protocol) -> Option<String> {
    let def = protocol.types.iter().find(|def| {
        def.source.file == DOCUMENT && ["", BOOLEAN].contains(&def.source.pointer.as_str())
    })?;
    Some(format!("types::{}", def.name.pascal()))
}

/// The errors in a single line.
fn reasons(found: &natsgen::Diagnostics) -> String {
    let errors = found.as_slice().iter();
    let errors = errors.filter(|found| found.severity == natsgen::Severity::Error);
    let lines: Vec<_> = errors
        .map(|found| format!("{}#{}: {}", found.file, found.pointer, found.message))
        .collect();
    lines.join("; ")
}
