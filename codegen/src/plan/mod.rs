//! The plan: the facts about a protocol that every output needs, computed once.
//!
//! The plan contains no programming language. Names are word lists, and each target chooses their case. Sentences are
//! plain English.

mod cycle;
mod names;
mod part;
pub(crate) mod sentences;
mod subscription;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{ErrorKind, Kind, Name, Operation, Param, Protocol, Request, Role, TypeDef};
use crate::read::MANIFEST;

pub(crate) use cycle::rings;
pub(crate) use names::{
    additional_members, client, companions_of_operation, companions_of_role, fault, filter, params,
    server, service, subscribe, subscriber,
};
pub(crate) use part::Part;
pub(crate) use subscription::Subscription;

use cycle::Cycles;
use subscription::Subjects;

/// The facts about a protocol that every output needs.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) protocol: &'a Protocol,
    /// The schema directory, as generated files name it.
    pub(crate) directory: &'a str,
    /// The import path of the output directory, for languages whose files import each other by such a path.
    pub(crate) import_path: &'a str,
    /// The documents with definitions, by their path without `.json`.
    pub(crate) documents: BTreeMap<&'a str, Document<'a>>,
    /// The roles that serve or receive operations, sorted by name.
    pub(crate) peers: Vec<Peer<'a>>,
    pub(crate) cycles: Cycles<'a>,
    types: HashMap<&'a Name, &'a TypeDef>,
    errors: HashMap<&'a Name, &'a ErrorKind>,
    /// The types of subject parameters.
    tokens: HashSet<&'a Name>,
}

/// The definitions of a schema document.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    /// The path of the document below the schema directory.
    pub(crate) file: &'a str,
    pub(crate) operation: Option<&'a Operation>,
    pub(crate) types: Vec<&'a TypeDef>,
}

/// A role that serves or receives operations. It has a client, and a service if an operation is a request.
#[derive(Debug)]
pub(crate) struct Peer<'a> {
    pub(crate) role: &'a Role,
    pub(crate) operations: Vec<&'a Operation>,
    /// The subscriptions of a server of the role.
    pub(crate) subscriptions: Vec<Subscription>,
}

impl<'a> Plan<'a> {
    /// Plans the outputs of `protocol` with the schema directory `directory`.
    pub(crate) fn new(protocol: &'a Protocol, directory: &'a str) -> Self {
        let operations = protocol.operations.iter();
        let tokens =
            operations.flat_map(|operation| operation.params.iter().map(|param| &param.ty));
        Self {
            protocol,
            directory,
            import_path: "",
            documents: documents(protocol),
            peers: peers(protocol),
            cycles: Cycles::of(&protocol.types),
            types: protocol.types.iter().map(|def| (&def.name, def)).collect(),
            errors: protocol
                .errors
                .iter()
                .map(|kind| (&kind.code, kind))
                .collect(),
            tokens: tokens.collect(),
        }
    }

    /// The same plan with an import path of the output directory.
    pub(crate) fn import_path(mut self, import_path: &'a str) -> Self {
        self.import_path = import_path;
        self
    }

    /// Whether the protocol has subjects and errors, and not only types.
    pub(crate) fn has_calls(&self) -> bool {
        !self.protocol.prefix.is_empty()
    }

    /// The document that defines the whole protocol, as headers of generated files name it.
    pub(crate) fn root(&self) -> &'static str {
        if self.has_calls() { MANIFEST } else { "*.json" }
    }

    /// The type of this name.
    pub(crate) fn get(&self, name: &Name) -> Option<&'a TypeDef> {
        self.types.get(name).copied()
    }

    /// The entries of the error catalogue that a request declares, in its order.
    pub(crate) fn errors_of(&self, request: &Request) -> Vec<&'a ErrorKind> {
        let codes = request.errors.iter();
        codes
            .filter_map(|code| self.errors.get(code).copied())
            .collect()
    }

    /// Whether a document defines or uses a deprecated type.
    pub(crate) fn has_deprecated_types(&self, document: &Document<'_>) -> bool {
        let is_deprecated = |name| self.get(name).is_some_and(|def| def.deprecated);
        let params = document.operation.into_iter();
        let mut params = params.flat_map(|operation| &operation.params);
        let mut types = document.types.iter();
        params.any(|param| is_deprecated(&param.ty))
            || types.any(|def| def.deprecated || def.uses().any(is_deprecated))
    }

    /// Whether the type is the type of a subject parameter.
    pub(crate) fn is_token(&self, def: &TypeDef) -> bool {
        self.tokens.contains(&def.name)
    }

    /// The parameters that a request handler gets: all except the parameter that names the server's own instance.
    pub(crate) fn handler_params<'o>(&self, operation: &'o Operation) -> Vec<&'o Param> {
        let role = self
            .protocol
            .roles
            .iter()
            .find(|role| role.name == operation.to);
        let instance = role.and_then(|role| role.instance.as_ref());
        let params = operation.params.iter();
        params
            .filter(|param| Some(&param.name) != instance)
            .collect()
    }
}

impl<'a> Peer<'a> {
    /// Whether the role serves requests.
    pub(crate) fn has_service(&self) -> bool {
        self.requests().next().is_some()
    }

    /// Whether the role receives events.
    pub(crate) fn has_subscriber(&self) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|operation| operation.as_request().is_none())
    }

    /// The requests that go to the role.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&'a Operation, &'a Request)> {
        let operations = self.operations.iter().copied();
        operations.filter_map(|operation| Some((operation, operation.as_request()?)))
    }

    /// The parameter that identifies instances of the role, if a request has it.
    pub(crate) fn instance(&self) -> Option<&'a Param> {
        let name = self.role.instance.as_ref()?;
        let mut params = self.requests().flat_map(|(operation, _)| &operation.params);
        params.find(|param| param.name == *name)
    }
}

impl Operation {
    /// The request part, if the operation is a request.
    pub(crate) fn as_request(&self) -> Option<&Request> {
        match &self.kind {
            Kind::Request(request) => Some(request),
            Kind::Publish(_) => None,
        }
    }

    /// The name of the message type that a caller sends.
    pub(crate) fn message(&self) -> &Name {
        match &self.kind {
            Kind::Request(request) => &request.request,
            Kind::Publish(message) => message,
        }
    }
}

fn documents(protocol: &Protocol) -> BTreeMap<&str, Document<'_>> {
    let mut documents: BTreeMap<&str, Document<'_>> = BTreeMap::new();
    for operation in &protocol.operations {
        let file = operation.source.file.as_str();
        let document = documents.entry(file.trim_end_matches(".json")).or_default();
        document.file = file;
        document.operation = Some(operation);
    }
    for def in &protocol.types {
        let document = documents.entry(&def.module).or_default();
        document.file = &def.source.file;
        document.types.push(def);
    }
    documents
}

fn peers(protocol: &Protocol) -> Vec<Peer<'_>> {
    let subjects = Subjects::of(protocol);
    let mut operations: HashMap<&Name, Vec<&Operation>> = HashMap::new();
    for operation in &protocol.operations {
        operations.entry(&operation.to).or_default().push(operation);
    }
    let peers = protocol.roles.iter().filter_map(|role| {
        let operations = operations.remove(&role.name)?;
        let requests = operations.iter().copied();
        let requests = requests.filter(|operation| operation.as_request().is_some());
        Some(Peer {
            role,
            subscriptions: subscription::subscriptions(&subjects, requests),
            operations,
        })
    });
    peers.collect()
}
