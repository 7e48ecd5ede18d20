//! Python: generates modules from the plan.

mod assertion;
mod check;
mod client;
mod cycle;
mod docs;
mod error;
mod event;
mod expression;
mod fault;
mod file;
mod function;
mod imports;
mod literal;
mod module;
mod params;
mod request;
mod reserved;
mod service;
mod structs;
mod subject;
mod subscriber;
mod types;
mod union;
mod value;

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::Diagnostics;
use crate::model::Kind;
use crate::parallel;
use crate::plan::{Document, Part, Peer, Plan};

use super::Target;
use file::File;

/// Python as a target. The output directory is a package. All imports inside it are relative, so it can have any name.
pub(super) struct Python;

impl Target for Python {
    fn name(&self) -> &'static str {
        "Python"
    }

    fn reserved_words(&self) -> &'static [&'static str] {
        reserved::KEYWORDS
    }

    fn reserved_types(&self) -> &'static [&'static str] {
        reserved::TYPES
    }

    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics) {
        check::check(plan, out);
    }

    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String> {
        let emitter = Emitter::new(plan);
        let files = parallel::map(&plan.parts(), |part| emitter.emit(part));
        files.into_iter().chain(emitter.others()).collect()
    }
}

/// The plan, with the module of each name.
struct Emitter<'a> {
    plan: &'a Plan<'a>,
    /// The names of each module, by folder.
    folders: module::Folders,
    /// The classes of variants.
    variants: module::VariantClasses<'a>,
    /// The folder and the module that define each name of the protocol.
    modules: HashMap<String, (String, String)>,
    cycles: cycle::Cycles<'a>,
}

impl<'a> Emitter<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        let variants = module::variant_classes(plan);
        let folders = module::folders(plan, &variants);
        Self {
            plan,
            variants,
            modules: module::modules_by_name(&folders),
            cycles: cycle::Cycles::of(plan),
            folders,
        }
    }

    /// The files that only Python has: a module per folder, and the subscribers of each role.
    fn others(&self) -> impl Iterator<Item = (String, String)> {
        let root = ("__init__.py".to_owned(), module::root(self));
        let folders = self.folders.keys().map(|folder| {
            let path = format!("{folder}/__init__.py");
            (path, module::folder(self, folder))
        });
        let peers = self.plan.peers.iter().filter(|peer| peer.has_subscriber());
        let subscribers = peers.map(|peer| {
            let text = subscriber::file(self, peer).render();
            (in_role(peer, "subscriber"), text)
        });
        [root].into_iter().chain(folders).chain(subscribers)
    }

    /// The path and the text of a file.
    fn emit(&self, part: &Part<'_>) -> (String, String) {
        match part {
            Part::Assertions => ("assertion.py".to_owned(), assertion::file(self).render()),
            Part::Subjects => ("subject.py".to_owned(), subject::file(self).render()),
            Part::Errors => ("error.py".to_owned(), error::file(self).render()),
            Part::Document(path, document) => {
                let (folder, file) = module::place(path);
                let text = self.document(path, document).render();
                (format!("{folder}/{file}.py"), text)
            }
            Part::Client(peer) => (in_role(peer, "client"), client::file(self, peer).render()),
            Part::Service(peer) => (in_role(peer, "service"), service::file(self, peer).render()),
        }
    }

    /// The file of a document.
    fn document(&self, path: &str, document: &Document<'_>) -> File<'_> {
        let (folder, _) = module::place(path);
        let summary = docs::document(document);
        let mut file = File::new(self, document.file, Some(&folder), &summary);
        path.clone_into(&mut file.path);
        for def in types::in_order(&self.cycles, document) {
            types::item(&mut file, def);
        }
        let Some(operation) = document.operation else {
            return file;
        };
        match &operation.kind {
            Kind::Request(request) => {
                fault::item(&mut file, operation, request);
                request::items(&mut file, operation, request);
            }
            Kind::Publish(message) => event::items(&mut file, operation, message),
        }
        file
    }
}

/// The path of a file in the folder of a role.
fn in_role(peer: &Peer<'_>, file: &str) -> String {
    format!("{}/{file}.py", peer.role.name.snake())
}
