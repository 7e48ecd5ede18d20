//! The Rust emitter: from the model to files of Rust source.

mod assertion;
mod borrow;
mod client;
mod cycle;
mod default;
mod docs;
mod error;
mod event;
mod expression;
mod fault;
mod file;
mod imports;
mod literal;
mod module;
mod request;
mod service;
mod shape;
mod structs;
mod subject;
mod table;
mod types;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::listen::Subjects;
use crate::model::{Kind, Name, Operation, Protocol, Shape, TypeDef};
use crate::share;

pub use imports::is_reserved;

use cycle::Cycles;
use file::File;

/// How the generated modules are placed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Path of the module that includes the generated root file, e.g. `crate` or `crate::protocol`.
    pub root: String,
    /// The schema directory as the header of each file names it, e.g. `schema`.
    pub schemas: String,
}

/// The files of `protocol`, by path below the output directory. `mod.rs` includes all others.
///
/// # Errors
/// When a type has a shape that Rust cannot express; names the type and its place in the schema.
pub fn files(protocol: &Protocol, options: &Options) -> Result<BTreeMap<String, String>, String> {
    let emitter = Emitter::new(protocol, options);
    let files = share::map(&emitter.parts(), |part| emitter.emit(part));
    files.into_iter().collect()
}

/// What becomes one file.
enum Part<'a> {
    Root,
    Subjects,
    Errors,
    Assertions,
    Document(&'a str, Document<'a>),
    Client(&'a Name),
    Service(&'a Name),
}

/// What one schema document defines.
#[derive(Default)]
struct Document<'a> {
    file: &'a str,
    operation: Option<&'a Operation>,
    types: Vec<&'a TypeDef>,
}

/// The protocol with what all files need to look up.
struct Emitter<'a> {
    protocol: &'a Protocol,
    options: &'a Options,
    types: HashMap<&'a Name, &'a TypeDef>,
    /// The types that fill a token of some subject.
    params: HashSet<&'a Name>,
    /// The operations by the role that they go to.
    operations: BTreeMap<&'a Name, Vec<&'a Operation>>,
    subjects: Subjects<'a>,
    /// The types that have a borrowed form.
    borrowed: HashSet<&'a Name>,
    cycles: Cycles<'a>,
    /// The module below the root that exports each emitted name.
    modules: HashMap<String, String>,
}

impl<'a> Emitter<'a> {
    fn new(protocol: &'a Protocol, options: &'a Options) -> Self {
        let types = protocol.types.iter().map(|def| (&def.name, def)).collect();
        let mut params = HashSet::new();
        let mut operations: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for operation in &protocol.operations {
            params.extend(operation.params.iter().map(|param| &param.ty));
            operations.entry(&operation.to).or_default().push(operation);
        }
        let mut emitter = Self {
            protocol,
            options,
            types,
            params,
            operations,
            subjects: Subjects::of(protocol),
            borrowed: borrow::borrowed(&protocol.types),
            cycles: Cycles::of(&protocol.types),
            modules: HashMap::new(),
        };
        emitter.modules = module::exports_by_name(&emitter);
        emitter
    }

    /// All files.
    fn parts(&self) -> Vec<Part<'a>> {
        let mut parts = vec![Part::Root, Part::Subjects, Part::Errors];
        if !self.protocol.assertions.is_empty() {
            parts.push(Part::Assertions);
        }
        let documents = self.documents().into_iter();
        parts.extend(documents.map(|(path, document)| Part::Document(path, document)));
        for role in self.served_roles() {
            parts.push(Part::Client(role));
            if self.requests_of(role).next().is_some() {
                parts.push(Part::Service(role));
            }
        }
        parts
    }

    /// The path and the text of one file.
    fn emit(&self, part: &Part<'_>) -> Result<(String, String), String> {
        let (path, file) = match part {
            Part::Root => return Ok(("mod.rs".to_owned(), module::root(self))),
            Part::Assertions => return Ok(("assertion.rs".to_owned(), assertion::text(self))),
            Part::Subjects => ("subject.rs".to_owned(), subject::file(self)),
            Part::Errors => ("error.rs".to_owned(), error::file(self)),
            Part::Document(path, document) => {
                (format!("{path}.rs"), document_file(self, document)?)
            }
            Part::Client(role) => (
                format!("{}/client.rs", role.snake()),
                client::file(self, role),
            ),
            Part::Service(role) => (
                format!("{}/service.rs", role.snake()),
                service::file(self, role),
            ),
        };
        Ok((path, file.render(self)))
    }

    fn ty(&self, name: &Name) -> Option<&'a TypeDef> {
        self.types.get(name).copied()
    }

    /// The name of a type's borrowed form, which its table defines, if it has one.
    fn borrowed_name(&self, def: &TypeDef) -> Option<String> {
        let tabled = matches!(
            def.shape,
            Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_)
        );
        (tabled && self.borrowed.contains(&def.name)).then(|| format!("{}Ref", def.name.pascal()))
    }

    /// The documents by their path without `.json`.
    fn documents(&self) -> BTreeMap<&'a str, Document<'a>> {
        let mut documents: BTreeMap<&str, Document<'a>> = BTreeMap::new();
        for operation in &self.protocol.operations {
            let file = operation.source.file.as_str();
            let document = documents.entry(file.trim_end_matches(".json")).or_default();
            document.file = file;
            document.operation = Some(operation);
        }
        for def in &self.protocol.types {
            let document = documents.entry(&def.module).or_default();
            document.file = &def.source.file;
            document.types.push(def);
        }
        documents
    }

    /// The roles that some operation goes to.
    fn served_roles(&self) -> impl Iterator<Item = &'a Name> {
        let roles = self.protocol.roles.iter().map(|role| &role.name);
        roles.filter(|role| self.operations_to(role).next().is_some())
    }

    fn operations_to(&self, role: &Name) -> impl Iterator<Item = &'a Operation> + use<'a, '_> {
        self.operations.get(role).into_iter().flatten().copied()
    }

    fn requests_of(&self, role: &Name) -> impl Iterator<Item = &'a Operation> + use<'a, '_> {
        self.operations_to(role)
            .filter(|operation| matches!(operation.kind, Kind::Request(_)))
    }

    /// The parameter that tells instances of `role` apart.
    fn instance(&self, role: &Name) -> Option<&'a Name> {
        self.protocol
            .roles
            .iter()
            .find(|candidate| &candidate.name == role)?
            .instance
            .as_ref()
    }
}

fn document_file(emitter: &Emitter<'_>, document: &Document<'_>) -> Result<File, String> {
    let mut file = File::of(document.file);
    for def in &document.types {
        types::items(emitter, def, &mut file)?;
        if let Some(operation) = document.operation {
            match &operation.kind {
                Kind::Request(request) if request.request == def.name => {
                    file.extend(request::items(emitter, operation, request));
                }
                Kind::Publish(message) if *message == def.name => {
                    file.extend(event::items(operation, message));
                }
                _ => {}
            }
        }
    }
    if let Some((operation, request)) = document.operation.and_then(Operation::as_request) {
        file.extend(fault::items(emitter, operation, request));
    }
    Ok(file)
}
