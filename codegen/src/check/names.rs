//! Names of operations, roles and types: each name is unique.

use std::collections::{HashMap, HashSet};

use super::{Index, at};
use crate::diagnostic::text::{listed, quoted};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Kind, Name, Operation, Protocol, Source};
use crate::plan;
use crate::read::escape;

/// Folders of the schema directory that do not belong to a role.
const FOLDERS: [&str; 2] = ["meta", "types"];

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let protocol = index.protocol;
    for role in &protocol.roles {
        if FOLDERS.contains(&&*role.name.snake()) {
            let source = Source {
                file: "manifest.json".to_owned(),
                pointer: format!("/roles{}", escape(&role.name.snake())),
            };
            let message = format!(
                "the role name `{0}` is taken: `{0}/` is no folder of a role",
                role.name
            );
            out.report(Code::ReservedName, source, message, "choose another name");
        }
    }
    let repeated = operations(protocol, out);
    types(protocol, &repeated, out);
}

/// Reports operations with the same name; returns the documents that repeat a name.
fn operations<'a>(protocol: &'a Protocol, out: &mut Diagnostics) -> HashSet<&'a str> {
    let mut first: HashMap<String, &Operation> = HashMap::new();
    let mut repeated = HashSet::new();
    for operation in &protocol.operations {
        let name = operation.name.pascal();
        match first.get(&name) {
            Some(other) => {
                let message = format!(
                    "duplicate operation name `{}`; the other operation is in `{}`",
                    other.name, other.source.file
                );
                let help = "rename one of the files; operation names are unique in the protocol";
                out.report(Code::DuplicateName, at(operation, ""), message, help);
                repeated.insert(&*operation.source.file);
            }
            None => drop(first.insert(name, operation)),
        }
    }
    repeated
}

/// Reports types with the same name, or with the name of an item that an output adds to the types.
fn types(protocol: &Protocol, repeated: &HashSet<&str>, out: &mut Diagnostics) {
    let mut taken = companions(protocol);
    let types = protocol.types.iter();
    for ty in types.filter(|ty| !repeated.contains(&*ty.source.file)) {
        let name = ty.name.pascal();
        if let Some(meaning) = taken.get(&name) {
            let message = format!("duplicate type name {}: {meaning}", quoted(&name));
            let help = "rename one of the two; type names are unique in the protocol";
            out.report(Code::DuplicateName, ty.source.clone(), message, help);
        } else {
            let Source { file, pointer } = &ty.source;
            taken.insert(name, format!("another type is at `{file}#{pointer}`"));
        }
    }
}

/// The names of the items that outputs add to the types, with their descriptions.
fn companions(protocol: &Protocol) -> HashMap<String, String> {
    let mut taken = HashMap::new();
    let mut take = |name: Name, what: &str, of: &Name| {
        let meaning = format!("it is the name of the {what} of `{of}`");
        taken.insert(name.pascal(), meaning);
    };
    for operation in &protocol.operations {
        let of = &operation.name;
        take(plan::params(operation), "parameters", of);
        match operation.kind {
            Kind::Request(_) => take(plan::fault(operation), "errors", of),
            Kind::Publish(_) => take(plan::filter(operation), "subscription filter", of),
        }
    }
    for role in &protocol.roles {
        take(plan::client(role), "client", &role.name);
        take(plan::service(role), "service", &role.name);
        take(plan::server(role), "server", &role.name);
    }
    taken
}

/// The duplicate names of a list, as text.
pub(super) fn repeated<'a>(names: impl Iterator<Item = &'a Name>) -> Option<String> {
    let mut seen = HashSet::new();
    let repeated: Vec<String> = names
        .map(Name::pascal)
        .filter(|name| !seen.insert(name.clone()))
        .collect();
    (!repeated.is_empty()).then(|| listed(&repeated))
}
