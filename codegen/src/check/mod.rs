//! Checks of the model. Each check covers the whole model and reports all errors. Lowering has reported the parts that
//! it could not lower, so checks do not report missing parts.

#[cfg(test)]
mod agreement;
mod assertion;
mod catalogue;
mod decode;
mod default;
mod error_form;
mod example;
mod field;
mod http;
mod lint;
mod names;
mod ordering;
mod overlap;
mod params;
#[cfg(test)]
mod random;
mod recursion;
mod reply;
mod role;
#[cfg(test)]
mod soundness;
mod token;

use crate::diagnostic::Diagnostics;
use crate::lower::Lowered;
use crate::model::{Kind, Name, Operation, Protocol, Request, Source, TypeDef, TypeIndex};

/// Runs all checks, and removes invalid examples and defaults from the model.
pub(crate) fn check(lowered: &mut Lowered, out: &mut Diagnostics) {
    check_all(lowered, out);
    example::remove_invalid(&mut lowered.protocol, out);
}

fn check_all(lowered: &Lowered, out: &mut Diagnostics) {
    let index = Index::new(&lowered.protocol);
    catalogue::check(&index, out);
    error_form::check(&index, out);
    names::check(&index, out);
    field::check(&index, out);
    role::check(&index, out);
    overlap::check(&index, out);
    params::check(&index, out);
    ordering::check(&index, out);
    http::check(&index, out);
    reply::check(&index, out);
    recursion::check(&index, out);
    default::check(&index, out);
    assertion::check(&index, out);
    example::check(&lowered.examples, out);
    decode::check(&index, out);
    lint::check(&index, out);
}

/// A protocol with its types by name.
struct Index<'a> {
    protocol: &'a Protocol,
    types: TypeIndex<'a>,
}

impl<'a> Index<'a> {
    fn new(protocol: &'a Protocol) -> Self {
        let types = TypeIndex::new(&protocol.types);
        Self { protocol, types }
    }

    /// The type of this name.
    fn get(&self, name: &Name) -> Option<&'a TypeDef> {
        self.types.get(name)
    }

    /// The type that a name resolves to, through all aliases.
    fn resolve(&self, name: &Name) -> Option<&'a TypeDef> {
        self.types.resolve(name)
    }
}

/// The request part of an operation; publications have no request part.
fn request(operation: &Operation) -> Option<&Request> {
    match &operation.kind {
        Kind::Request(request) => Some(request),
        Kind::Publish(_) => None,
    }
}

/// A place below an operation's document.
fn at(operation: &Operation, pointer: &str) -> Source {
    Source {
        file: operation.source.file.clone(),
        pointer: pointer.to_owned(),
    }
}
