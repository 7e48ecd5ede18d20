//! Names of operations and roles: each name is unique.

use std::collections::HashMap;

use super::{Index, at};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Operation, Protocol, Source};
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
    operations(protocol, out);
}

/// Reports operations with the same name.
fn operations(protocol: &Protocol, out: &mut Diagnostics) {
    let mut first: HashMap<String, &Operation> = HashMap::new();
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
            }
            None => drop(first.insert(name, operation)),
        }
    }
}
