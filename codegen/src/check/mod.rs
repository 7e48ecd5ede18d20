//! Rules over the model. Each looks at all of it and notes whatever breaks it; what could not be lowered was noted
//! before, so that a rule says nothing about what it does not find.

mod assertion;
mod catalogue;
mod default;
mod example;
mod field;
mod lint;
mod names;
mod ordering;
mod overlap;
mod params;
mod recursion;
mod reply;
mod role;

use std::collections::HashMap;

use crate::diagnostic::Diagnostics;
use crate::lower::Lowered;
use crate::model::{Kind, Name, Operation, Protocol, Request, Shape, Source, TypeDef, Value};

/// Judges a protocol by every rule.
pub(crate) fn check(lowered: &Lowered, out: &mut Diagnostics) {
    let index = Index::new(&lowered.protocol);
    catalogue::check(&index, out);
    names::check(&index, out);
    field::check(&index, out);
    role::check(&index, out);
    overlap::check(&index, out);
    params::check(&index, out);
    ordering::check(&index, out);
    reply::check(&index, out);
    recursion::check(&index, out);
    default::check(&index, out);
    assertion::check(&index, out);
    example::check(&lowered.examples, out);
    lint::check(&index, out);
}

/// A protocol with its types by name.
struct Index<'a> {
    protocol: &'a Protocol,
    types: HashMap<&'a Name, &'a TypeDef>,
}

impl<'a> Index<'a> {
    fn new(protocol: &'a Protocol) -> Self {
        let mut types = HashMap::new();
        let mut repeated = Vec::new();
        for ty in &protocol.types {
            if types.insert(&ty.name, ty).is_some() {
                repeated.push(&ty.name);
            }
        }
        // Nobody can tell which of them is meant; that there are two is noted where names are judged.
        for name in repeated {
            types.remove(name);
        }
        Self { protocol, types }
    }

    /// The type of this name.
    fn get(&self, name: &Name) -> Option<&'a TypeDef> {
        self.types.get(name).copied()
    }

    /// The type that a name stands for in the end: that of another name where it is only a reference to it.
    fn resolve(&self, name: &Name) -> Option<&'a TypeDef> {
        let mut ty = self.get(name)?;
        // A ring of references ends here, too: recursion is judged elsewhere.
        for _ in 0..self.types.len() {
            match &ty.shape {
                Shape::Alias(Value::Named(next)) => ty = self.get(next)?,
                _ => return Some(ty),
            }
        }
        None
    }
}

/// What an operation has as a request; `None` for publications.
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
