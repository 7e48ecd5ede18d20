//! Checks names for TypeScript: names that generated code uses itself, and names that no identifier can be.

use std::collections::HashMap;

use super::{literal, names, reserved};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Source, TypeDef, Union};
use crate::plan::Plan;
use crate::read::escape;

const RENAME: &str = "choose another name; natsgen never renames automatically";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    let types: HashMap<String, &TypeDef> = protocol
        .types
        .iter()
        .map(|def| (def.name.pascal(), def))
        .collect();
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
        if let Some(def) = types.get(&names::operation(operation)) {
            let message = format!(
                "the type name {} is also the constant of the operation `{}` in TypeScript",
                quoted(&def.name.pascal()),
                operation.name
            );
            out.report(Code::ReservedName, def.source.clone(), message, RENAME);
        }
    }
    for def in &protocol.types {
        check_keys(def, out);
    }
}

/// Reports a name that generated code uses itself, or that is a keyword.
fn check_taken(what: &str, name: &Name, names: &[&str], source: &Source, out: &mut Diagnostics) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is reserved in TypeScript");
        out.report(Code::ReservedName, source.clone(), message, RENAME);
    }
}

/// Reports keys that a literal cannot have.
fn check_keys(def: &TypeDef, out: &mut Diagnostics) {
    let message = format!(
        "the key `{}` sets the prototype of an object in TypeScript",
        literal::PROTOTYPE
    );
    let help = "choose another key";
    match &def.shape {
        Shape::Struct(shape) => {
            for field in shape
                .fields
                .iter()
                .filter(|field| field.key == literal::PROTOTYPE)
            {
                out.report(
                    Code::ReservedName,
                    field.source.clone(),
                    message.clone(),
                    help,
                );
            }
        }
        Shape::Union(Union { variants, .. }) => {
            for variant in variants
                .iter()
                .filter(|variant| variant.tag == literal::PROTOTYPE)
            {
                out.report(
                    Code::ReservedName,
                    variant.source.clone(),
                    message.clone(),
                    help,
                );
            }
        }
        Shape::Text(_)
        | Shape::Integer(_)
        | Shape::Number(_)
        | Shape::Enum(_)
        | Shape::Alias(_) => {}
    }
}
