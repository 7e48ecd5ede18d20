//! Checks names for TypeScript: names that generated code uses itself, and names that no identifier can be.

use super::reserved;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Source};
use crate::plan::Plan;
use crate::read::escape;

const RENAME: &str = "choose another name";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    for error in &protocol.errors {
        check_taken("error", &error.code, reserved::ERRORS, &error.source, out);
    }
    for operation in &protocol.operations {
        check_taken(
            "operation",
            &operation.name,
            reserved::OPERATIONS,
            &operation.source,
            out,
        );
        for param in &operation.params {
            let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
            let source = Source {
                file: operation.source.file.clone(),
                pointer,
            };
            check_taken("parameter", &param.name, reserved::PARAMS, &source, out);
            let roles = &protocol.roles;
            if roles.iter().any(|role| {
                role.name == operation.to && role.instance.as_ref() == Some(&param.name)
            }) {
                check_taken("parameter", &param.name, reserved::INSTANCES, &source, out);
            }
        }
    }
}

/// Reports a name that generated code uses itself, or that is a keyword.
fn check_taken(what: &str, name: &Name, names: &[&str], source: &Source, out: &mut Diagnostics) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is reserved in TypeScript");
        out.report(Code::ReservedName, source.clone(), message, RENAME);
    }
}
