//! Lowers documents to the model; each file handles a single noun of the schemas.

mod additional;
mod annotation;
mod array;
mod assertion;
mod choice;
mod default;
mod dependent;
mod document;
mod example;
mod free;
mod http;
mod json_types;
mod keyword;
mod kind;
mod lint;
mod manifest;
mod member;
mod merge;
mod meta;
mod number;
mod object;
mod open;
mod operation;
pub mod pattern;
mod place;
mod reach;
mod reference;
mod schema;
mod subject;
mod taken;
mod text;
mod timespan;
mod union;
mod unit;
mod untagged;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value as Json;

use self::document::{Document, Role};
pub(crate) use self::example::Examples;
use self::manifest::Manifest;
use self::meta::MetaValidator;

pub(crate) use self::assertion::Assertions;
pub(crate) use self::pattern::CharacterSet;
pub use self::pattern::characters;
use self::place::Places;
use self::schema::Lowering;
pub(crate) use self::subject::is_plain;
use self::taken::Taken;
use crate::diagnostic::{Code, Diagnostics, Level};
use crate::model::{Operation, Protocol, Source};
use crate::read::{Contents, Formats, MANIFEST, Node};
use crate::schema::reference::References;
use crate::target::Language;
use crate::validator::Memory;

/// The result of lowering.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// The model, without the parts that have errors.
    pub(crate) protocol: Protocol,
    /// Examples and defaults.
    pub(crate) examples: Examples,
    /// The languages of the manifest.
    pub(crate) languages: BTreeSet<Language>,
    /// The keywords of other tools that the manifest lists.
    pub(crate) annotations: BTreeSet<String>,
    /// Lint levels of the manifest.
    pub(crate) levels: BTreeMap<Code, Level>,
}

/// Lowers all documents. Parts with errors are reported and left out. Returns `None` without a manifest.
pub(crate) fn lower(
    parsed: &BTreeMap<&str, Option<Json>>,
    contents: Contents,
    formats: Formats,
    out: &mut Diagnostics,
) -> Option<Lowered> {
    let documents = document::classify(parsed, contents, out);
    let is_manifest = |document: &&Document<'_>| document.role == Role::Manifest;
    let root = documents.iter().find(is_manifest);
    let root = root.map(|document| &document.root);
    let memory = Memory::default();
    let meta = MetaValidator::new(&memory);
    let manifest = match contents {
        Contents::Protocol => root.map(|root| manifest::lower(root, &meta, out)),
        Contents::Types => Some(Manifest::types()),
    };
    let roles = manifest.iter().flat_map(|manifest| &manifest.roles);
    let taken = Taken::new(&documents, roles.map(|role| &role.name));
    let (places, types) = Places::new(&documents, taken, out);
    let references = References::new(parsed, out);
    let mut lowering = Lowering::new(parsed, places, &references, formats);
    let mut operations = operations(&documents, manifest.as_ref(), &meta, &mut lowering, out);
    define_all(&mut lowering, &types, out);
    let Some(manifest) = manifest else {
        absent(parsed, out);
        return None;
    };
    let Lowering {
        assertions,
        mut types,
        examples,
        constants,
        searching,
        ..
    } = lowering;
    types.sort_by(|one, other| one.module.cmp(&other.module));
    additional::flatten_below(&searching, &mut types);
    default::keep_absent(&searching, &mut types);
    open::mark(&operations, &constants, &mut types);
    http::list_members(&mut operations, &types);
    member::rename(&mut types, out);
    let asserted = types.iter().filter_map(|ty| ty.assertion.as_ref());
    let (assertions, resources) = assertions.finish(asserted);
    let protocol = Protocol {
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        prefix: manifest.prefix,
        roles: manifest.roles,
        errors: manifest.errors,
        error_form: manifest.error_form,
        operations,
        types,
        assertions,
        resources,
    };
    Some(Lowered {
        protocol,
        examples: Examples::lower(examples, &references, formats),
        languages: manifest.languages,
        annotations: manifest.annotations,
        levels: manifest.levels,
    })
}

impl<'a> Lowering<'a> {
    fn new(
        parsed: &'a BTreeMap<&'a str, Option<Json>>,
        places: Places<'a>,
        references: &'a References<'a>,
        formats: Formats,
    ) -> Self {
        Self {
            parsed,
            places,
            references,
            assertions: Assertions::new(references, formats),
            formats,
            types: Vec::new(),
            examples: Vec::new(),
            constants: HashSet::new(),
            searching: HashSet::new(),
        }
    }
}

/// Defines these types, and the types that they contain.
fn define_all<'a>(lowering: &mut Lowering<'a>, types: &[Node<'a>], out: &mut Diagnostics) {
    for node in types {
        lowering.define(node, out);
    }
    while let Some(node) = lowering.places.next() {
        lowering.define(&node, out);
    }
    lowering.places.report(out);
}

/// The operations, sorted by role served and then by name.
fn operations<'a>(
    documents: &[Document<'a>],
    manifest: Option<&Manifest>,
    meta: &MetaValidator<'_>,
    lowering: &mut Lowering<'a>,
    out: &mut Diagnostics,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    for document in documents {
        if document.role == Role::Manifest {
            continue;
        }
        document::judge_root(document, out);
        if let (Role::Operation(name), Some(manifest)) = (&document.role, manifest) {
            let mut reading = operation::Reading {
                manifest,
                meta,
                lowering,
            };
            operations.extend(reading.lower(document, name, out));
        }
    }
    operations.sort_by(|one, other| (&one.to, &one.name).cmp(&(&other.to, &other.name)));
    operations
}

/// Reports a missing manifest. A manifest that could not be parsed has been reported already.
fn absent(parsed: &BTreeMap<&str, Option<Json>>, out: &mut Diagnostics) {
    let noted = out
        .as_slice()
        .iter()
        .any(|diagnostic| diagnostic.file == MANIFEST);
    if !noted && !parsed.contains_key(MANIFEST) {
        let source = Source {
            file: MANIFEST.to_owned(),
            pointer: String::new(),
        };
        let help = "create `manifest.json` with name, version, prefix, roles and errors";
        out.report(Code::MissingManifest, source, "there is no manifest", help);
    }
}
