//! Rust: generates source files from the plan.

mod assertion;
mod borrow;
mod check;
mod client;
mod default;
pub(super) mod docs;
mod error;
mod event;
mod expression;
mod fault;
mod file;
mod http;
mod imports;
mod literal;
mod module;
mod names;
mod params;
mod request;
mod reserved;
mod service;
mod structs;
mod subject;
mod table;
mod type_parts;
mod types;
mod union;
mod value;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diagnostic::Diagnostics;
use crate::model::{Kind, Name, Shape, TypeDef};
use crate::parallel;
use crate::plan::{Document, Part, Peer, Plan};

use super::Target;
use file::File;

/// Rust as a target. `mod.rs` includes all other files. Each file finds its modules relative to its own, so any module can
/// include `mod.rs`.
pub(super) struct Rust;

impl Target for Rust {
    fn name(&self) -> &'static str {
        "Rust"
    }

    fn reserved_words(&self) -> &'static [&'static str] {
        reserved::KEYWORDS
    }

    fn reserved_types(&self) -> &'static [&'static str] {
        reserved::TYPES
    }

    fn reserved_variants(&self) -> &'static [&'static str] {
        reserved::TYPES
    }

    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics) {
        check::check(plan, out);
    }

    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String> {
        let emitter = Emitter::new(plan);
        let files = parallel::map(&plan.parts(), |part| emitter.emit(part));
        let http = || ("http.rs".to_owned(), http::file(&emitter).render());
        let http = plan.has_calls().then(http);
        let root = ("mod.rs".to_owned(), module::root(&emitter));
        files.into_iter().chain(http).chain([root]).collect()
    }
}

/// The plan, with further facts for Rust.
struct Emitter<'a> {
    plan: &'a Plan<'a>,
    /// The names of the borrowed forms, by their types.
    borrowed: HashMap<&'a Name, String>,
    /// The names of the prelude that a type of the protocol shadows.
    shadowed: HashSet<&'static str>,
    /// The folder that exports each emitted name.
    folders: HashMap<String, String>,
}

impl<'a> Emitter<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        let mut emitter = Self {
            plan,
            borrowed: names::borrowed(plan, &borrow::borrowed(&plan.protocol.types)),
            shadowed: HashSet::new(),
            folders: HashMap::new(),
        };
        emitter.folders = module::folders_by_name(&emitter);
        let prelude = reserved::PRELUDE.iter().copied();
        emitter.shadowed = prelude
            .filter(|name| emitter.folders.contains_key(*name))
            .collect();
        emitter
    }

    /// The path and the text of a file.
    fn emit(&self, part: &Part<'_>) -> (String, String) {
        let folder = |peer: &Peer<'_>| peer.role.name.snake();
        match part {
            Part::Assertions => ("assertion.rs".to_owned(), assertion::text(self)),
            Part::Subjects => ("subject.rs".to_owned(), subject::file(self).render()),
            Part::Errors => ("error.rs".to_owned(), error::file(self).render()),
            Part::Document(path, document) => {
                let file = self.document(path, document);
                (format!("{path}.rs"), file.render())
            }
            Part::Client(peer) => {
                let path = format!("{}/client.rs", folder(peer));
                (path, client::file(self, peer).render())
            }
            Part::Service(peer) => {
                let path = format!("{}/service.rs", folder(peer));
                (path, service::file(self, peer).render())
            }
        }
    }

    /// The file of a document.
    fn document(&self, path: &str, document: &Document<'_>) -> File<'_> {
        let folder = module::folder_of(path);
        let mut file = File::new(self, document.file, Some(folder));
        for def in &document.types {
            types::items(self, def, &mut file);
            let operation = document.operation;
            let operation = operation.filter(|operation| *operation.message() == def.name);
            match operation.map(|operation| (operation, &operation.kind)) {
                Some((operation, Kind::Request(request))) => {
                    file.extend(request::items(self, operation, request));
                }
                Some((operation, Kind::Publish(message))) => {
                    file.extend(event::items(self, operation, message));
                }
                None => {}
            }
        }
        if let Some(operation) = document.operation
            && let Some(request) = operation.as_request()
        {
            fault::items(self, operation, request, &mut file);
        }
        file
    }

    /// The name of a type's borrowed form, which the macro of its table defines.
    fn borrowed_name(&self, def: &TypeDef) -> Option<String> {
        let has_table = matches!(
            def.shape,
            Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_)
        );
        let name = self.borrowed.get(&def.name).filter(|_| has_table);
        name.cloned()
    }

    /// The path of a name of the prelude: the bare name, unless a type of the protocol shadows it.
    fn prelude(&self, name: &str) -> String {
        if self.shadowed.contains(name) {
            format!("rt::{name}")
        } else {
            name.to_owned()
        }
    }
}
