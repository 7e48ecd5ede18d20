//! Checks names for Python: keywords, and names that generated code uses itself.

use std::collections::HashMap;

use super::{module, reserved};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Shape, Source, TypeDef};
use crate::plan::{self, Plan};
use crate::read::escape;

const RENAME: &str = "choose another name; natsgen never renames automatically";
const TITLE: &str = "give the field another name with `title`; the key does not change";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    for error in &protocol.errors {
        let is_keyword = reserved::KEYWORDS
            .binary_search(&&*error.code.snake())
            .is_ok();
        if is_keyword {
            let message = format!("the error name `{}` is a keyword of Python", error.code);
            out.report(Code::ReservedName, error.source.clone(), message, RENAME);
        }
        check_taken(
            "error",
            &error.code,
            reserved::ERRORS,
            &error.source,
            RENAME,
            out,
        );
    }
    for operation in &protocol.operations {
        for names in [reserved::OPERATIONS, reserved::NAMES] {
            check_taken(
                "operation",
                &operation.name,
                names,
                &operation.source,
                RENAME,
                out,
            );
        }
        check_params(operation, out);
    }
    for def in &protocol.types {
        check_type(def, out);
        check_fields(def, out);
    }
    check_defined(plan, out);
}

fn check_params(operation: &Operation, out: &mut Diagnostics) {
    for param in &operation.params {
        let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
        let file = operation.source.file.clone();
        let source = Source { file, pointer };
        for names in [reserved::PARAMS, reserved::NAMES] {
            check_taken("parameter", &param.name, names, &source, RENAME, out);
        }
    }
}

/// Reports a name that generated code uses itself.
fn check_taken(
    what: &str,
    name: &Name,
    names: &[&str],
    source: &Source,
    help: &str,
    out: &mut Diagnostics,
) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is used by generated Python");
        out.report(Code::ReservedName, source.clone(), message, help);
    }
}

fn check_type(def: &TypeDef, out: &mut Diagnostics) {
    let name = def.name.pascal();
    if reserved::TYPES.contains(&&*name) {
        let message = format!("the type name `{name}` is a keyword of Python");
        out.report(Code::ReservedName, def.source.clone(), message, RENAME);
    }
}

fn check_fields(def: &TypeDef, out: &mut Diagnostics) {
    let Shape::Struct(shape) = &def.shape else {
        return;
    };
    for field in &shape.fields {
        check_taken(
            "field",
            &field.name,
            reserved::NAMES,
            &field.source,
            TITLE,
            out,
        );
    }
}

/// Reports types and variants with the name of another item that only Python has: classes of variants, constants of
/// operations, subscribers.
fn check_defined(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for operation in &plan.protocol.operations {
        for name in module::companions_of(plan, operation) {
            taken.insert(
                name,
                format!("an item of the operation `{}`", operation.name),
            );
        }
    }
    for peer in &plan.peers {
        let subscriber = module::subscriber(peer).pascal();
        let role = &peer.role.name;
        taken.insert(subscriber, format!("the subscriber of the role `{role}`"));
    }
    for def in &plan.protocol.types {
        let meaning = format!("the class of a variant of `{}`", def.name.pascal());
        for name in module::variant_classes(def) {
            let other = taken.insert(name.clone(), meaning.clone());
            // Two types with the same name are reported already.
            if let Some(other) = other.filter(|other| *other != meaning) {
                report_defined(&name, &other, def, out);
            }
        }
    }
    for def in &plan.protocol.types {
        let name = def.name.pascal();
        if let Some(other) = taken.get(&name)
            && !is_neutral(plan, &name)
        {
            report_defined(&name, other, def, out);
        }
    }
}

/// Whether every output has an item of this name, so that the neutral checks report a type with the name.
fn is_neutral(plan: &Plan<'_>, name: &str) -> bool {
    let mut operations = plan.protocol.operations.iter();
    operations.any(|operation| {
        let names = [plan::fault(operation), plan::params(operation)];
        names.iter().any(|taken| taken.pascal() == name)
    })
}

fn report_defined(name: &str, other: &str, def: &TypeDef, out: &mut Diagnostics) {
    let message = format!(
        "generated Python also gives the name {} to {other}",
        quoted(name)
    );
    out.report(Code::ReservedName, def.source.clone(), message, RENAME);
}
