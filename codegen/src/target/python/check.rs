//! Checks names for Python: keywords, and names that generated code uses itself.

use std::collections::HashMap;

use super::{module, reserved};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Shape, Source, TypeDef};
use crate::plan::Plan;
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

/// Reports types with a name that generated Python defines twice: names of variants, constants of operations.
fn check_defined(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for modules in module::folders(plan).into_values() {
        for name in modules.into_values().flatten() {
            *counts.entry(name).or_default() += 1;
        }
    }
    for def in &plan.protocol.types {
        let mut names = module::type_names(def).into_iter();
        if let Some(name) = names.find(|name| counts.get(name).is_some_and(|count| *count > 1)) {
            let message = format!("generated Python defines {} twice", quoted(&name));
            out.report(Code::ReservedName, def.source.clone(), message, RENAME);
        }
    }
}
