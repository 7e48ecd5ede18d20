//! Go: generates source files from the plan, with a package for each folder.

mod assertion;
mod check;
mod client;
mod default;
mod docs;
mod fault;
mod file;
mod literal;
pub(super) mod names;
mod operation;
mod params;
mod reserved;
mod service;
mod structs;
mod subject;
mod type_parts;
mod types;
mod union;
mod value;

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::model::{Kind, Name};
use crate::parallel;
use crate::plan::{Document, Part, Plan};

use super::Target;
use file::File;

/// The folder of shared types.
const TYPES: &str = "types";
/// The folder of the error catalogue, and its package.
const FAULTS: &str = "fault";
/// The folder of subject templates, and its package.
const SUBJECTS: &str = "subject";
/// The folder of assertions.
const ASSERTIONS: &str = "internal/assertions";

/// Go as a target.
pub(super) struct Go;

impl Target for Go {
    fn name(&self) -> &'static str {
        "Go"
    }

    /// Exported names begin with a capital letter, so no operation and no field has the name of a keyword. The check of
    /// the target reports the keywords among roles and parameters.
    fn reserved_words(&self) -> &'static [&'static str] {
        &[]
    }

    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics) {
        check::check(plan, out);
    }

    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String> {
        let emitter = Emitter { plan };
        let files = parallel::map(&plan.parts(), |part| emitter.emit(part));
        files.into_iter().collect()
    }
}

/// Writes the files of the plan.
struct Emitter<'a> {
    plan: &'a Plan<'a>,
}

impl Emitter<'_> {
    /// The path and the text of a file.
    fn emit(&self, part: &Part<'_>) -> (String, String) {
        match part {
            Part::Subjects => (path(SUBJECTS, "subject"), subject::file(self)),
            Part::Errors => (path(FAULTS, "fault"), fault::file(self)),
            Part::Assertions => (path(ASSERTIONS, "assertions"), assertion::file(self)),
            Part::Document(document_path, document) => {
                let stem = document_path
                    .rsplit_once('/')
                    .map_or(*document_path, |(_, stem)| stem);
                let path = path(&folder_of(document_path), stem);
                (path, self.document(document_path, document))
            }
            Part::Client(peer) => {
                let path = path(&peer.role.name.snake(), "client");
                (path, client::file(self, peer))
            }
            Part::Service(peer) => {
                let path = path(&peer.role.name.snake(), "service");
                (path, service::file(self, peer))
            }
        }
    }

    /// The file of a document.
    fn document(&self, path: &str, document: &Document<'_>) -> String {
        let folder = folder_of(path);
        let mut file = File::new(self, &folder, document.file);
        for def in &document.types {
            types::items(&mut file, def);
        }
        if let Some(operation) = document.operation {
            match &operation.kind {
                Kind::Request(request) => operation::request(&mut file, operation, request),
                Kind::Publish(message) => operation::event(&mut file, operation, message),
            }
        }
        let documents = self.plan.documents.keys();
        let mut documents = documents.filter(|other| folder_of(other) == folder);
        let is_first = documents.next().is_some_and(|first| *first == path);
        file.render(if is_first && folder == TYPES {
            TYPES_DOC
        } else {
            ""
        })
    }

    /// The folder of a type.
    fn folder_of_type(&self, name: &Name) -> String {
        let def = self.plan.get(name);
        def.map_or_else(String::new, |def| folder_of(&def.module))
    }
}

const TYPES_DOC: &str = "Package types contains the types that several operations share.";

/// The folder of a document; the documents beside the manifest are in the folder of shared types.
fn folder_of(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or(TYPES, |(folder, _)| folder);
    folder.to_owned()
}

fn path(folder: &str, stem: &str) -> String {
    format!("{}/{}", file::directory(folder), names::file(stem))
}
