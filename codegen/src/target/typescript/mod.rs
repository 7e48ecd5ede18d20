//! TypeScript: generates source files from the plan.

mod assertion;
mod check;
mod client;
mod code;
mod docs;
mod error;
mod fault;
mod file;
mod index;
mod literal;
mod names;
mod operation;
mod reserved;
mod service;
mod structs;
mod subject;
mod types;
mod union;
mod value;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diagnostic::Diagnostics;
use crate::model::{Name, Shape, Tagging, Union, Value};
use crate::parallel;
use crate::plan::{Document, Part, Plan};

use super::Target;
use file::File;

/// TypeScript as a target. `index.ts` exports all names of the other files.
pub(super) struct TypeScript;

impl Target for TypeScript {
    fn name(&self) -> &'static str {
        "TypeScript"
    }

    fn reserved_words(&self) -> &'static [&'static str] {
        // Members and methods can have any name; `check` reports the arguments that cannot.
        &[]
    }

    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics) {
        check::check(plan, out);
    }

    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String> {
        let emitter = Emitter::new(plan);
        let files = parallel::map(&plan.parts(), |part| emitter.emit(part));
        let index = ("index.ts".to_owned(), index::text(&emitter));
        files.into_iter().chain([index]).collect()
    }
}

/// The plan, with further facts for TypeScript.
struct Emitter<'a> {
    plan: &'a Plan<'a>,
    /// The file that exports each name, without its extension.
    paths: HashMap<String, String>,
    /// The types of the members that tell the variants of a union apart.
    tags: HashSet<&'a Name>,
}

impl<'a> Emitter<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Self {
            plan,
            paths: index::paths_by_name(plan),
            tags: tags(plan),
        }
    }

    /// The path and the text of a file.
    fn emit(&self, part: &Part<'_>) -> (String, String) {
        let (path, text) = match part {
            Part::Assertions => ("assertion".to_owned(), assertion::file(self).render()),
            Part::Subjects => ("subject".to_owned(), subject::text(self)),
            Part::Errors => ("error".to_owned(), error::file(self).render()),
            Part::Document(path, document) => {
                ((*path).to_owned(), self.document(path, document).render())
            }
            Part::Client(peer) => (index::client(peer), client::file(self, peer).render()),
            Part::Service(peer) => (index::service(peer), service::file(self, peer).render()),
        };
        (format!("{path}.ts"), text)
    }

    /// The file of a document.
    fn document(&self, path: &str, document: &Document<'_>) -> File<'_> {
        let mut file = File::new(self, path, document.file);
        for def in &document.types {
            types::items(&mut file, def);
        }
        if let Some(operation) = document.operation {
            operation::items(&mut file, operation);
        }
        file
    }

    /// The type of a promise. If the protocol has a type of that name, it is the runtime's alias.
    fn promise(&self) -> &'static str {
        if self.paths.contains_key("Promise") {
            "rt.Async"
        } else {
            "Promise"
        }
    }
}

/// The types of the tag members of all unions. They have a single value, also in messages of newer peers.
fn tags<'a>(plan: &Plan<'a>) -> HashSet<&'a Name> {
    let mut tags = HashSet::new();
    for def in &plan.protocol.types {
        let Shape::Union(Union {
            tagging: Tagging::Member(tag),
            variants,
        }) = &def.shape
        else {
            continue;
        };
        for value in variants.iter().filter_map(|variant| variant.value.as_ref()) {
            let Value::Named(name) = value else { continue };
            let Some(Shape::Struct(shape)) = plan.get(name).map(|def| &def.shape) else {
                continue;
            };
            let field = shape.fields.iter().find(|field| field.key == *tag);
            if let Some(Value::Named(name)) = field.map(|field| &field.value) {
                tags.insert(name);
            }
        }
    }
    tags
}
