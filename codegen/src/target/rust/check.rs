//! Checks names for Rust: names that generated code uses itself.

use super::reserved;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Source};
use crate::plan::Plan;
use crate::read::escape;

const RENAME: &str = "choose another name";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    for role in &protocol.roles {
        let pointer = format!("/roles{}", escape(&role.name.snake()));
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer,
        };
        check_taken("role", &role.name, reserved::ROLES, source, out);
    }
    for error in &protocol.errors {
        check_taken(
            "error",
            &error.code,
            reserved::ERRORS,
            error.source.clone(),
            out,
        );
        check_variant(&error.code, &error.code.snake(), error.source.clone(), out);
    }
    for operation in &protocol.operations {
        let source = operation.source.clone();
        check_taken(
            "operation",
            &operation.name,
            reserved::OPERATIONS,
            source,
            out,
        );
        check_params(operation, out);
    }
}

fn check_params(operation: &Operation, out: &mut Diagnostics) {
    for param in &operation.params {
        let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
        let source = Source {
            file: operation.source.file.clone(),
            pointer,
        };
        check_taken("parameter", &param.name, reserved::PARAMS, source, out);
    }
}

/// Reports a name that generated code uses itself.
fn check_taken(what: &str, name: &Name, names: &[&str], source: Source, out: &mut Diagnostics) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is used by generated Rust");
        out.report(Code::ReservedName, source, message, RENAME);
    }
}

/// Reports a variant that would be called `Self`.
fn check_variant(name: &Name, wire: &str, source: Source, out: &mut Diagnostics) {
    if name.pascal() == "Self" {
        let message = format!("{} gives the name `Self`, a keyword of Rust", quoted(wire));
        out.report(Code::ReservedName, source, message, "choose another text");
    }
}
